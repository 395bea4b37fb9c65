import type { Source } from "../../catalog/fact";
import { weightFormats } from "../../catalog/formats";
import { bytesPerGiB } from "../../catalog/units";
import { gpusOf, type Replica } from "../replica";
import { depth, expertLayersOf } from "./shape";
import { behaviourOf } from "./versions";
import { paddedVocabulary } from "./weights";

/**
 * What the engine takes of its budget beside weights and KV cache, on one GPU, in GiB. The profile run that measures
 * it encodes images, computes a step of the largest size and samples, one after the other: the largest counts.
 */
export interface Overhead {
  /** CUDA, cuBLAS, allocator; and with several GPUs the buffers of their communication. */
  readonly nonTorchGiB: number;
  /** Tensors of one step of `batchedTokens`. */
  readonly forwardGiB: number;
  /** Tensors of sampling `maxSequences` tokens. */
  readonly samplingGiB: number;
  /** Tensors of encoding the largest image, or as many as one step holds; 0 for models of text. */
  readonly towersGiB: number;
  /** CUDA graphs, where the engine's version keeps them out of the KV cache. */
  readonly graphsGiB: number;
  readonly totalGiB: number;
}

/** Where the terms come from. */
export const overheadSources = {
  nonTorch: {
    source: "start-up logs: 0.26 GiB (vLLM 0.31, A100), 0.07 GiB (0.10, H100); several GPUs 0.2 to 1.7 GiB",
    date: "2026-11-21",
    standing: "derived",
    note: "FlashInfer's all-reduce and NCCL's NVLS buffers from compute capability 9.0",
  },
  forward: {
    source: "widths of the layers; vllm wheel 0.31.0, vllm/v1/worker/gpu_model_runner.py: profile_run",
    date: "2026-10-03",
    standing: "derived",
  },
  sampling: {
    source:
      "vllm/v1/sample/ops/topk_topp_sampler.py of the version: tensors of sequences × vocabulary that live at once",
    date: "2026-10-03",
    standing: "derived",
  },
  towers: {
    source: "SigLIP so400m and the largest image of Qwen; vllm/v1/worker/gpu_model_runner.py: profile_run",
    date: "2026-10-03",
    standing: "recalled",
  },
  graphs: {
    source: "start-up logs of vLLM 0.20 to 0.31: 0.5 to 1.0 GiB estimated for 86 graphs, 0.04 GiB for 7",
    date: "2026-11-21",
    standing: "derived",
    note: "the engine extrapolates from two graphs, which differs by half between runs of the same model",
  },
} as const satisfies Readonly<Record<string, Source>>;

/**
 * Buffers of communication between GPUs: NCCL's own; from Hopper on also FlashInfer's all-reduce, and over NVLink
 * those of NCCL's NVLS.
 */
const communicationGiB = { beforeHopper: 0.12, pcie: 0.6, nvlink: 1.3 } as const;

export function overhead(replica: Replica): Overhead {
  const nonTorchGiB = nonTorch(replica);
  const forwardGiB = forwardBytes(replica) / bytesPerGiB;
  const samplingGiB = samplingBytes(replica) / bytesPerGiB;
  const towersGiB = towerBytes(replica) / bytesPerGiB;
  const graphsGiB = graphs(replica, forwardGiB);
  const totalGiB = nonTorchGiB + Math.max(forwardGiB, samplingGiB, towersGiB) + graphsGiB;
  return { nonTorchGiB, forwardGiB, samplingGiB, towersGiB, graphsGiB, totalGiB };
}

function nonTorch(replica: Replica): number {
  const { parallel, gpu, interconnect } = replica;
  const alone = behaviourOf(replica).nonTorchGiB;
  if (gpusOf(parallel) === 1) return alone;
  if (gpu.computeCapability < 9) return alone + communicationGiB.beforeHopper;
  const linked = interconnect === "nvlink" || interconnect === "nvswitch";
  return alone + (linked ? communicationGiB.nvlink : communicationGiB.pcie);
}

const activationBytes = 2;

/**
 * Tensors of the widest moment of one step. In a feed-forward layer: gate and up (2 × width), their product (width)
 * and twice the hidden vector (residual and input); in attention: queries, keys, values and the output.
 */
function forwardBytes(replica: Replica): number {
  const { model, batchedTokens } = replica;
  const dense = denseElements(replica);
  const experts = expertElements(replica);
  const attention = Math.max(attentionElements(replica), linearAttentionElements(replica));
  const elements = Math.max(dense, experts, attention) + 2 * model.hiddenSize;
  return batchedTokens * elements * activationBytes + latentContextBytes(replica);
}

function denseElements({ model, parallel }: Replica): number {
  return depth(model) > expertLayersOf(model) ? (3 * model.intermediateSize) / parallel.tensor : 0;
}

/**
 * Each token is copied to each of its experts: the kernels keep one vector as wide as the hidden size (or gate and
 * up, where those are wider) and one of the product for every pair.
 *
 * Source: vllm wheel 0.31.0, vllm/model_executor/layers/fused_moe: workspace_shapes.
 */
