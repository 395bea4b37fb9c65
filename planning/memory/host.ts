import { bytesPerGB, bytesPerGiB } from "../../catalog/units";
import { gpusPerMachine, type Replica } from "../replica";
import { checkpointBytes } from "./weights";

/** What the pod of a replica asks of its machine. */
export interface HostNeeds {
  readonly memoryGiB: number;
  /** Size of `/dev/shm`, through which worker processes talk; it counts towards the memory. */
  readonly shmGiB: number;
  /** Weights where they are downloaded, compiled kernels and graphs. */
  readonly cacheGiB: number;
  readonly tmpGiB: number;
  /** Everything on disk: caches, `/tmp`, logs. */
  readonly diskGiB: number;
  readonly cpu: number;
  readonly gpus: number;
  /** Size of the checkpoint, in gigabytes. */
  readonly weightsGB: number;
  readonly onDisk: OnDisk;
  readonly besides: HostExtras;
}

/** What of an engine lies on the pod's own disk, and goes with it. */
export interface OnDisk {
  /** Weights that are downloaded or copied there. */
  readonly weights: boolean;
  /** Compiled kernels and graphs; otherwise a volume keeps them. */
  readonly compiled: boolean;
}

/** What settings ask of a host beside the model itself, in GiB. */
export interface HostExtras {
  /** KV cache that the GPUs have no room for; it lies in `/dev/shm`. */
  readonly kvOffloadGiB: number;
  /** Adapters, all of which stay in host memory. */
  readonly adaptersGiB: number;
  /** Adapters that are downloaded before the engine starts. */
  readonly adapterFilesGiB: number;
  /** Images and sound that were prepared for the model. */
  readonly mediaGiB: number;
}

export const noExtras: HostExtras = { kvOffloadGiB: 0, adaptersGiB: 0, adapterFilesGiB: 0, mediaGiB: 0 };

/** What the needs of a pod are made of, in GiB but for the two factors. */
export const hostParts = {
  /** Loading maps the checkpoint into host memory; a fifth more leaves room for buffers. */
  hostCopy: 1.2,
  /** The API server and the engine's own process. */
  processGiB: 4,
  /** Each worker process: CUDA's host side and pinned buffers. */
  workerGiB: 2,
  /** Workers of one engine talk through `/dev/shm`; 4 GiB each comes near the 20 GiB that peers use for eight. */
  shmOfWorkerGiB: 4,
  /** Compiled kernels and graphs of one model. */
  compileCacheGiB: 10,
  /** What engines write beside that: configurations, tokenizers, kernels that their libraries build. */
  smallFilesGiB: 2,
  /** A download holds parts of files beside the whole. */
  downloadSlack: 1.1,
  tmpGiB: 1,
  /** Container logs until they are rotated: Kubernetes keeps five files of 10 MiB for each of a few containers. */
  logsGiB: 1,
} as const;

const { hostCopy, processGiB, workerGiB, shmOfWorkerGiB, compileCacheGiB } = hostParts;
const { smallFilesGiB, downloadSlack, tmpGiB, logsGiB } = hostParts;

/**
 * What one pod asks of its host. Each of the machines that a replica spans reads the whole checkpoint: vLLM passes over
 * the tensors of other stages only once it has them.
 */
export function hostNeeds(replica: Replica, onDisk: OnDisk, besides: HostExtras = noExtras): HostNeeds {
  const gpus = gpusPerMachine(replica);
  const weightsBytes = checkpointBytes(replica.model, replica.weights);
  const weightsGiB = onDisk.weights ? (weightsBytes / bytesPerGiB) * downloadSlack : 0;
  const cacheGiB = Math.ceil(weightsGiB + (onDisk.compiled ? compileCacheGiB : smallFilesGiB));
  return {
    memoryGiB: Math.ceil(memoryToLoadGiB(replica) + besides.kvOffloadGiB + besides.adaptersGiB + besides.mediaGiB),
    shmGiB: workersShmGiB(gpus) + besides.kvOffloadGiB,
    cacheGiB,
    tmpGiB,
    diskGiB: cacheGiB + tmpGiB + logsGiB + besides.adapterFilesGiB,
    // vLLM's advice: two cores and one more per GPU; a Kubernetes CPU is half a core.
    cpu: 2 * (2 + gpus),
    gpus,
    weightsGB: weightsBytes / bytesPerGB,
    onDisk,
    besides,
  };
}

function workersShmGiB(gpus: number): number {
  return gpus === 1 ? 1 : shmOfWorkerGiB * gpus;
}

function memoryToLoadGiB(replica: Replica): number {
  const gpus = gpusPerMachine(replica);
  const weightsGiB = checkpointBytes(replica.model, replica.weights) / bytesPerGiB;
  return hostCopy * weightsGiB + workersShmGiB(gpus) + processGiB + workerGiB * gpus;
}

/** Whether a pod with so much memory can load the replica's weights. */
export function loadsInto(replica: Replica, hostMemoryGiB: number): boolean {
  return memoryToLoadGiB(replica) <= hostMemoryGiB;
}
