import { hoursPerMonth } from "../catalog/units";
import type { Arithmetic, By, CostPlan, PoolPlan, ReleasePlan } from "./plan";

/** What the environment costs: every machine of every pool, used or not. */
export function planCost(pools: By<PoolPlan>, releases: By<ReleasePlan>): { cost: CostPlan; why: By<Arithmetic> } {
  const each = Object.values(pools).map((pool) => {
    const users = Object.values(releases).filter((release) => release.pool === pool.name);
    return {
      name: pool.name,
      ...poolUsdPerHour(pool),
      usedByReleasesUsdPerHour: sum(users.map((release) => release.usdPerHour)),
    };
  });
  const usdPerHour = sum(each.map((pool) => pool.usdPerHour));
  const byPool = each.map(
    ({ name, usdPerHour, usedByReleasesUsdPerHour }) => [name, { usdPerHour, usedByReleasesUsdPerHour }] as const,
  );
  const terms = each.map((pool) => ({ name: pool.name, value: pool.usdPerHour ?? "unknown", unit: "$/h" }));
  const why: By<Arithmetic> = {
    ...Object.fromEntries(each.map((pool) => [`pools.${pool.name}.usdPerHour`, pool.why])),
    "cost.usdPerHour": { formula: "sum over pools, used or not", terms, result: usdPerHour ?? "unknown", unit: "$/h" },
  };
  const usdPerMonth = usdPerHour === null ? null : usdPerHour * hoursPerMonth;
  return { cost: { usdPerHour, usdPerMonth, byPool: Object.fromEntries(byPool) }, why };
}

/** A sum with an unknown part is unknown, never smaller. */
export function sum(amounts: readonly (number | null)[]): number | null {
  return amounts.reduce((total, amount) => (total === null || amount === null ? null : total + amount), 0);
}

/** Dollars per hour of so many GPUs; unknown where their price is. */
export function gpusUsdPerHour(gpus: number, pool: PoolPlan): number | null {
  return pool.usdPerGpuHour === null ? null : gpus * pool.usdPerGpuHour;
}

function poolUsdPerHour(pool: PoolPlan): { usdPerHour: number | null; why: Arithmetic } {
  const usdPerHour = gpusUsdPerHour(pool.nodes * pool.gpusPerNode, pool);
  const terms = [
    { name: "nodes", value: pool.nodes },
    { name: "GPUs per node", value: pool.gpusPerNode },
    { name: "price", value: pool.usdPerGpuHour ?? "unknown", unit: "$/GPU-hour" },
  ];
  return {
    usdPerHour,
    why: { formula: "nodes × GPUs per node × price", terms, result: usdPerHour ?? "unknown", unit: "$/h" },
  };
}
