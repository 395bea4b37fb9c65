import { smallest } from "./environments";

type Written = Readonly<Record<string, unknown>>;

/** Two machines with one EPYC 7763 each, whose cores run two threads. */
export const epycPool = {
  cluster: "here",
  processor: "EPYC-7763",
  nodes: { max: 2 },
  machine: { cpu: 128, memory: "256GiB", disk: "1TiB" },
  price: "$0.80/machine-hour",
};

/** An encoder by text-embeddings-inference on them. */
export const encoder = {
  engine: "text-embeddings-inference",
  model: "intfloat/multilingual-e5-large",
  revision: "ab10c1a7f42e74530fe7ae5be82e6d4f11a719eb",
  weights: { from: "hub" },
  pool: "epyc",
};

/** An environment with one encoder as `embed`, changed; on machines without GPUs, changed likewise. */
export function withEncoder(changes: Written = {}, pool: Written = {}, more: Written = {}): Written {
  return {
    ...smallest,
    pools: { epyc: { ...epycPool, ...pool } },
    releases: { embed: { ...encoder, ...changes } },
    ...more,
  };
}

/** A route to it, with what it asks. */
export function asked(load: Written, slo?: Written): Written {
  const route = { targets: [{ release: "embed" }], load: { inputTokens: 200, outputTokens: 0, ...load } };
  return { routes: { embed: slo === undefined ? route : { ...route, slo } } };
}
