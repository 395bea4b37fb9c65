import { smallest } from "./environments";

type Written = Readonly<Record<string, unknown>>;

const revision = "b968826d9c46dd6066d109eabc6255188de91218";

/** Two machines with eight H100 each, on an InfiniBand network. */
export const superPod = {
  cluster: "here",
  accelerator: "H100-80GB",
  gpusPerNode: 8,
  nodes: { max: 2 },
  machine: { cpu: 192, memory: "2TiB", disk: "4TiB" },
  price: "$2/GPU-hour",
  fabric: { kind: "rdma", bandwidth: "3200Gbps", resource: "rdma/ib", perNode: 8, lockedMemory: "unlimited" },
};

/** Llama 3.1 405B in 16 bits: 810 GB of weights, more than eight GPUs of 80 GB hold. */
export const llama405 = {
  engine: "vllm",
  model: "meta-llama/Llama-3.1-405B-Instruct",
  revision,
  weights: { from: "pvc", claim: "weights", path: "llama-405b" },
  pool: "gpus",
  context: 32768,
  replicas: 1,
  nodes: 2,
  pipelineParallel: 2,
};

/** DeepSeek-R1 in its own FP8, with the context that one machine has no cache for. */
export const deepSeek = {
  ...llama405,
  model: "deepseek-ai/DeepSeek-R1",
  weights: { from: "pvc", claim: "weights", path: "r1" },
  context: 65536,
};

/** An environment whose cluster has the operator, with these releases on these machines. */
export function withGroups(
  releases: Readonly<Record<string, Written>>,
  pool: Written = superPod,
  more: Written = {},
): Written {
  const clusters = { here: { ...smallest.clusters.here, operators: ["leader-worker-set"] } };
  return { ...smallest, clusters, pools: { gpus: pool }, releases, ...more };
}
