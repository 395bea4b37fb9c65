import type { Model } from "../../catalog/models";
import type { VllmSettings } from "../../environment";
import { modelBeside } from "../weights";
import { flag, listFlag } from "./vllm-flag";

/**
 * A name that no resolver knows (RFC 6761). vLLM takes an empty list of hosts for all hosts, so that one which is
 * nobody's has to stand there to allow none: vllm/multimodal/media/connector.py (0.31.0).
 */
export const nobodysHost = "none.invalid";

/** What the model is asked for, where that is not text. */
export function taskArgs({ task }: VllmSettings): readonly string[] {
  if (task === "generate") return [];
  return [...flag("runner", "pooling"), ...flag("convert", task === "embed" ? "embed" : "classify")];
}

/** Keys are those of vllm/config/speculative.py (0.31.0). */
export function draftArgs({ draft, weights }: VllmSettings): readonly string[] {
  if (draft === undefined) return [];
  const common = { method: draft.method === "draft-model" ? "draft_model" : draft.method };
  const tokens = { num_speculative_tokens: draft.tokens };
  return flag("speculative-config", JSON.stringify({ ...common, ...drafting(draft, weights), ...tokens }));
}

function drafting(draft: NonNullable<VllmSettings["draft"]>, weights: VllmSettings["weights"]) {
  if (draft.method === "mtp") return {};
  if (draft.method === "ngram") return { prompt_lookup_max: draft.longest, prompt_lookup_min: draft.shortest };
  const { model, revision } = draft;
  const inside = draft.method === "draft-model" && weights.from !== "hub" ? draft.path : undefined;
  return modelBeside(weights, { model: inside ?? model, revision });
}

/** Models without encoders of images or sound take nothing but text. */
export function mediaArgs({ media }: VllmSettings, model: Model): readonly string[] {
  if (model.towerParameters === 0) return [];
  const { images: image, videos: video, audios: audio, domains } = { ...usualMedia, ...media };
  return [
    ...flag("limit-mm-per-prompt", JSON.stringify({ image, video, audio })),
    ...listFlag("allowed-media-domains", domains.length === 0 ? [nobodysHost] : domains),
  ];
}

/** What one request may hold where nobody wrote otherwise; vLLM's own limit is 999 of each. */
const usualMedia = { images: 4, videos: 0, audios: 0, domains: [] };

/** How answers are written and read. */
export function answerArgs({ structuredOutputs, toolCallParser, reasoningParser }: VllmSettings): readonly string[] {
  return [
    ...(structuredOutputs === "auto"
      ? []
      : flag("structured-outputs-config", JSON.stringify({ backend: structuredOutputs }))),
    ...(toolCallParser === undefined ? [] : ["--enable-auto-tool-choice", ...flag("tool-call-parser", toolCallParser)]),
    ...(reasoningParser === undefined ? [] : flag("reasoning-parser", reasoningParser)),
  ];
}
