import { perReplica } from "../per-replica";
import { weightFormats } from "../../catalog/formats";
import type { Model } from "../../catalog/models";
import { kvLayers, stageCount } from "../memory/kv-layers";
import { depth, expertLayersOf, modelShape } from "../memory/shape";
import { type GroupBytes, layersOfFullestStage, weightBytesPerGpu } from "../memory/weights";
import type { Replica } from "../replica";
import { type Link, linkOf, networkLink } from "./communication";
import {
  attentionShare,
  bandwidthShare,
  eagerOperationSeconds,
  engineShare,
  operations,
  operationSeconds,
  promptLayerSeconds,
  stepSeconds,
} from "./constants";
import { type Rate, sixteenBitRate, weightRate } from "./rates";

/** Weights that one kind of kernel reads on one GPU, and what it computes with them. */
export interface Kernels {
  readonly bytes: number;
  /** Bytes that steps of several tokens write and read beside the weights. */
  readonly expandedBytes: number;
  /** Parameters that one token is multiplied with. */
  readonly parameters: number;
  readonly flopsPerSecond: number;
}

/** What a replica's speed follows from, for the GPU that has the most to do; computed once for each question. */
export interface SpeedProfile {
  readonly replica: Replica;
  /** Layers in the format of the weights, the same in 16 bits, and the output layer, which not every token passes. */
  readonly quantised: Kernels;
  readonly sixteenBit: Kernels;
  readonly output: Kernels;
  readonly experts: Kernels & { readonly tokenShare: number };
  readonly cache: CacheReads;
  readonly attention: Attention;
  /** Bytes per token that norms, activations and attention pass through memory. */
  readonly activationBytes: number;
  /** Bytes of one token between layers. */
  readonly hiddenBytes: number;
  readonly layers: number;
  readonly expertLayers: number;
  /** Seconds of constant latencies, and what launching takes without CUDA graphs (else 0). */
  readonly overheadSeconds: number;
  readonly launchSeconds: number;
  /** Seconds that steps with prompts take longer to launch; 0 without CUDA graphs at all, where prompts add nothing. */
  readonly promptLaunchSeconds: number;
  /** Seconds of scheduling one sequence. */
  readonly sequenceSeconds: number;
  readonly weightsPerSecond: number;
  readonly cachePerSecond: number;
  readonly tensorLink: Link;
  readonly exchangeLink: Link;
  readonly stageLink: Link;
  readonly draft: { readonly seconds: number; readonly tokens: number; readonly perStep: number } | null;
}

/** Bytes of the cache that one sequence reads in a step. */
export interface CacheReads {
  readonly bytesPerToken: number;
  readonly localBytesPerToken: number;
  /** Tokens that local layers read at most; a chunk is half full on average. */
  readonly localTokens: number;
  /** Read and written, however long the sequence is. */
  readonly stateBytes: number;
}

/** Operations of attention for one token and each token that it sees. */
export interface Attention {
  readonly flopsPerToken: number;
  readonly localFlopsPerToken: number;
  readonly flopsPerSecond: number;
}

/** Not products of every token with all of it: counted elsewhere, or looked up. */
const besideProducts: ReadonlySet<string> = new Set([
  "output",
  "embedding",
  "lora",
  "draft",
  "latentCopies",
  "rotaryTable",
]);

/** The profile of a replica. */
export const speedProfile = perReplica(profileOf);

function profileOf(replica: Replica): SpeedProfile {
  const { model, gpu, parallel, weights, engine } = replica;
  const rate = weightRate(weights, gpu, engineShare[engine.kind]);
  const plain = sixteenBitRate(gpu, engineShare[engine.kind]);
  const held = weightBytesPerGpu(replica);
  const layers = layersOfFullestStage(depth(model), parallel.pipeline);
  const expertLayers = layersOfFullestStage(expertLayersOf(model), parallel.pipeline);
  const perLayer = operationsPerLayer(replica, rate);
  const count = layers * perLayer.layer + expertLayers * perLayer.experts;
  const eager = engine.kind === "vllm" && engine.eager;
  const bytesPerSecond = gpu.memoryBandwidthGBps * 1e9;
  return {
    replica,
    ...kernelsOf(replica, held, rate, plain),
    cache: cacheReads(replica),
    attention: attentionOf(replica, plain.flops),
    activationBytes: activationBytes(replica, layers),
    hiddenBytes: model.hiddenSize * 2,
    layers,
    expertLayers,
    overheadSeconds: count * operationSeconds,
    launchSeconds: eager ? count * eagerOperationSeconds : 0,
    promptLaunchSeconds: eager ? 0 : layers * promptLayerSeconds[engine.kind],
    sequenceSeconds: stepSeconds.perSequence[engine.kind],
    weightsPerSecond: bytesPerSecond * bandwidthShare.weights,
    cachePerSecond: bytesPerSecond * bandwidthShare.cache,
    tensorLink: linkOf(replica.interconnect, gpu, parallel.tensor),
    exchangeLink: linkOf(replica.interconnect, gpu, parallel.tensor * parallel.data),
    stageLink: stageLink(replica),
    draft: draftOf(replica, bytesPerSecond),
  };
}

/** Where a replica spans machines its slowest hand-over counts for all: the one between them. */
function stageLink({ interconnect, gpu, parallel, machines }: Replica): Link {
  const within = linkOf(interconnect, gpu, parallel.pipeline);
  return machines === undefined || machines.gbps === null ? within : networkLink(machines.gbps);
}

function operationsPerLayer({ model, gpu }: Replica, rate: Rate): { layer: number; experts: number } {
  const quantisation = rate.quantisesInputs ? operations.quantisation : 0;
  const latent = model.mla === null ? 0 : operations.latent;
  const fused = gpu.computeCapability >= 10 && gpu.computeCapability < 12;
  return {
    layer: operations.layer + quantisation + latent,
    experts: fused ? operations.fusedExperts : operations.experts,
  };
}

