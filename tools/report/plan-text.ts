import type { Plan, Rollout } from "../../planning";
import { sum } from "../../planning/cost";
import { durationText } from "./progress";
import { table } from "./table";

/** A plan as people read it in a terminal. */
export function planText(plan: Plan): string {
  const heading = `${plan.environment}: ${plan.stage}, cluster context ${plan.context}`;
  return [heading, poolsText(plan), releasesText(plan), memoryText(plan), costText(plan)].join("\n\n");
}

/** `$1,234.50`; a sum with an unknown part is unknown. */
export function usd(amount: number | null): string {
  if (amount === null) return "$unknown";
  return `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function poolsText(plan: Plan): string {
  const columns = [
    { title: "pool" },
    { title: "machines" },
    { title: "GPUs used", align: "right" as const },
    { title: "$/GPU-hour", align: "right" as const },
    { title: "$/h", align: "right" as const },
  ];
  const rows = Object.values(plan.pools).map((pool) => {
    const used = Object.values(plan.releases).filter((release) => release.pool === pool.name);
    const gpus = used.reduce((sum, release) => sum + release.replicas.max * release.resources.gpus, 0);
    return [
      pool.name,
      `${pool.nodes} × ${pool.gpusPerNode} ${pool.accelerator}`,
      `${gpus} of ${pool.nodes * pool.gpusPerNode}`,
      usd(pool.usdPerGpuHour),
      usd(plan.cost.byPool[pool.name]?.usdPerHour ?? null),
    ];
  });
  return table(columns, rows);
}

function releasesText(plan: Plan): string {
  const columns = [
    { title: "release" },
    { title: "model" },
    { title: "pool" },
    { title: "pods × GPUs", align: "right" as const },
    { title: "context", align: "right" as const },
    { title: "starts within" },
    { title: "drains within" },
    { title: "rollout" },
    { title: "$/h", align: "right" as const },
  ];
  const rows = Object.values(plan.releases).map((release) => [
    release.name,
    release.model,
    release.pool,
    `${release.replicas.max} × ${release.resources.gpus}`,
    release.context.toLocaleString("en-US"),
    durationText(release.seconds.startup),
    durationText(release.seconds.grace),
    rolloutText(release.rollout),
    usd(release.usdPerHour),
  ]);
  return table(columns, rows);
}

export function rolloutText(rollout: Rollout): string {
  if (rollout.kind === "recreate") return "recreate (no spare GPU)";
  return rollout.maxSurge > 0 ? "new pod first" : "old pod first (no spare GPU)";
}

const barWidth = 40;

/** One GPU of each release: W weights, O overhead, K KV cache, · what is left alone. */
function memoryText(plan: Plan): string {
  const columns = [
    { title: "memory of one GPU" },
    { title: "" },
    { title: "weights" },
    { title: "overhead" },
    { title: "KV cache" },
    { title: "full-length requests", align: "right" as const },
  ];
  const rows = Object.values(plan.releases).map((release) => {
    const { totalGiB, weightsGiB, overheadGiB, kvGiB, kvTokens, fullLengthRequests } = release.memory;
    const cells = (gib: number): number => Math.round((gib / totalGiB) * barWidth);
    const used = "W".repeat(cells(weightsGiB)) + "O".repeat(cells(overheadGiB)) + "K".repeat(cells(kvGiB));
    const gib = (value: number): string => `${value.toFixed(1)} GiB`;
    return [
      release.name,
      `[${used.slice(0, barWidth).padEnd(barWidth, "·")}] of ${gib(totalGiB)}`,
      gib(weightsGiB),
      gib(overheadGiB),
      `${gib(kvGiB)} = ${kvTokens.toLocaleString("en-US")} tokens`,
      fullLengthRequests.toFixed(1),
    ];
  });
  return table(columns, rows);
}

function costText(plan: Plan): string {
  const { usdPerHour, usdPerMonth, byPool } = plan.cost;
  const used = sum(Object.values(byPool).map((pool) => pool.usedByReleasesUsdPerHour));
  const idle = usdPerHour === null || used === null ? null : usdPerHour - used;
  return `  ${usd(usdPerHour)}/h, ${usd(usdPerMonth)} a month: ${usd(used)}/h in releases, ${usd(idle)}/h idle`;
}
