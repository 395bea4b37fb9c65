import type { PoolPlan, Term } from "./plan";

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
