import { kvBytesPerElement } from "../../catalog/formats";
import { perReplica } from "../per-replica";
import type { Replica } from "../replica";
import { layersOfFullestStage } from "./weights";
import { behaviourOf } from "./versions";

/** How much of a request a kind of layer keeps. */
export type KvKind = "full" | "sliding" | "chunked" | "linear";

/** Layers with one kind of cache, as one GPU has it. */
export interface KvLayers {
  readonly kind: KvKind;
  readonly layers: number;
  /** Bytes of one token in one layer; for linear attention, of the state of one request. */
  readonly bytes: number;
}

/**
 * The layers with a cache, by kind; none for encoders. Where the engine does not treat windows by themselves,
 * their layers keep every token.
 */
export const kvLayers = perReplica(layersOf);

function layersOf(replica: Replica): readonly KvLayers[] {
  const { model, draft } = replica;
  if (model.kind !== "decoder") return [];
  const behaviour = behaviourOf(replica);
  const { kvSharedLayers: shared, layers } = model;
  const chunked = model.localAttention === "chunked";
  const local = chunked ? behaviour.chunkedCache : behaviour.hybridCache;
  const localKind: KvKind = !local ? "full" : chunked ? "chunked" : "sliding";
  const found: KvLayers[] = [
    { kind: "full", layers: layers.full - shared.full, bytes: bytesPerToken(replica, true) },
    { kind: localKind, layers: layers.sliding - shared.sliding, bytes: bytesPerToken(replica, false) },
    { kind: "linear", layers: layers.linear, bytes: linearStateBytes(replica) },
    { kind: "full", layers: draft?.layers ?? 0, bytes: bytesPerToken(replica, true) },
  ];
  return merge(found.filter((kind) => kind.layers > 0));
}

function merge(found: readonly KvLayers[]): readonly KvLayers[] {
  const merged: KvLayers[] = [];
  for (const layers of found) {
    const index = merged.findIndex(({ kind, bytes }) => kind === layers.kind && bytes === layers.bytes);
    const same = merged[index];
    if (same === undefined) merged.push(layers);
    else merged[index] = { ...same, layers: same.layers + layers.layers };
  }
  return merged;
}

/**
 * Bytes of one token in one layer on one GPU. With MLA every tensor-parallel GPU holds the whole latent vector, and
 * the keys of the indexer with a scale per 128 where attention is sparse; else its share of the KV heads, at
 * least one.
 */
function bytesPerToken({ model, kv, parallel }: Replica, global: boolean): number {
  const element = kvBytesPerElement[kv];
  const { mla } = model;
  if (mla !== null) {
    const { indexer } = mla;
    const index = indexer === null ? 0 : indexer.headDim + (4 * indexer.headDim) / 128;
    // FP8 of sparse attention keeps the rotary part in 16 bits and a 32-bit scale for each 128 of the rest.
    const sparseFp8 = mla.kvLoraRank + (4 * mla.kvLoraRank) / 128 + 2 * mla.ropeHeadDim;
    return (indexer !== null && kv === "fp8" ? sparseFp8 : (mla.kvLoraRank + mla.ropeHeadDim) * element) + index;
  }
  const { kvHeads, headDim } = (global ? model.globalAttention : null) ?? model;
  return 2 * Math.max(1, kvHeads / parallel.tensor) * headDim * element;
}

/**
 * Bytes of the state that one linear-attention layer keeps of one request.
 *
 * Source: vllm wheel 0.31.0, vllm/model_executor/layers/mamba/mamba_utils.py: gated_delta_net_state_shape.
 */
export function linearStateBytes({ model, parallel, draft, kv }: Replica): number {
  const linear = model.linearAttention;
  if (linear === null) return 0;
  const activation = kv === "fp32" ? 4 : 2;
  const keys = linear.keyHeads * linear.keyHeadDim;
  const values = linear.valueHeads * linear.valueHeadDim;
  const inputs = ((2 * keys + values) / parallel.tensor) * (linear.convolutionKernel - 1 + (draft?.tokens ?? 0));
  const matrices = (values * linear.keyHeadDim) / parallel.tensor;
  return inputs * activation + matrices * (linear.stateDtype === "float32" ? 4 : activation);
}

/** Layers of a kind on the pipeline stage that has the most. */
export function stageCount(layers: number, { parallel }: Replica): number {
  return layersOfFullestStage(layers, parallel.pipeline);
}
