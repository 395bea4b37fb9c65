import { bytesPerGB, bytesPerGiB } from "../../catalog/units";
import type { Arithmetic, By } from "../plan";
import { type HostNeeds, hostParts } from "./host";

/** The arithmetic of what a pod asks of its host, by the path of each number in a release's plan. */
export function explainHost(needs: HostNeeds, downloads: boolean): By<Arithmetic> {
  const { hostCopy, processGiB, workerGiB, shmOfWorkerGiB, compileCacheGiB, downloadSlack, logsGiB } = hostParts;
  const { memoryGiB, shmGiB, cacheGiB, tmpGiB, diskGiB, cpu, gpus, weightsGB } = needs;
  const weights = gib("weights", (weightsGB * bytesPerGB) / bytesPerGiB);
  const count = { name: "GPUs", value: gpus };
  const inGiB = (formula: string, terms: Arithmetic["terms"], result: number): Arithmetic => ({
    formula,
    terms,
    result,
    unit: "GiB",
  });
  return {
    "resources.memoryGiB": inGiB(
      `weights × ${hostCopy} + shared memory + processes + workers, rounded up`,
      [weights, gib("shared memory", shmGiB), gib("processes", processGiB), gib("workers", workerGiB * gpus)],
      memoryGiB,
    ),
    "resources.cpu": { formula: "2 × (2 + GPUs)", terms: [count], result: cpu, unit: "CPU" },
    "resources.diskGiB": inGiB(
      "cache + /tmp + logs",
      [gib("cache", cacheGiB), gib("/tmp", tmpGiB), gib("logs until they are rotated", logsGiB)],
      diskGiB,
    ),
    "resources.gpus": { formula: "tensor × pipeline × data parallel", terms: [count], result: gpus },
    "pod.volumes.shm.sizeGiB": inGiB(
      `${shmOfWorkerGiB} × GPUs, through which the workers talk; 1 where there is one worker`,
      [count],
      shmGiB,
    ),
    "pod.volumes.cache.sizeGiB": downloads
      ? inGiB(
          `downloaded weights × ${downloadSlack} + compiled kernels and graphs, rounded up`,
          [weights, gib("compiled kernels and graphs", compileCacheGiB)],
          cacheGiB,
        )
      : inGiB("compiled kernels and graphs", [], cacheGiB),
    "pod.volumes.tmp.sizeGiB": inGiB("the same for every release", [], tmpGiB),
  };
}

function gib(name: string, value: number) {
  return { name, value, unit: "GiB" };
}
