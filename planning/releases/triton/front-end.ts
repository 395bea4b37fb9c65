import { openaiFrontEnd, type TritonImageKind } from "../../../catalog/triton-images";
import type { TritonSettings } from "../../../environment";
import type { Finding } from "../../findings";
import { isLanguageBackend } from "./backends";
import type { Invalid } from "./check-release";
import { imageKind } from "./image";

/** OpenAI's API is a program of its own in front of the server's library, with few of the server's options. */
export function frontEndFindings(settings: TritonSettings, invalid: Invalid): readonly Finding[] {
  const { openai, models, responseCache, rateLimit, image } = settings;
  if (openai === undefined) return [];
  const all = Object.entries(models);
  const language = all.filter(([, model]) => isLanguageBackend(model) || model.backend === "tensorrtllm");
  const unstreamed = all.filter(([, model]) => "decoupled" in model && !model.decoupled && model.backend === "llmapi");
  const kind = imageKind(settings);
  const inImage: readonly (TritonImageKind | null)[] = openaiFrontEnd.images;
  return [
    ...(language.length === 0
      ? [
          invalid(
            ["openai"],
            "OpenAI's API is for language models, and the release has none (vllm, llmapi, tensorrtllm)",
            "Leave `openai` out: KServe's API serves every model.",
          ),
        ]
      : []),
    ...unstreamed.map(([name]) =>
      invalid(
        ["models", name, "decoupled"],
        "OpenAI's API streams answers, and the model does not",
        "Write `decoupled: true`.",
      ),
    ),
    ...(image === undefined && !inImage.includes(kind)
      ? [
          invalid(
            ["openai"],
            `the published image for ${kind === null ? "these models" : kind} has no OpenAI front end: its guide adds it by hand`,
            "Name an image of your own that has it, as `image`, or leave `openai` out.",
          ),
        ]
      : []),
    ...(openai.tokenizer === undefined && !all.some(([, model]) => isLanguageBackend(model))
      ? [
          invalid(
            ["openai"],
            "OpenAI's API needs the tokenizer with its chat template, and no weights of a model are known to have one",
            "Write `tokenizer`, its directory in the repository.",
          ),
        ]
      : []),
    ...unpinnedTokenizer(settings, invalid),
    ...[
      ...(openai.tokenizer === undefined ? [] : ["tokenizer"]),
      ...(openai.chatTemplate === undefined ? [] : ["chatTemplate"]),
    ]
      .filter(() => settings.repository === undefined)
      .map((setting) =>
        invalid(
          ["openai", setting],
          `${setting} is in the repository, and there is none`,
          "Say where it is, as `repository`.",
        ),
      ),
    ...(responseCache === undefined
      ? []
      : [
          invalid(
            ["responseCache"],
            "the OpenAI front end has no option for a response cache",
            "Leave one of them out.",
          ),
        ]),
    ...(rateLimit === undefined
      ? []
      : [invalid(["rateLimit"], "the OpenAI front end has no option for rate limits", "Leave one of them out.")]),
  ];
}

/** The front end takes a tokenizer by its name alone: from the hub it would be whatever is newest. */
function unpinnedTokenizer({ openai, models }: TritonSettings, invalid: Invalid): readonly Finding[] {
  if (openai === undefined || openai.tokenizer !== undefined) return [];
  return Object.entries(models).flatMap(([name, model]) =>
    isLanguageBackend(model) && model.weights.from === "hub" && model.weights.cache === undefined
      ? [
          invalid(
            ["openai"],
            `the tokenizer of ${name} would come from the hub at whatever commit is newest: the front end takes no revision`,
            "Write `tokenizer`, its directory in the repository, or keep the weights in a volume (`cache` under `weights`).",
          ),
        ]
      : [],
  );
}