/** The output layer is on the last pipeline stage alone, which need not be the one with the most weights. */
function outputBytes({ model, parallel }: Replica, elementBytes: number): number {
  return model.kind === "decoder" ? (model.vocabularySize * model.hiddenSize * elementBytes) / parallel.tensor : 0;
}

const linearById = new WeakMap<Model, ReadonlySet<string>>();

/** The groups of a model that a quantised format changes. */
function linearGroups(model: Model): ReadonlySet<string> {
  const known = linearById.get(model);
  if (known !== undefined) return known;
  const linear = new Set(modelShape(model).groups.flatMap(({ id, linear: isLinear }) => (isLinear ? [id] : [])));
  linearById.set(model, linear);
  return linear;
}

type KernelGroups = Pick<SpeedProfile, "quantised" | "sixteenBit" | "output" | "experts">;

function kernelsOf(replica: Replica, held: readonly GroupBytes[], rate: Rate, plain: Rate): KernelGroups {
  const { model, weights } = replica;
  const { quantises, bytesPerParameter, loadedFactor, otherBytes } = weightFormats[weights];
  const linear = linearGroups(model);
  const sums = { quantised: 0, sixteenBit: 0, experts: 0, expertShare: 1 };
  for (const { group, bytes, activeShare } of held) {
    if (activeShare === 0 || besideProducts.has(group)) continue;
    if (group === "experts") {
      sums.experts += bytes;
      sums.expertShare = activeShare;
    } else if (quantises === "linear layers" && linear.has(group)) {
      sums.quantised += bytes;
    } else sums.sixteenBit += bytes;
  }
  const changed = quantises !== "nothing";
  const plainRate = weights === "fp32" ? rate : plain;
  const elementBytes = bytesPerParameter * loadedFactor;
  const quantised = kernels(sums.quantised, elementBytes, rate.flops, rate);
  const experts = kernels(
    sums.experts,
    changed ? elementBytes : otherBytes,
    changed ? rate.expertFlops : plainRate.expertFlops,
    rate,
  );
  return {
    quantised,
    sixteenBit: kernels(sums.sixteenBit, otherBytes, plainRate.flops),
    output: kernels(outputBytes(replica, otherBytes), otherBytes, plainRate.flops),
    experts: { ...experts, tokenShare: sums.expertShare },
  };
}

function kernels(bytes: number, bytesPerParameter: number, flopsPerSecond: number, rate?: Rate): Kernels {
  const parameters = bytes / bytesPerParameter;
  return { bytes, parameters, flopsPerSecond, expandedBytes: parameters * (rate?.expandedBytes ?? 0) };
}

function cacheReads(replica: Replica): CacheReads {
  const { model, parallel } = replica;
  const chunked = model.localAttention === "chunked";
  const reads = { bytesPerToken: 0, localBytesPerToken: 0, stateBytes: 0 };
  for (const { kind, layers, bytes } of kvLayers(replica)) {
    const total = (stageCount(layers, replica) * bytes) / (kind === "full" ? parallel.decodeContext : 1);
    if (kind === "linear") reads.stateBytes += 2 * total;
    else if (kind === "full") reads.bytesPerToken += total;
    else reads.localBytesPerToken += total;
  }
  const { slidingWindow } = model;
  const localTokens = slidingWindow === null ? Infinity : chunked ? slidingWindow / 2 : slidingWindow;
  return { ...reads, localTokens };
}

function attentionOf(replica: Replica, flops: number): Attention {
  const { model, parallel } = replica;
  const { mla, layers, attentionHeads, headDim, globalAttention } = model;
  const share = 1 / (parallel.tensor * parallel.pipeline);
  const full = globalAttention?.headDim ?? headDim;
  const width = mla === null ? 2 * full : mla.nopeHeadDim + mla.ropeHeadDim + mla.valueHeadDim;
  return {
    flopsPerToken: 2 * attentionHeads * width * layers.full * share,
    localFlopsPerToken: 4 * attentionHeads * headDim * layers.sliding * share,
    flopsPerSecond: flops * attentionShare,
  };
}

/**
 * What passes through memory between products, in 16 bits: each norm reads and writes the token and its residual, attention
 * reads queries, keys, values and writes its output, the activation reads gate and up and writes their product.
 */
function activationBytes({ model, parallel }: Replica, layers: number): number {
  const { hiddenSize, attentionHeads, kvHeads, headDim, intermediateSize, moe } = model;
  const attention = (2 * attentionHeads + 2 * kvHeads) * 2 * headDim;
  const routed = moe === null ? 0 : (moe.expertsPerToken + moe.sharedExperts) * moe.expertIntermediateSize;
  const permuted = moe === null ? 0 : 2 * moe.expertsPerToken * hiddenSize;
  const forward = 3 * (moe === null ? intermediateSize : routed) + permuted;
  return 2 * layers * (8 * hiddenSize + (attention + forward) / parallel.tensor);
}

function draftOf({ draft, parallel, model }: Replica, bytesPerSecond: number): SpeedProfile["draft"] {
  if (draft === null) return null;
  // Each proposed token reads the draft and the output layer.
  const output = model.vocabularySize * model.hiddenSize * 2;
  const bytes = (draft.parameters * 2 + output) / parallel.tensor;
  const one = bytes / (bytesPerSecond * bandwidthShare.weights) + draft.layers * operations.layer * operationSeconds;
  return { seconds: one * draft.tokens, tokens: draft.tokens, perStep: 1 + draft.tokens * draft.acceptance };
}
