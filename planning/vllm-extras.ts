import { bytesPerGiB } from "../catalog/units";
import type { VllmSettings } from "../environment";
import { loraBytes, type HostExtras } from "./memory";
import type { Replica } from "./replica";

/**
 * GiB that each process of vLLM keeps of images and sound that were prepared for the model: the API server and every
 * engine. Source: vllm wheel 0.31.0, vllm/config/multimodal.py: mm_processor_cache_gb.
 */
const mediaCacheGiB = 4;

/** A download holds parts of files beside the whole. */
const downloadSlack = 1.1;

/** What the settings of a release ask of its host beside the model: see `HostExtras`. */
export function hostExtras(settings: VllmSettings, replica: Replica): HostExtras {
  const { data } = replica.parallel;
  const adapters = Object.values(settings.lora?.adapters ?? {});
  const downloaded = adapters.filter(({ from }) => from === "hub");
  return {
    // Each engine of a replica has its own file, which all its workers map.
    kvOffloadGiB: (settings.kvOffload ?? 0) * data,
    adaptersGiB: adaptersGiB(replica, adapters),
    adapterFilesGiB: Math.ceil(adaptersGiB(replica, downloaded) * downloadSlack),
    mediaGiB: replica.model.towerParameters > 0 ? mediaCacheGiB * (1 + data) : 0,
  };
}

/** Whole adapters, each of its own rank: host memory and files are not split over GPUs. */
function adaptersGiB(replica: Replica, adapters: readonly { readonly rank: number }[]): number {
  const rank = adapters.reduce((sum, adapter) => sum + adapter.rank, 0);
  if (rank === 0) return 0;
  const whole = { ...replica.parallel, tensor: 1 };
  return loraBytes({ ...replica, parallel: whole, lora: { slots: 1, rank } }) / bytesPerGiB;
}
