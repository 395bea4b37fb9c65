import type { Model } from "../models";

/** What of a model's shape decides its number of parameters. */
export type CountedShape = Omit<
  Model,
  "id" | "aliases" | "totalParameters" | "activeParameters" | "maxContext" | "licence" | "gated" | "source" | "remark"
>;

/** The small parts, which a plan does not need: norms and biases by the architecture's code. */
export interface SmallParts {
  /** Vectors of hidden size that scale activations, in each layer. */
  readonly norms: number;
  /** Whether each of these has a bias as well (LayerNorm instead of RMSNorm). */
  readonly normBias: boolean;
  readonly queryKeyValueBias: boolean;
  readonly outputBias: boolean;
  readonly feedForwardBias: boolean;
  /** Norms of queries and keys: none, one for a head, or one over all heads. */
  readonly queryKeyNorm: "none" | "head" | "all heads";
  /** Whether the router of experts has a bias for each of them. */
  readonly routerBias: boolean;
  /** Whether a gate scales the shared expert. */
  readonly sharedExpertGate: boolean;
  /** Whether every head has a learned attention sink. */
  readonly attentionSinks: boolean;
  /** Parameters outside the layers that nothing else counts, such as a pooler. */
  readonly others: number;
}

export const noSmallParts: SmallParts = {
  norms: 2,
  normBias: false,
  queryKeyValueBias: false,
  outputBias: false,
  feedForwardBias: false,
  queryKeyNorm: "none",
  routerBias: false,
  sharedExpertGate: false,
  attentionSinks: false,
  others: 0,
};

/** Parameters of a matrix, with a bias for each output where it has one. */
const linear = (inputs: number, outputs: number, bias = false): number => inputs * outputs + (bias ? outputs : 0);

type Heads = Pick<Model, "kvHeads" | "headDim">;

function attention(shape: CountedShape, parts: SmallParts, { kvHeads, headDim }: Heads, ownKeys: boolean): number {
  const { hiddenSize: hidden, attentionHeads } = shape;
  const queries = attentionHeads * headDim;
  const keys = ownKeys ? kvHeads * headDim : 0;
  const gate = shape.attentionOutputGate ? 2 : 1;
  const norms = { none: 0, head: headDim * (ownKeys ? 2 : 1), "all heads": queries + keys }[parts.queryKeyNorm];
  return (
    linear(hidden, queries * gate, parts.queryKeyValueBias) +
    2 * linear(hidden, keys, parts.queryKeyValueBias) +
    linear(queries, hidden, parts.outputBias) +
    norms +
    (parts.attentionSinks ? attentionHeads : 0)
  );
}

function latentAttention({ hiddenSize: hidden, attentionHeads }: CountedShape, mla: NonNullable<Model["mla"]>): number {
  const { queryLoraRank: rank, kvLoraRank, nopeHeadDim, ropeHeadDim, valueHeadDim, indexer } = mla;
  const queries = attentionHeads * (nopeHeadDim + ropeHeadDim);
  const query = rank === null ? linear(hidden, queries) : linear(hidden, rank) + rank + linear(rank, queries);
  const index = indexer
    ? linear(rank ?? hidden, indexer.heads * indexer.headDim) +
      linear(hidden, indexer.headDim) +
      2 * indexer.headDim +
      linear(hidden, indexer.heads)
    : 0;
  const compression = linear(hidden, kvLoraRank + ropeHeadDim) + kvLoraRank;
  const keysAndValues = linear(kvLoraRank, attentionHeads * (nopeHeadDim + valueHeadDim));
  return query + compression + keysAndValues + linear(attentionHeads * valueHeadDim, hidden) + index;
}

function linearAttention(hidden: number, delta: NonNullable<Model["linearAttention"]>): number {
  const keys = delta.keyHeads * delta.keyHeadDim;
  const values = delta.valueHeads * delta.valueHeadDim;
  const perHead = 2 * delta.valueHeads;
  return (
    linear(hidden, 2 * keys + 2 * values + perHead) +
    (2 * keys + values) * delta.convolutionKernel +
    perHead +
    delta.valueHeadDim +
    linear(values, hidden)
  );
}

function allAttention(shape: CountedShape, parts: SmallParts): number {
  const { layers, kvSharedLayers: shared, mla, linearAttention: delta } = shape;
  const full = (own: boolean) =>
    mla ? latentAttention(shape, mla) : attention(shape, parts, shape.globalAttention ?? shape, own);
  return (
    (layers.full - shared.full) * full(true) +
    shared.full * full(false) +
    (layers.sliding - shared.sliding) * attention(shape, parts, shape, true) +
    shared.sliding * attention(shape, parts, shape, false) +
    (delta ? layers.linear * linearAttention(shape.hiddenSize, delta) : 0)
  );
}

function feedForward(shape: CountedShape, parts: SmallParts, width: number): number {
  const { hiddenSize: hidden } = shape;
  const up = linear(hidden, width, parts.feedForwardBias);
  return (shape.gatedFeedForward ? 2 : 1) * up + linear(width, hidden, parts.feedForwardBias);
}

function expertLayers({ moe }: CountedShape, depth: number): number {
  return moe === null ? 0 : Math.floor((depth - moe.firstDenseLayers) / moe.everyNthLayer);
}

function experts(shape: CountedShape, parts: SmallParts, used: "experts" | "expertsPerToken"): number {
  const { moe, hiddenSize: hidden } = shape;
  if (moe === null) return 0;
  const router = linear(hidden, moe.experts, parts.routerBias) + (parts.sharedExpertGate ? hidden : 0);
  return router + (moe[used] + moe.sharedExperts) * feedForward(shape, parts, moe.expertIntermediateSize);
}

function perLayerEmbedding({ perLayerEmbedding: second, hiddenSize: hidden }: CountedShape, depth: number): number {
  if (second === null) return 0;
  const { vocabularySize, width } = second;
  return (vocabularySize + hidden) * depth * width + width + depth * (2 * hidden * width + hidden);
}

/**
 * Counts parameters by shape, as vLLM holds them: where keys serve as values too (Gemma 4), both are in memory.
 *
 * @returns all of them, and those that one token needs
 */
export function countParameters(shape: CountedShape, parts: SmallParts): { total: number; active: number } {
  const { layers, hiddenSize: hidden, vocabularySize, learnedPositions } = shape;
  const depth = layers.full + layers.sliding + layers.linear;
  const withExperts = expertLayers(shape, depth);
  const norm = hidden * (parts.normBias ? 2 : 1);
  const common =
    hidden * (vocabularySize * (shape.tiedEmbeddings ? 1 : 2) + learnedPositions) +
    perLayerEmbedding(shape, depth) +
    allAttention(shape, parts) +
    (depth - withExperts) * feedForward(shape, parts, shape.intermediateSize) +
    shape.doubleWidthLayers *
      (feedForward(shape, parts, 2 * shape.intermediateSize) - feedForward(shape, parts, shape.intermediateSize)) +
    (depth * parts.norms + 1) * norm +
    shape.towerParameters +
    parts.others;
  return {
    total: common + withExperts * experts(shape, parts, "experts"),
    active: common + withExperts * experts(shape, parts, "expertsPerToken"),
  };
}
