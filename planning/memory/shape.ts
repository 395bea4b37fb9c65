import type { Model } from "../../catalog/models";

/** A part of a model's parameters. */
export type ParameterGroupId =
  | "embedding"
  | "output"
  | "attention"
  | "keyValue"
  | "latentDown"
  | "latentUp"
  | "linearAttention"
  | "dense"
  | "experts"
  | "sharedExperts"
  | "routers"
  | "norms"
  | "positions"
  | "perLayerEmbedding"
  | "towers"
  | "other";

/**
 * How vLLM splits a group: `tensor` over the tensor-parallel GPUs, `kvHeads` the same but with at least one KV
 * head on each GPU, `experts` over tensor × data parallel GPUs, `replicated` not at all.
 */
export type Sharding = "tensor" | "kvHeads" | "experts" | "replicated";

export interface ParameterGroup {
  readonly id: ParameterGroupId;
  readonly count: number;
  /** Whether these are the weights of linear layers that a quantised format changes. */
  readonly linear: boolean;
  readonly sharding: Sharding;
  /** Spread over the layers, and so over pipeline stages; else it is on the first or the last stage. */
  readonly place: "layers" | "first" | "last";
  /** KV heads of a group that is split by them. */
  readonly kvHeads: number;
  /** Share of the group that one token passes through: below 1 for routed experts, 0 for the embedding's table. */
  readonly activeShare: number;
}

/** The parameters of a model, by groups. */
export interface ModelShape {
  readonly groups: readonly ParameterGroup[];
  /** Sum of what follows from the shape. */
  readonly computed: number;
  /** Layers with routed experts. */
  readonly expertLayers: number;
}

const shapes = new WeakMap<Model, ModelShape>();

/** The parameters of a model, by groups; computed once for each model. */
export function modelShape(model: Model): ModelShape {
  const known = shapes.get(model);
  if (known !== undefined) return known;
  const shape = computeShape(model);
  shapes.set(model, shape);
  return shape;
}

/** Layers of the model: its depth. */
export function depth({ layers }: Model): number {
  return layers.full + layers.sliding + layers.linear;
}

/** Layers that have routed experts. */
export function expertLayersOf(model: Model): number {
  const { moe } = model;
  return moe === null ? 0 : Math.floor((depth(model) - moe.firstDenseLayers) / moe.everyNthLayer);
}

function computeShape(model: Model): ModelShape {
  const expertLayers = expertLayersOf(model);
  const table = model.vocabularySize * model.hiddenSize;
  const inLayers = [...attentionGroups(model), ...feedForwardGroups(model, expertLayers)];
  const groups: ParameterGroup[] = [
    group("embedding", table, { linear: false, sharding: "tensor", place: "first", activeShare: 0 }),
    ...(model.kind === "decoder" && !model.tiedEmbeddings
      ? [group("output", table, { linear: false, sharding: "tensor", place: "last" })]
      : []),
    ...inLayers,
    ...tables(model),
    group("norms", 2 * model.hiddenSize * depth(model) + model.hiddenSize, { linear: false, sharding: "replicated" }),
  ].filter(({ count }) => count > 0);
  const computed = groups.reduce((sum, { count }) => sum + count, 0);
  const rest = model.totalParameters - computed;
  if (rest > 0) groups.push(group("other", rest, { linear: false, sharding: "replicated", activeShare: 0 }));
  return { groups, computed, expertLayers };
}

/** Tables that are looked up, and encoders of images and sound: none is read to decode text. */
function tables(model: Model): ParameterGroup[] {
  const { perLayerEmbedding: second, hiddenSize } = model;
  const lookup = { linear: false, sharding: "replicated", place: "first", activeShare: 0 } as const;
  const secondTable = second === null ? 0 : second.vocabularySize * second.width * depth(model);
  return [
    group("positions", model.learnedPositions * hiddenSize, lookup),
    group("perLayerEmbedding", secondTable, { ...lookup, sharding: "tensor" }),
    group("towers", model.towerParameters, { ...lookup, sharding: "tensor" }),
  ];
}

type Rest = Partial<Omit<ParameterGroup, "id" | "count">>;

function group(id: ParameterGroupId, count: number, rest: Rest = {}): ParameterGroup {
  return { id, count, linear: true, sharding: "tensor", place: "layers", kvHeads: 1, activeShare: 1, ...rest };
}

