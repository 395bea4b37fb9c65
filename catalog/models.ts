import type { Source } from "./fact";
import { type gates, type modelKinds, modelRows, type nativeDtypes, readModel } from "./model-table";

/** A decoder generates text; an encoder makes vectors; a cross-encoder scores pairs of texts. */
export type ModelKind = (typeof modelKinds)[number];

/**
 * How the published weights are stored: `float8_e4m3` is in blocks of 128 × 128; `mxfp4` and `int4` (groups of 32)
 * are for the experts only and the rest is bfloat16.
 */
export type NativeDtype = (typeof nativeDtypes)[number];

/** Number of layers by their kind of attention. Their sum is the depth of the model. */
export interface LayerCounts {
  readonly full: number;
  /** Layers that see only tokens nearby: see `localAttention`. */
  readonly sliding: number;
  /** Layers with linear attention, which keep a state of fixed size per sequence: see `linearAttention`. */
  readonly linear: number;
}

/** A model as it is published, with the shape that decides its memory and speed. */
export interface Model {
  /** Name on the Hugging Face hub. */
  readonly id: string;
  /** Other names on the hub of weights with this very shape and context. */
  readonly aliases: readonly string[];
  readonly kind: ModelKind;
  /** Number of parameters, not billions, without layers for multi-token prediction. All of them are resident. */
  readonly totalParameters: number;
  /** Parameters of the model that one token needs: the same as `totalParameters` without experts. */
  readonly activeParameters: number;
  /** Part of `totalParameters` that is for images or sound: vision and audio encoders and their projections. */
  readonly towerParameters: number;
  readonly layers: LayerCounts;
  /** Layers, counted in `layers`, that read the KV cache of an earlier layer and have none of their own. */
  readonly kvSharedLayers: { readonly full: number; readonly sliding: number };
  /** Tokens that a sliding layer sees: the window behind a token, or the chunk that it is in; null without such layers. */
  readonly slidingWindow: number | null;
  /**
   * What sliding layers see. In chunks (Llama 4) the cache of a layer is dropped a whole chunk at a time:
   * vLLM's `ChunkedLocalAttentionSpec` instead of its `SlidingWindowSpec`.
   */
  readonly localAttention: "sliding-window" | "chunked" | null;
  readonly linearAttention: LinearAttention | null;
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** KV heads of the full-attention layers, where they differ from `kvHeads` and `headDim`; else null. */
  readonly globalAttention: { readonly kvHeads: number; readonly headDim: number } | null;
  /** Whether full attention has a gate at its output, which makes the query projection twice as large. */
  readonly attentionOutputGate: boolean;
  /** Width of the feed-forward layers without experts; of an expert, where there are no such layers. */
  readonly intermediateSize: number;
  /** Whether feed-forward layers (and experts) have three matrices, with a gate, or two. */
  readonly gatedFeedForward: boolean;
  /** Layers whose feed-forward is twice `intermediateSize`: those without a KV cache in Gemma 4 E2B. */
  readonly doubleWidthLayers: number;
  readonly vocabularySize: number;
  /** Whether the output layer shares its weights with the embedding, which then count once. */
  readonly tiedEmbeddings: boolean;
  /** Rows of a learned table of positions, as wide as `hiddenSize`; 0 where positions are rotary. */
  readonly learnedPositions: number;
  /** A second embedding, with a vector of `width` for every layer and token (Gemma 3n, 4 E2B and E4B); else null. */
  readonly perLayerEmbedding: { readonly vocabularySize: number; readonly width: number } | null;
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

/**
 * Gated delta net (Qwen3-Next, 3.5): a sequence keeps, per layer, the last `convolutionKernel` − 1 inputs of a
 * convolution over keys, queries and values, and a matrix `valueHeadDim` × `keyHeadDim` for every value head.
 */
export interface LinearAttention {
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyHeadDim: number;
  readonly valueHeadDim: number;
  readonly convolutionKernel: number;
  /**
   * Type of those matrices (`mamba_ssm_dtype`), which vLLM takes unless `--mamba-ssm-cache-dtype` says otherwise;
   * `model` where it is that of the model's activations. The convolution's inputs are always of that type.
   */
  readonly stateDtype: "float32" | "model";
}

/** DeepSeek's attention: the cache holds one compressed vector and one rotary key per token and layer. */
export interface MultiHeadLatentAttention {
  /** Null where queries are not compressed (DeepSeek-V2-Lite). */
  readonly queryLoraRank: number | null;
  readonly kvLoraRank: number;
  readonly nopeHeadDim: number;
  readonly ropeHeadDim: number;
  readonly valueHeadDim: number;
  /**
   * Sparse attention (DeepSeek-V3.2, GLM-5): beside the above, every layer caches one key of `headDim` bytes and a
   * scale of 4 bytes for each 128 of them, per token, from which `topK` tokens are picked; else null.
   */
  readonly indexer: { readonly heads: number; readonly headDim: number; readonly topK: number } | null;
}

export interface MixtureOfExperts {
  /** Routed experts of one layer. */
  readonly experts: number;
  readonly expertsPerToken: number;
  /**
   * Experts that every token passes through, beside the routed ones. A feed-forward layer of its own beside the
   * experts counts here as so many of them (Gemma 4: 3).
   */
  readonly sharedExperts: number;
  readonly expertIntermediateSize: number;
  /** So many layers at the bottom have no experts. */
  readonly firstDenseLayers: number;
  /** 1: each layer above those has experts; 2: every second one. */
  readonly everyNthLayer: number;
}

/** Where the numbers of parameters come from; a test compares them with those that the hub shows. */
export const parametersSource: Source = {
  source: "counted from the shape: embeddings, attention, feed-forward, experts, norms and biases",
  date: "2026-11-21",
  standing: "derived",
};

/** Where licence and gating come from. */
export const termsSource: Source = { source: "model cards", date: "2026-11-21", standing: "recalled" };

/** Every model of the catalogue. */
export const models: readonly Model[] = modelRows.flatMap(readModel);

/** The names that environment files use. */
export const modelIds: readonly string[] = models.map((model) => model.id);

const byId = new Map(models.map((model) => [model.id, model]));

/** The model with this id; undefined when the catalogue has none. */
export function findModel(id: string): Model | undefined {
  return byId.get(id);
}
