import { bytesPerGB, bytesPerGiB } from "../../catalog/units";
import type { Arithmetic, By } from "../plan";
import { type HostNeeds, hostParts } from "./host";

/** The arithmetic of what a pod asks of its host, by the path of each number in a release's plan. */
export function explainHost(needs: HostNeeds): By<Arithmetic> {
  const { hostCopy, processGiB, workerGiB, shmOfWorkerGiB, compileCacheGiB, downloadSlack, logsGiB, smallFilesGiB } =
    hostParts;
  const { memoryGiB, shmGiB, cacheGiB, tmpGiB, diskGiB, cpu, gpus, weightsGB, onDisk, besides } = needs;
  const { kvOffloadGiB, adaptersGiB, adapterFilesGiB, mediaGiB } = besides;
  const extra = (name: string, value: number) => (value === 0 ? [] : [gib(name, value)]);
  const rest = onDisk.compiled ? "compiled kernels and graphs" : "small files; compiled code has a volume";
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
      `weights × ${hostCopy} + shared memory + processes + workers${adaptersGiB > 0 ? " + adapters" : ""}${mediaGiB > 0 ? " + prepared media" : ""}, rounded up`,
      [
        weights,
        gib("shared memory", shmGiB),
        gib("processes", processGiB),
        gib("workers", workerGiB * gpus),
        ...extra("adapters", adaptersGiB),
        ...extra("prepared media", mediaGiB),
      ],
      memoryGiB,
    ),
    "resources.cpu": { formula: "2 × (2 + GPUs)", terms: [count], result: cpu, unit: "CPU" },
    "resources.diskGiB": inGiB(
      `cache + /tmp + logs${adapterFilesGiB > 0 ? " + adapters" : ""}`,
      [
        gib("cache", cacheGiB),
        gib("/tmp", tmpGiB),
        gib("logs until they are rotated", logsGiB),
        ...extra("adapters", adapterFilesGiB),
      ],
      diskGiB,
    ),
    "resources.gpus": { formula: "tensor × pipeline × data parallel", terms: [count], result: gpus },
    "pod.volumes.shm.sizeGiB": inGiB(
      `${shmOfWorkerGiB} × GPUs, through which the workers talk; 1 where there is one worker${kvOffloadGiB > 0 ? "; and the offloaded KV cache" : ""}`,
      [count, ...extra("offloaded KV cache", kvOffloadGiB)],
      shmGiB,
    ),
    "pod.volumes.cache.sizeGiB": onDisk.weights
      ? inGiB(
          `downloaded weights × ${downloadSlack} + ${rest}, rounded up`,
          [weights, gib(rest, onDisk.compiled ? compileCacheGiB : smallFilesGiB)],
          cacheGiB,
        )
      : inGiB(rest, [], cacheGiB),
    ...(adapterFilesGiB === 0
      ? {}
      : {
          "pod.volumes.adapters.sizeGiB": inGiB(
            "adapters of the hub, with a tenth for parts of files, rounded up",
            [],
            adapterFilesGiB,
          ),
        }),
    "pod.volumes.tmp.sizeGiB": inGiB("the same for every release", [], tmpGiB),
  };
}

function gib(name: string, value: number) {
  return { name, value, unit: "GiB" };
}
