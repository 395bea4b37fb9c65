import type { Model } from "../catalog/models";
import { bytesPerGiB } from "../catalog/units";
import type { Arithmetic, By, PodResources } from "./plan";

export interface VllmResources {
  readonly pod: PodResources;
  readonly shmGiB: number;
  readonly cacheGiB: number;
  readonly tmpGiB: number;
  readonly weightsGB: number;
  readonly why: By<Arithmetic>;
}

/** Loading maps the weights into host memory; a fifth more leaves room for buffers. */
const hostCopy = 1.2;
/** The API server and the engine's own process. */
const processGiB = 4;
/** Each worker process: CUDA's host side and pinned buffers. */
const workerGiB = 2;
/** Compiled kernels and graphs of one model. */
const compileCacheGiB = 10;
const tmpGiB = 1;
/** Container logs until they are rotated: Kubernetes keeps five files of 10 MiB for each of a few containers. */
const logsGiB = 1;

/**
 * What a vLLM pod asks of its machine.
 *
 * CPU: vLLM's own advice is two cores and one more per GPU; a Kubernetes CPU is a hyper-thread, half a core.
 * Shared memory: tensor-parallel workers talk through it; 4 GiB each comes near the 20 GiB that peers use for eight.
 */
export function podResources(model: Model, tensorParallel: number, weightsFrom: "hub" | "pvc"): VllmResources {
  const weightsBytes = model.totalParameters * 2;
  const weightsGiB = weightsBytes / bytesPerGiB;
  const shmGiB = tensorParallel === 1 ? 1 : 4 * tensorParallel;
  const memoryGiB = Math.ceil(hostCopy * weightsGiB + shmGiB + processGiB + workerGiB * tensorParallel);
  const cpu = 2 * (2 + tensorParallel);
  const cacheGiB = Math.ceil((weightsFrom === "hub" ? weightsGiB * 1.1 : 0) + compileCacheGiB);
  const why: By<Arithmetic> = {
    memoryGiB: {
      formula: "weights × 1.2 + shared memory + processes + workers, rounded up",
      terms: [
        { name: "weights", value: weightsGiB, unit: "GiB" },
        { name: "shared memory", value: shmGiB, unit: "GiB" },
        { name: "processes", value: processGiB, unit: "GiB" },
        { name: "workers", value: workerGiB * tensorParallel, unit: "GiB" },
      ],
      result: memoryGiB,
      unit: "GiB",
    },
    cpu: {
      formula: "2 × (2 + tensor parallel)",
      terms: [{ name: "tensor parallel", value: tensorParallel }],
      result: cpu,
      unit: "CPU",
    },
  };
  const diskGiB = cacheGiB + tmpGiB + logsGiB;
  return {
    pod: { cpu, memoryGiB, diskGiB, gpus: tensorParallel },
    shmGiB,
    cacheGiB,
    tmpGiB,
    weightsGB: weightsBytes / 1e9,
    why,
  };
}
