import { vllmWords } from "../../catalog/engine-flags";
import type { ResolvedModel } from "../../catalog/model-names";
import type { Model } from "../../catalog/models";
import { suggestion } from "../../catalog/suggest";
import type { Path, VllmSettings } from "../../environment";
import { errorAt, type Finding } from "../findings";
import { publishedFormat } from "../layout";
import type { ReleaseLoad } from "../load";
import type { Flow } from "../plan";
import { argumentFindings } from "./arguments/check";
import { bucketFindings } from "./vllm-buckets";

/** What settings of a vLLM release are checked against, beside its layout. */
export interface FeatureQuestion {
  readonly release: string;
  readonly version: string;
  readonly settings: VllmSettings;
  readonly model: ResolvedModel;
  /** The smaller model of the method `draft-model`; undefined where it is not known. */
  readonly smaller: Model | undefined;
  readonly load: ReleaseLoad | null;
  readonly at: Path;
}

/** Everything in a release's settings that the engine would refuse, or that does nothing, whatever its layout. */
export function featureFindings(question: FeatureQuestion): readonly Finding[] {
  const { version, settings, at } = question;
  return [
    ...adapters(question),
    ...draft(question),
    ...words(question),
    ...media(question),
    ...cacheType(question),
    ...load(question),
    ...bucketFindings(version, question.load),
    ...argumentFindings(version, settings.extraArgs, [...at, "extraArgs"]),
  ];
}

function adapters({ release, settings, at }: FeatureQuestion): readonly Finding[] {
  if (!Object.hasOwn(settings.lora?.adapters ?? {}, release)) return [];
  const message = `the adapter ${release} has the name by which requests ask for the model itself`;
  return [errorAt([...at, "lora", "adapters", release], "adapter-name-taken", message, "Choose another name.")];
}

/** vLLM compares the sizes of the vocabularies when it starts: vllm/config/speculative.py (0.31.0). */
function draft({ settings, model: { model }, smaller, at }: FeatureQuestion): readonly Finding[] {
  if (settings.draft?.method !== "draft-model") return [];
  const where = [...at, "draft", "model"];
  const name = settings.draft.model;
  if (smaller === undefined) {
    const message = `${name} is known neither to the catalogue nor to \`models\`, so that its memory and vocabulary are not`;
    return [errorAt(where, "draft-unknown", message, `Describe it: \`models: { ${name}: { config: … } }\`.`)];
  }
  if (smaller.vocabularySize === model.vocabularySize) return [];
  const message = `${name} has a vocabulary of ${smaller.vocabularySize} and ${model.id} one of ${model.vocabularySize}: what the draft guesses are no words of the model`;
  return [errorAt(where, "draft-vocabulary", message, "Choose a smaller model of the same family.")];
}

/** Parsers come and go between versions; the schema knows those of all versions that may be named. */
function words({ version, settings, at }: FeatureQuestion): readonly Finding[] {
  const settingsWithWords = [
    ["toolCallParser", settings.toolCallParser, "toolParsers"],
    ["reasoningParser", settings.reasoningParser, "reasoningParsers"],
  ] as const;
  return settingsWithWords.flatMap(([setting, word, kind]) => {
    const known = vllmWords(version, kind);
    if (word === undefined || known === undefined || known.includes(word)) return [];
    const message = `vLLM ${version} has no parser ${word}`;
    return [errorAt([...at, setting], "setting-not-in-version", message, suggestion(word, known))];
  });
}

function media({ settings, model: { model }, at }: FeatureQuestion): readonly Finding[] {
  if (settings.media === undefined || model.towerParameters > 0) return [];
  const message = `${model.id} takes nothing but text`;
  return [
    errorAt([...at, "media"], "setting-without-effect", message, "Remove `media`, or choose a multimodal model."),
  ];
}

/** vllm/model_executor/layers/attention/attention.py (0.31.0): checkpoints in FP8 have scales for the other kind. */
function cacheType({ settings, model, at }: FeatureQuestion): readonly Finding[] {
  if (settings.kvCache !== "fp8_e5m2" || publishedFormat(model) !== "fp8") return [];
  const message = `vLLM has no KV cache in fp8_e5m2 for weights that are published in FP8, as ${settings.model} is`;
  return [errorAt([...at, "kvCache"], "layout-impossible", message, "Write `kvCache: fp8`.")];
}

/** What routes count on and the settings turn off. */
function load({ settings, load: asked, at }: FeatureQuestion): readonly Finding[] {
  if (asked === null) return [];
  const routes = asked.routes.join(", ");
  const found: Finding[] = [];
  if (!settings.prefixCaching && asked.prefixHit > 0) {
    const message = `the routes ${routes} count on ${Math.round(asked.prefixHit * 100)} % of their prompts in the prefix cache, which is off`;
    found.push(errorAt([...at, "prefixCaching"], "prefix-cache-off", message, "Turn it on, or write `prefixHit: 0%`."));
  }
  if (settings.task !== "generate" && asked.outputTokens > 0) {
    const message = `the routes ${routes} expect answers of ${Math.round(asked.outputTokens)} tokens, and \`task: ${settings.task}\` writes none`;
    found.push(errorAt([...at, "task"], "setting-without-effect", message, "Write `outputTokens: 0` in their load."));
  }
  return found;
}

/** Where the pod fetches what settings name: adapters of the hub, media of requests. */
export function featureFlows({ lora, media: taken }: VllmSettings): readonly Flow[] {
  const adapters = Object.values(lora?.adapters ?? {}).some(({ from }) => from === "hub");
  const domains = taken?.domains ?? [];
  return [
    ...(adapters ? [internet("adapters are downloaded from the Hugging Face hub")] : []),
    ...(domains.length > 0 ? [internet(`media of requests are fetched from ${domains.join(", ")}`)] : []),
  ];
}

function internet(reason: string): Flow {
  return { direction: "egress", to: "internet", port: 443, reason };
}
