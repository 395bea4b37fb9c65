import { perReplica } from "../per-replica";
import { mxfp4Padding, type WeightFormat, weightFormats } from "../../catalog/formats";
import type { Model } from "../../catalog/models";
import { bytesPerGiB } from "../../catalog/units";
import type { Replica } from "../replica";
import { loraBytes } from "./lora";
import { depth, modelShape, type ParameterGroup, type ParameterGroupId } from "./shape";

/** Bytes that one GPU holds of a part of the model. */
export interface GroupBytes {
  /** Beside the parameters: vLLM's copies of the latent projections, the table of rotary positions, adapters, a draft. */
  readonly group: ParameterGroupId | "latentCopies" | "rotaryTable" | "lora" | "draft";
  readonly bytes: number;
  /**
   * Share of the bytes that one token reads in a decode step: 0 for tables that are looked up, below 1 for routed
   * experts (see `touchedShare` for steps of several tokens).
   */
  readonly activeShare: number;
}

/** Layers of each pipeline stage that can be the fullest; the remainder goes to the stages before the last. */
interface StageLayers {
  readonly first: number;
  readonly middle: number;
  readonly last: number;
}

/**
 * Layers by stage, as vLLM divides them.
 *
 * Source: vllm wheel 0.31.0, vllm/distributed/utils.py: get_pp_indices.
 */
export function stageLayers(layers: number, stages: number): StageLayers {
  const base = Math.floor(layers / stages);
  const rest = layers % stages;
  if (stages === 1) return { first: layers, middle: 0, last: layers };
  return {
    first: base + (rest === stages - 1 && rest > 0 ? 1 : 0),
    middle: stages > 2 ? base + (rest > 0 ? 1 : 0) : 0,
    last: base,
  };
}

/** The most layers that one stage has. */
export function layersOfFullestStage(layers: number, stages: number): number {
  return Math.ceil(layers / stages);
}

/** What the GPU with the most weights holds, part by part. Without pipeline stages every GPU holds the same. */
export const weightBytesPerGpu = perReplica(groupBytes);

function groupBytes(replica: Replica): readonly GroupBytes[] {
  const { model, parallel } = replica;
  const layers = depth(model);
  const stages = stageLayers(layers, parallel.pipeline);
  if (parallel.pipeline === 1) return stageBytes(replica, 1, { first: true, last: true });
  const candidates = [
    stageBytes(replica, stages.first / layers, { first: true, last: false }),
    stageBytes(replica, stages.middle / layers, { first: false, last: false }),
    stageBytes(replica, stages.last / layers, { first: false, last: true }),
  ];
  return candidates.reduce((fullest, stage) => (sumBytes(stage) > sumBytes(fullest) ? stage : fullest));
}

/** GiB of weights on the GPU that has the most. */
export function weightsGiB(replica: Replica): number {
  return sumBytes(weightBytesPerGpu(replica)) / bytesPerGiB;
}

/** Bytes of the whole model in a format, as a checkpoint holds them. */
export function checkpointBytes(model: Model, formatId: Replica["weights"]): number {
  const format = weightFormats[formatId];
  return modelShape(model).groups.reduce((sum, group) => sum + group.count * bytesPerParameter(group, format), 0);
}