function attentionGroups(model: Model): ParameterGroup[] {
  if (model.mla !== null) return latentGroups(model);
  const { hiddenSize, attentionHeads, kvHeads, headDim, globalAttention, layers } = model;
  const full = globalAttention ?? { kvHeads, headDim };
  const width = headDim * layers.sliding + full.headDim * layers.full;
  const gate = model.attentionOutputGate ? attentionHeads * full.headDim * layers.full : 0;
  const keysAndValues = (count: number, heads: { readonly kvHeads: number; readonly headDim: number }) =>
    group("keyValue", 2 * hiddenSize * heads.kvHeads * heads.headDim * count, {
      sharding: "kvHeads",
      kvHeads: heads.kvHeads,
    });
  return [
    group("attention", hiddenSize * (2 * attentionHeads * width + gate)),
    keysAndValues(layers.full, full),
    keysAndValues(layers.sliding, { kvHeads, headDim }),
    group("linearAttention", linearAttentionCount(model)),
  ];
}

/** Projections to queries, keys, values, the gate and two numbers a head; the convolution; the output. */
function linearAttentionCount({ linearAttention: linear, hiddenSize, layers }: Model): number {
  if (linear === null) return 0;
  const keys = linear.keyHeads * linear.keyHeadDim;
  const values = linear.valueHeads * linear.valueHeadDim;
  const projections = hiddenSize * (2 * keys + 3 * values + 2 * linear.valueHeads);
  return layers.linear * (projections + linear.convolutionKernel * (2 * keys + values));
}

function latentGroups(model: Model): ParameterGroup[] {
  const { mla, hiddenSize, attentionHeads: heads } = model;
  if (mla === null) return [];
  const queryWidth = heads * (mla.nopeHeadDim + mla.ropeHeadDim);
  const index = mla.indexer;
  const indexer =
    index === null
      ? 0
      : index.headDim * (hiddenSize + (mla.queryLoraRank ?? hiddenSize) * index.heads) + hiddenSize * index.heads;
  const down = hiddenSize * ((mla.queryLoraRank ?? 0) + mla.kvLoraRank + mla.ropeHeadDim);
  const query = (mla.queryLoraRank ?? hiddenSize) * queryWidth;
  const keysAndValues = mla.kvLoraRank * heads * (mla.nopeHeadDim + mla.valueHeadDim);
  const output = heads * mla.valueHeadDim * hiddenSize;
  return [
    group("latentDown", depth(model) * (down + indexer), { sharding: "replicated" }),
    group("latentUp", depth(model) * (query + keysAndValues + output)),
  ];
}

function feedForwardGroups(model: Model, expertLayers: number): ParameterGroup[] {
  const { hiddenSize, intermediateSize, moe } = model;
  const matrices = model.gatedFeedForward ? 3 : 2;
  const layers = depth(model) - expertLayers + model.doubleWidthLayers;
  const dense = group("dense", matrices * hiddenSize * intermediateSize * layers);
  if (moe === null) return [dense];
  const one = matrices * hiddenSize * moe.expertIntermediateSize;
  const activeShare = moe.expertsPerToken / moe.experts;
  return [
    dense,
    group("experts", expertLayers * moe.experts * one, { sharding: "experts", activeShare }),
    group("sharedExperts", expertLayers * moe.sharedExperts * one),
    group("routers", expertLayers * moe.experts * hiddenSize, { linear: false, sharding: "replicated" }),
  ];
}

/** All parameters that are resident: what the shape says, or what is published where that is more. */
export function residentParameters(model: Model): number {
  return modelShape(model).groups.reduce((sum, { count }) => sum + count, 0);
}

/**
 * Parameters that a step of so many tokens reads: each token picks its experts independently, so the expected
 * share of experts touched is 1 − (1 − k ÷ E)^tokens. A tied embedding is read once, as the output layer.
 */
export function activeParameters(model: Model, tokens = 1): number {
  const { groups } = modelShape(model);
  const output = model.tiedEmbeddings && model.kind === "decoder" ? model.vocabularySize * model.hiddenSize : 0;
  return groups.reduce((sum, { count, activeShare }) => sum + count * touchedShare(activeShare, tokens), output);
}

/** Share of a group that a step of so many tokens touches. */
export function touchedShare(activeShare: number, tokens: number): number {
  if (activeShare === 0 || activeShare === 1) return activeShare;
  return 1 - (1 - activeShare) ** tokens;
}
