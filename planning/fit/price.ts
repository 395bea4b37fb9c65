import type { Source } from "../../catalog/fact";
import { instances, onDemandPrice, type GpuInstance } from "../../catalog/instances";

/** Where a replica could run on EC2, and what its GPUs cost there. */
export interface RentedGpus {
  readonly instance: GpuInstance;
  readonly region: string;
  /** Dollars per hour of the GPUs that are used; the machine is paid whole. */
  readonly usdPerHour: number;
  readonly machineUsdPerHour: number;
  readonly machines: number;
  readonly source: Source;
}

/** Whole GPUs only: a share of one (g6f) is a smaller GPU than the catalogue's. */
const byGpu = new Map<string, readonly GpuInstance[]>();
for (const instance of instances) {
  if (instance.kind !== "gpu" || instance.gpuCount < 1) continue;
  byGpu.set(instance.gpu, [...(byGpu.get(instance.gpu) ?? []), instance]);
}

/** What is offered for so many GPUs in a region, the best first; prices do not change while a program runs. */
const offers = new Map<string, readonly RentedGpus[]>();

/**
 * The EC2 type whose GPUs of this kind cost least in a region, among those that hold all GPUs of a replica (or, where
 * none does, are filled by it) and whose memory can take the weights while they load.
 *
 * @returns undefined where nobody sells them at a known price: unknown is not free
 */
export function rentGpus(gpu: string, gpus: number, region: string, hostMemoryGiB = 0): RentedGpus | undefined {
  const key = `${gpu} ${gpus} ${region}`;
  let offered = offers.get(key);
  if (offered === undefined) {
    offered = (byGpu.get(gpu) ?? []).flatMap((instance) => offer(instance, gpus, region)).sort(bestFirst);
    offers.set(key, offered);
  }
  return offered.find(({ instance, machines }) => instance.memoryGiB * machines >= hostMemoryGiB);
}

function offer(instance: GpuInstance, gpus: number, region: string): readonly RentedGpus[] {
  const price = onDemandPrice(instance.type, region);
  const machines = Math.ceil(gpus / instance.gpuCount);
  // A replica over several machines fills them; otherwise what is left of the last one is somebody else's.
  if (price === undefined || (machines > 1 && gpus % instance.gpuCount !== 0)) return [];
  const { usdPerHour: machineUsdPerHour } = price;
  const usdPerHour = (machineUsdPerHour * gpus) / instance.gpuCount;
  return [{ instance, region, machines, machineUsdPerHour, usdPerHour, source: price }];
}

/** One machine before several; then fewer dollars; of equal ones the smaller machine, of which less stays idle. */
function bestFirst(a: RentedGpus, b: RentedGpus): number {
  const several = Number(a.machines > 1) - Number(b.machines > 1);
  return several || a.usdPerHour - b.usdPerHour || a.machineUsdPerHour - b.machineUsdPerHour;
}
