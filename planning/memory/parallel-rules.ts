import type { Replica } from "../replica";
import { depth } from "./shape";
import type { ValidityRule } from "./validity";

/** GPUs that a tensor-parallel group may have on one machine. */
const tensorSizes: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16];

/** Ways in which a model cannot be split over GPUs. */
export const parallelRules: readonly ValidityRule[] = [
  {
    id: "tensor-parallel-heads",
    isBroken: (replica) => !dividesHeads(replica, replica.parallel.tensor),
    message: ({ model, parallel }) =>
      `${model.attentionHeads} attention heads do not divide by tensor ${parallel.tensor}`,
    allowed: sizesOfAttention,
  },
  {
    id: "tensor-parallel-kv-heads",
    isBroken: (replica) =>
      dividesHeads(replica, replica.parallel.tensor) && !dividesKvHeads(replica, replica.parallel.tensor),
    message: (replica) =>
      `${kvHeadsOf(replica).join(" and ")} KV heads neither divide by tensor ${replica.parallel.tensor} nor divide it`,
    allowed: sizesOfAttention,
  },
  {
    id: "tensor-parallel-width",
    isBroken: (replica) =>
      dividesHeads(replica, replica.parallel.tensor) &&
      !(dividesWidth(replica, replica.parallel.tensor) && dividesLinear(replica, replica.parallel.tensor)),
    message: ({ parallel }) =>
      `the width of a feed-forward or linear-attention layer does not divide by tensor ${parallel.tensor}`,
    allowed: (replica) => sizesOfAttention(replica).filter((gpus) => dividesLinear(replica, gpus)),
  },
  {
    id: "pipeline-layers",
    isBroken: ({ model, parallel }) => parallel.pipeline > depth(model),
    message: ({ model, parallel }) =>
      `${parallel.pipeline} pipeline stages need at least as many layers; the model has ${depth(model)}`,
    allowed: ({ model }) => [`1 to ${depth(model)}`],
  },
  {
    id: "data-parallel-dense",
    isBroken: ({ model, parallel }) => model.moe === null && parallel.data > 1,
    message: ({ model, parallel: { data } }) =>
      `data ${data} shards experts, and ${model.id} has none: run ${data} replicas instead`,
    allowed: () => [1],
  },
  {
    id: "expert-parallel-dense",
    isBroken: ({ model, parallel }) => model.moe === null && parallel.expert,
    message: ({ model }) => `${model.id} has no experts to spread over GPUs`,
    allowed: () => ["false"],
  },
  {
    id: "decode-context-tensor",
    isBroken: ({ parallel }) => sharesTokens(parallel) && parallel.tensor % parallel.decodeContext !== 0,
    message: ({ parallel }) => `decodeContext ${parallel.decodeContext} does not divide tensor ${parallel.tensor}`,
    allowed: divisors,
  },
  {
    id: "decode-context-heads",
    isBroken: ({ model, parallel }) =>
      sharesTokens(parallel) &&
      model.mla === null &&
      (parallel.decodeContext > gpusOfOneHead(model, parallel) || queriesOf(model) % parallel.decodeContext !== 0),
    message: ({ model, parallel }) =>
      `decodeContext ${parallel.decodeContext} would split GPUs that hold different KV heads: tensor ${parallel.tensor} ÷ ${model.kvHeads} KV heads leaves ${gpusOfOneHead(model, parallel)}`,
    allowed: (replica) => {
      const { model, parallel } = replica;
      const most = Math.max(1, gpusOfOneHead(model, parallel));
      return divisors(replica).filter((size) => size <= most && queriesOf(model) % size === 0);
    },
  },
  {
    id: "decode-context-windows",
    isBroken: ({ model, parallel }) => sharesTokens(parallel) && model.layers.sliding > 0,
    message: () => "decodeContext does not work with windows of attention",
    allowed: () => [1],
  },
];

function dividesHeads({ model }: Replica, gpus: number): boolean {
  return model.attentionHeads % gpus === 0;
}

/** Latent attention has no KV heads: its vectors are on every GPU. */
function dividesKvHeads({ model }: Replica, gpus: number): boolean {
  const { mla, kvHeads, globalAttention } = model;
  return mla !== null || (divides(kvHeads, gpus) && divides(globalAttention?.kvHeads ?? kvHeads, gpus));
}

function divides(kvHeads: number, gpus: number): boolean {
  return kvHeads % gpus === 0 || gpus % kvHeads === 0;
}

function kvHeadsOf({ model }: Replica): readonly number[] {
  return [model.kvHeads, model.globalAttention?.kvHeads ?? model.kvHeads];
}

function dividesWidth({ model }: Replica, gpus: number): boolean {
  return model.intermediateSize % gpus === 0;
}

function dividesLinear({ model: { linearAttention: linear } }: Replica, gpus: number): boolean {
  return linear === null || (linear.keyHeads % gpus === 0 && linear.valueHeads % gpus === 0);
}

/** Groups over which attention and feed-forward layers divide. */
function sizesOfAttention(replica: Replica): readonly number[] {
  return tensorSizes.filter(
    (gpus) => dividesHeads(replica, gpus) && dividesKvHeads(replica, gpus) && dividesWidth(replica, gpus),
  );
}

function sharesTokens({ decodeContext }: Replica["parallel"]): boolean {
  return decodeContext !== 1;
}

function divisors({ parallel }: Replica): readonly number[] {
  return tensorSizes.filter((size) => parallel.tensor % size === 0);
}

/** GPUs that hold the same KV head. */
function gpusOfOneHead({ kvHeads }: Replica["model"], { tensor }: Replica["parallel"]): number {
  return Math.floor(tensor / kvHeads);
}

/** Query heads of one KV head. */
function queriesOf({ attentionHeads, kvHeads }: Replica["model"]): number {
  return attentionHeads / kvHeads;
}