function expertElements({ model, parallel, weights }: Replica): number {
  const { moe, hiddenSize } = model;
  if (moe === null) return 0;
  const width = moe.expertIntermediateSize / (parallel.expert ? 1 : parallel.tensor * parallel.data);
  const quantisedInput = weightFormats[weights].quantises === "nothing" ? 0 : 0.5 * hiddenSize;
  return moe.expertsPerToken * (Math.max(2 * width, hiddenSize) + width) + hiddenSize + quantisedInput;
}

function attentionElements({ model, parallel }: Replica): number {
  const { mla, attentionHeads } = model;
  if (mla !== null) {
    return (attentionHeads / parallel.tensor) * (2 * (mla.nopeHeadDim + mla.ropeHeadDim) + 2 * mla.valueHeadDim);
  }
  const headDim = model.globalAttention?.headDim ?? model.headDim;
  return ((2 * attentionHeads) / parallel.tensor + 2 * Math.max(1, model.kvHeads / parallel.tensor)) * headDim;
}

/**
 * Linear attention in chunks of 64 tokens: the projections, the convolution's output, two corrected values, the
 * output, and the state at each chunk.
 */
function linearAttentionElements({ model, parallel }: Replica): number {
  const linear = model.linearAttention;
  if (linear === null) return 0;
  const keys = linear.keyHeads * linear.keyHeadDim;
  const values = linear.valueHeads * linear.valueHeadDim;
  const states = (values * linear.keyHeadDim) / 64;
  return (2 * (keys + values) + (2 * keys + values) + 3 * values + states) / parallel.tensor;
}

/**
 * With MLA the profile run reserves keys and values of a part of the context, up to 65,536 tokens.
 *
 * Source: vllm wheel 0.31.0, vllm/model_executor/layers/attention/mla_attention.py: chunked_prefill_workspace_size.
 */
function latentContextBytes({ model, parallel, context, maxSequences }: Replica): number {
  const { mla } = model;
  if (mla === null) return 0;
  const tokens = Math.min(Math.max(8 * context, 4 * maxSequences * 64), 65_536);
  const heads = model.attentionHeads / parallel.tensor;
  return tokens * heads * (mla.nopeHeadDim + mla.valueHeadDim) * activationBytes;
}

function samplingBytes(replica: Replica): number {
  const { model, maxSequences, batchedTokens } = replica;
  if (model.kind !== "decoder") return 0;
  const rows = Math.min(maxSequences, batchedTokens);
  const logits = rows * paddedVocabulary(model.vocabularySize) * behaviourOf(replica).samplerBytesPerLogit;
  return logits + batchedTokens * model.hiddenSize * activationBytes;
}

/** The encoder of most models is SigLIP's so400m: 430 million parameters, width 1152, feed-forward 4304. */
const usualTower = { parameters: 430e6, elementsPerPatch: 2 * 4304 + 2 * 1152 } as const;
/** Qwen's largest image has 16,384 tokens of four patches; of others a step holds images of about eight patches a token. */
const patches = { largestImage: 65_536, perToken: 8 } as const;

function towerBytes({ model, batchedTokens }: Replica): number {
  if (model.towerParameters === 0) return 0;
  const count = model.linearAttention === null ? patches.perToken * batchedTokens : patches.largestImage;
  const width = Math.sqrt(model.towerParameters / usualTower.parameters);
  return count * usualTower.elementsPerPatch * width * activationBytes;
}

/** Graphs share one pool; each takes a little more for its launches. */
const graphPoolGiB = 0.1;
const oneGraphGiB = 0.0075;

function graphs(replica: Replica, forwardGiB: number): number {
  const { engine, model } = replica;
  if (model.kind !== "decoder") return 0;
  const { cudaGraphsInBudget, graphsCountStep } = behaviourOf(replica);
  if (engine.kind === "vllm" && (engine.eager || !cudaGraphsInBudget)) return 0;
  return graphPoolGiB + oneGraphGiB * graphCount(replica) + (graphsCountStep ? forwardGiB : 0);
}

/**
 * Graphs that vLLM captures: up to twice the sequences for mixed steps, up to the sequences for steps that only
 * decode, at most 512 tokens (1024 on Blackwell of data centres); sizes 1, 2, 4, every 8 to 256, every 16 beyond.
 *
 * Source: vllm wheel 0.31.0, vllm/config/vllm.py: _set_cudagraph_sizes.
 */
export function graphCount({ maxSequences, gpu }: Pick<Replica, "maxSequences" | "gpu">): number {
  const largest = Math.floor(gpu.computeCapability) === 10 ? 1024 : 512;
  return capturedSizes(Math.min(2 * maxSequences, largest)) + capturedSizes(Math.min(maxSequences, largest));
}

function capturedSizes(largest: number): number {
  const small = Math.min(3, Math.floor(Math.log2(Math.max(1, largest))) + 1);
  const upTo256 = Math.floor(Math.min(largest, 255) / 8);
  const beyond = largest < 256 ? 0 : Math.floor((largest - 256) / 16) + 1;
  return small + upTo256 + beyond;
}
