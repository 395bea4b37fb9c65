import { oneOf, readSource, type Source } from "./fact";
import table from "./data/models.json";

const kinds = ["decoder", "encoder", "cross-encoder"] as const;
const dtypes = ["bfloat16", "float16", "float32", "float8_e4m3", "mxfp4"] as const;
const gates = ["yes", "no", "sometimes", "unknown"] as const;

/** A decoder generates text; an encoder makes vectors; a cross-encoder scores pairs of texts. */
export type ModelKind = (typeof kinds)[number];

/**
 * How the published weights are stored: `float8_e4m3` is in blocks of 128 × 128, `mxfp4` is for the experts only
 * and the rest is bfloat16.
 */
export type NativeDtype = (typeof dtypes)[number];

/** A model as it is published, with the shape that decides its memory and speed. */
export interface Model {
  /** Name on the Hugging Face hub. */
  readonly id: string;
  readonly kind: ModelKind;
  /** Number of parameters, not billions. All of them are resident. See `parametersSource`. */
  readonly totalParameters: number;
  /** Parameters that one token passes through; the same as `totalParameters` without experts. */
  readonly activeParameters: number;
  /** Number of layers by their kind of attention. Their sum is the depth of the model. */
  readonly layers: {
    readonly full: number;
    /** Layers that see `slidingWindow` tokens back. */
    readonly sliding: number;
    /** Layers with linear attention, which keep a state of fixed size per sequence. */
    readonly linear: number;
  };
  /** Tokens; null without sliding layers. */
  readonly slidingWindow: number | null;
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** KV heads of the full-attention layers, where they differ from `kvHeads` and `headDim`; else null. */
  readonly globalAttention: { readonly kvHeads: number; readonly headDim: number } | null;
  /** Width of the feed-forward layers without experts; of an expert, where there are no such layers. */
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  /** Whether the output layer shares its weights with the embedding, which then count once. */
  readonly tiedEmbeddings: boolean;
  readonly mla: MultiHeadLatentAttention | null;
  readonly moe: MixtureOfExperts | null;
  /** Tokens that the published configuration allows. */
  readonly maxContext: number;
  readonly nativeDtype: NativeDtype;
  /** See `termsSource`. */
  readonly licence: string;
  /** Whether the hub asks for a token of somebody who accepted the terms. See `termsSource`. */
  readonly gated: (typeof gates)[number];
  /** Where the shape comes from. */
  readonly source: Source;
  readonly remark: string | null;
}

/** DeepSeek's attention: the cache holds one compressed vector and one rotary key per token and layer. */
export interface MultiHeadLatentAttention {
  readonly queryLoraRank: number;
  readonly kvLoraRank: number;
  readonly nopeHeadDim: number;
  readonly ropeHeadDim: number;
  readonly valueHeadDim: number;
}

export interface MixtureOfExperts {
  /** Routed experts of one layer. */
  readonly experts: number;
  readonly expertsPerToken: number;
  /** Experts that every token passes through, beside the routed ones. */
  readonly sharedExperts: number;
  readonly expertIntermediateSize: number;
  /** So many layers at the bottom have no experts. */
  readonly firstDenseLayers: number;
  /** 1: each layer above those has experts; 2: every second one. */
  readonly everyNthLayer: number;
}

/** Where the numbers of parameters come from; a test compares those of dense models with their shape. */
export const parametersSource: Source = { source: "model cards", date: "2026-11-21", standing: "recalled" };

/** Where licence and gating come from. */
export const termsSource: Source = { source: "model cards", date: "2026-11-21", standing: "recalled" };

/** Every model of the catalogue. */
export const models: readonly Model[] = table.models.map((row) => ({
  ...row,
  kind: oneOf(kinds, row.kind, "kind"),
  nativeDtype: oneOf(dtypes, row.nativeDtype, "nativeDtype"),
  gated: oneOf(gates, row.gated, "gated"),
  source: readSource(row.source),
}));

/** The names that environment files use. */
export const modelIds: readonly string[] = models.map((model) => model.id);

const byId = new Map(models.map((model) => [model.id, model]));

/** The model with this id; undefined when the catalogue has none. */
export function findModel(id: string): Model | undefined {
  return byId.get(id);
}