function sumBytes(parts: readonly GroupBytes[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

interface Ends {
  readonly first: boolean;
  readonly last: boolean;
}

function stageBytes(replica: Replica, layerShare: number, ends: Ends): readonly GroupBytes[] {
  const { model, parallel, draft } = replica;
  const format = weightFormats[replica.weights];
  const parts: GroupBytes[] = [];
  for (const group of modelShape(model).groups) {
    const share = placeShare(group, model, layerShare, ends);
    if (share === 0) continue;
    const bytes = group.count * share * bytesPerParameter(group, format) * gpuShare(group, replica);
    const activeShare = group.id === "embedding" && readsEmbedding(model, ends) ? 1 : group.activeShare;
    parts.push({ group: group.id, bytes: bytes * loaded(group, format), activeShare });
  }
  parts.push(...latentCopies(replica, layerShare), rotaryTable(model));
  if (replica.lora !== null) {
    parts.push({ group: "lora", bytes: loraBytes(replica, layerShare), activeShare: 1 / replica.lora.slots });
  }
  if (draft !== null && ends.last) {
    parts.push({ group: "draft", bytes: (draft.parameters * 2) / parallel.tensor, activeShare: 1 });
  }
  return parts;
}

/** The output layer of tied embeddings reads the whole table. */
function readsEmbedding(model: Model, { last }: Ends): boolean {
  return model.tiedEmbeddings && model.kind === "decoder" && last;
}

function placeShare(group: ParameterGroup, model: Model, layerShare: number, ends: Ends): number {
  if (group.place === "layers") return layerShare;
  if (group.place === "last") return ends.last ? 1 : 0;
  return ends.first || (group.id === "embedding" && readsEmbedding(model, ends)) ? 1 : 0;
}

function isQuantised(group: ParameterGroup, format: WeightFormat): boolean {
  if (format.quantises === "experts") return group.id === "experts";
  return format.quantises === "linear layers" && group.linear;
}

function bytesPerParameter(group: ParameterGroup, format: WeightFormat): number {
  return isQuantised(group, format) ? format.bytesPerParameter : format.otherBytes;
}

function loaded(group: ParameterGroup, format: WeightFormat): number {
  return isQuantised(group, format) ? format.loadedFactor : 1;
}

/** Share of a group that one GPU holds. */
function gpuShare(group: ParameterGroup, replica: Replica): number {
  const { model, parallel } = replica;
  const { tensor } = parallel;
  switch (group.sharding) {
    case "replicated":
      return 1;
    case "kvHeads":
      return 1 / Math.min(tensor, group.kvHeads);
    case "experts":
      return expertShare(replica);
    case "tensor":
      return (isVocabulary(group) ? paddedVocabulary(model.vocabularySize) / model.vocabularySize : 1) / tensor;
  }
}

function isVocabulary({ id }: ParameterGroup): boolean {
  return id === "embedding" || id === "output";
}

/** vLLM pads vocabularies to a multiple of 64 (vocab_parallel_embedding.py: DEFAULT_VOCAB_PADDING_SIZE). */
export function paddedVocabulary(size: number): number {
  return Math.ceil(size / 64) * 64;
}

/**
 * Experts are cut, or spread whole, over tensor × data parallel GPUs (fused_moe/config.py: flatten_tp_across_dp);
 * whole ones leave some GPUs with one more.
 */
function expertShare({ model, parallel, weights, gpu }: Replica): number {
  const { moe } = model;
  if (moe === null) return 1;
  const ways = parallel.tensor * parallel.data;
  const share = parallel.expert ? Math.ceil(moe.experts / ways) / moe.experts : 1 / ways;
  if (weights !== "mxfp4") return share;
  const padding = mxfp4Padding(gpu.computeCapability);
  const width = parallel.expert ? moe.expertIntermediateSize : moe.expertIntermediateSize / ways;
  return share * padded(model.hiddenSize, padding.hidden) * padded(width, padding.intermediate);
}

function padded(size: number, multiple: number): number {
  return (Math.ceil(size / multiple) * multiple) / size;
}

/**
 * vLLM keeps the projection from latent to keys and values a second time in 16 bits, turned for decoding.
 *
 * Source: vllm wheel 0.31.0, vllm/model_executor/layers/attention/mla_attention.py: W_UK_T, W_UV.
 */
function latentCopies({ model, parallel }: Replica, layerShare: number): readonly GroupBytes[] {
  const { mla } = model;
  if (mla === null) return [];
  const one = mla.kvLoraRank * model.attentionHeads * (mla.nopeHeadDim + mla.valueHeadDim);
  // Decoding reads the copies instead of the projection itself, which counts as read: so these do not.
  return [{ group: "latentCopies", bytes: (2 * one * depth(model) * layerShare) / parallel.tensor, activeShare: 0 }];
}

/**
 * Cosines and sines of every position that the model's configuration allows, in 16 bits. Models with linear
 * attention rotate a quarter of each head.
 *
 * Source: vllm wheel 0.31.0, vllm/model_executor/layers/rotary_embedding/base.py.
 */
function rotaryTable(model: Model): GroupBytes {
  const headDim = model.mla?.ropeHeadDim ?? model.globalAttention?.headDim ?? model.headDim;
  const rotated = model.linearAttention === null ? headDim : headDim / 4;
  const positions = model.kind === "decoder" ? model.maxContext : 0;
  return { group: "rotaryTable", bytes: positions * rotated * 2, activeShare: 0 };
}
