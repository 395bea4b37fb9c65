import { bytesPerGB, bytesPerGiB } from "../../catalog/units";
import { gpusOf, type Replica } from "../replica";
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
}

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
  /** A download holds parts of files beside the whole. */
  downloadSlack: 1.1,
  tmpGiB: 1,
  /** Container logs until they are rotated: Kubernetes keeps five files of 10 MiB for each of a few containers. */
  logsGiB: 1,
} as const;

const { hostCopy, processGiB, workerGiB, shmOfWorkerGiB, compileCacheGiB, downloadSlack, tmpGiB, logsGiB } = hostParts;

/**
 * What one pod asks of its host.
 *
 * @param downloads whether weights come from the hub into the pod's cache, instead of from a volume
 */
export function hostNeeds(replica: Replica, downloads: boolean): HostNeeds {
  const gpus = gpusOf(replica.parallel);
  const weightsBytes = checkpointBytes(replica.model, replica.weights);
  const shmGiB = gpus === 1 ? 1 : shmOfWorkerGiB * gpus;
  const cacheGiB = Math.ceil((downloads ? (weightsBytes / bytesPerGiB) * downloadSlack : 0) + compileCacheGiB);
  return {
    memoryGiB: Math.ceil(memoryToLoadGiB(replica)),
    shmGiB,
    cacheGiB,
    tmpGiB,
    diskGiB: cacheGiB + tmpGiB + logsGiB,
    // vLLM's advice: two cores and one more per GPU; a Kubernetes CPU is half a core.
    cpu: 2 * (2 + gpus),
    gpus,
    weightsGB: weightsBytes / bytesPerGB,
  };
}

function memoryToLoadGiB(replica: Replica): number {
  const gpus = gpusOf(replica.parallel);
  const shmGiB = gpus === 1 ? 1 : shmOfWorkerGiB * gpus;
  const weightsGiB = checkpointBytes(replica.model, replica.weights) / bytesPerGiB;
  return hostCopy * weightsGiB + shmGiB + processGiB + workerGiB * gpus;
}

/** Whether a pod with so much memory can load the replica's weights. */
export function loadsInto(replica: Replica, hostMemoryGiB: number): boolean {
  return memoryToLoadGiB(replica) <= hostMemoryGiB;
}
