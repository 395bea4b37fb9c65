import { shareUnit } from "./money";
import type { PodResources, PoolPlan, Term } from "./plan";

type Priced = Pick<PoolPlan, "usdPerGpuHour" | "usdPerMachineHour" | "gpusPerNode" | "allocatable">;

/** Dollars per hour of so many GPUs; unknown where their price is. */
export function gpusUsdPerHour(gpus: number, pool: Pick<PoolPlan, "usdPerGpuHour">): number | null {
  return pool.usdPerGpuHour === null ? null : gpus * pool.usdPerGpuHour;
}

/** How the dollars of a release's pods come about. */
export function priceOfGpus(
  gpusPerPod: number,
  pods: number,
  { usdPerGpuHour }: Pick<PoolPlan, "usdPerGpuHour">,
): { readonly formula: string; readonly terms: readonly Term[] } {
  const terms = [
    { name: "GPUs per pod", value: gpusPerPod },
    { name: "replicas", value: pods },
    { name: "price", value: usdPerGpuHour ?? "unknown", unit: "$/GPU-hour" },
  ];
  return { formula: "GPUs per pod × replicas × price", terms };
}

/** Dollars per hour of so many pods: of their GPUs, or of their share of CPU where the machines have no GPUs. */
export function podsUsdPerHour({ gpus, cpu }: PodResources, pods: number, pool: Priced): number | null {
  if (unitOf(pool) === "gpus") return gpusUsdPerHour(gpus * pods, pool);
  const { usdPerMachineHour, allocatable } = pool;
  return usdPerMachineHour === null ? null : ((cpu * pods) / allocatable.cpu) * usdPerMachineHour;
}

/** How those dollars come about. */
export function priceOfPods({ gpus, cpu }: PodResources, pods: number, pool: Priced): ReturnType<typeof priceOfGpus> {
  if (unitOf(pool) === "gpus") return priceOfGpus(gpus, pods, pool);
  const terms = [
    { name: "CPU per pod", value: cpu },
    { name: "replicas", value: pods },
    { name: "CPU that a machine has for pods", value: pool.allocatable.cpu },
    { name: "price", value: pool.usdPerMachineHour ?? "unknown", unit: "$/machine-hour" },
  ];
  return { formula: "CPU per pod × replicas ÷ CPU of a machine × price", terms };
}

function unitOf({ gpusPerNode, allocatable }: Priced): "gpus" | "cpu" {
  return shareUnit({ gpus: gpusPerNode, cpu: allocatable.cpu });
}
