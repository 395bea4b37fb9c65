import type { Replica } from "../replica";
import { depth, expertLayersOf } from "./shape";

/** Adapters are held in 16 bits. */
const loraBytesPerElement = 2;

/** Sum of the widths of the two matrices of every adapted layer of one layer of the model, on one GPU. */
interface AdaptedWidths {
  readonly attention: number;
  readonly dense: number;
  readonly experts: number;
}

/**
 * Bytes that the slots for adapters take on one GPU, used or not: `max_loras` × rank × the widths of all adapted
 * layers. The matrix that reads a layer's whole input is on every GPU; the one that writes a split output is split.
 *
 * Source: vllm wheel 0.31.0, vllm/lora/layers/base_linear.py: create_lora_weights, without `fully_sharded_loras`.
 */
export function loraBytes(replica: Replica, layerShare = 1): number {
  const { lora, model } = replica;
  if (lora === null) return 0;
  const widths = adaptedWidths(replica);
  const expertLayers = expertLayersOf(model);
  const layers = depth(model);
  const elements = widths.attention * layers + widths.dense * (layers - expertLayers) + widths.experts * expertLayers;
  return lora.slots * lora.rank * elements * layerShare * loraBytesPerElement;
}

function adaptedWidths({ model, parallel }: Replica): AdaptedWidths {
  const { hiddenSize, moe, mla } = model;
  const { tensor } = parallel;
  const feedForward = (width: number) => (model.gatedFeedForward ? 3 : 2) * (hiddenSize + width / tensor);
  if (mla !== null) {
    const rank = mla.queryLoraRank ?? hiddenSize;
    const heads = model.attentionHeads / tensor;
    const down = hiddenSize + rank + (hiddenSize + mla.kvLoraRank + mla.ropeHeadDim);
    const query = rank + heads * (mla.nopeHeadDim + mla.ropeHeadDim);
    const output = heads * mla.valueHeadDim + hiddenSize;
    return { attention: down + query + output, dense: feedForward(model.intermediateSize), experts: experts() };
  }
  const query = (model.attentionHeads * model.headDim) / tensor;
  const keys = Math.max(1, model.kvHeads / tensor) * model.headDim;
  const attention = 3 * hiddenSize + query + 2 * keys + (query + hiddenSize);
  return { attention, dense: feedForward(model.intermediateSize), experts: experts() };

  function experts(): number {
    if (moe === null) return 0;
    return moe.experts * feedForward(moe.expertIntermediateSize);
  }
}
