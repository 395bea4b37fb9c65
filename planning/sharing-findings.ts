import { findGpu } from "../catalog/gpus";
import type { Environment, Path } from "../environment";
import { errorAt, type Finding } from "./findings";
import type { PooledReleases } from "./platform";
import { hasGpus, type GpuPoolPlan, type Workload } from "./plan";
import type { Planned } from "./releases";
import type { Replica } from "./replica";
import { sharedGpu } from "./sharing";

/** What is wrong with pools on whose GPUs pods take turns: nothing keeps their memory or their faults apart. */
export function sharingFindings(environment: Environment, parts: readonly PooledReleases[]): readonly Finding[] {
  return parts.flatMap(({ pooled: { plan }, released }) => {
    if (!hasGpus(plan) || plan.sharing?.kind !== "time-slicing") return [];
    const at: Path = ["pools", plan.name, "sharing"];
    return [
      ...inProduction(environment, plan, at),
      ...acrossTenants(environment, plan, at),
      ...overcommitted(plan, plan.sharing.perGpu, released, at),
    ];
  });
}

function inProduction({ stage }: Environment, { name }: GpuPoolPlan, at: Path): readonly Finding[] {
  if (stage !== "production") return [];
  const message = `pods take turns on the GPUs of ${name}, and this is production: one that fails or fills the memory takes the others with it`;
  const fix = "Partition the GPUs with `mig`, or let every pod have its own.";
  return [errorAt(at, "sharing-in-production", message, fix)];
}

/** Every release on the pool says whose it is, and it is the same tenant's. */
function acrossTenants({ releases }: Environment, { name }: GpuPoolPlan, at: Path): readonly Finding[] {
  const tenants = Object.entries(releases).flatMap(([release, { pool, tenant }]) =>
    pool === name ? [{ release, tenant }] : [],
  );
  const unsaid = tenants.flatMap(({ release, tenant }) => (tenant === undefined ? [release] : []));
  const known = new Set(tenants.flatMap(({ tenant }) => tenant ?? []));
  const apart = "pods that take turns on a GPU can read what others left in its memory";
  const fix =
    "Write the same `tenant` under each of them, move the others to a pool of their own, or partition with `mig`.";
  if (known.size > 1) {
    const whose = tenants.map(({ release, tenant }) => `${release} of ${tenant ?? "nobody in particular"}`).join(", ");
    const message = `GPU sharing across tenants on the pool ${name} (${whose}): ${apart}`;
    return [errorAt(at, "sharing-across-tenants", message, fix)];
  }
  if (unsaid.length === 0 || tenants.length < 2) return [];
  const message = `GPUs of the pool ${name} are shared, and nobody has said whose ${unsaid.join(", ")} ${unsaid.length === 1 ? "is" : "are"}: ${apart}`;
  return [errorAt(at, "sharing-across-tenants", message, fix)];
}

/** The pods that take most stand on one GPU at the worst: whatever the scheduler does, they fit. */
function overcommitted(
  { accelerator, name }: GpuPoolPlan,
  perGpu: number,
  released: readonly Planned[],
  at: Path,
): readonly Finding[] {
  const gpu = findGpu(accelerator);
  if (gpu === undefined) throw new RangeError(`not in the catalogue: ${accelerator}`);
  const unknown = released.flatMap(({ plan, replica }) =>
    plan !== undefined && plan.resources.gpus > 0 && replica === undefined ? [plan.name] : [],
  );
  if (unknown.length > 0) {
    const message = `GPUs of the pool ${name} are shared, and how much of their memory ${unknown.join(", ")} would take is not known`;
    return [errorAt(at, "sharing-overcommitted", message, "Move them to a pool whose GPUs are not shared.")];
  }
  const pods = released.flatMap(({ plan, replica }): readonly Replica[] =>
    plan === undefined || replica === undefined
      ? []
      : Array.from({ length: Math.min(perGpu, atOnce(plan)) }, () => ({ ...replica, gpu })),
  );
  const worst = pods.toSorted((a, b) => shareOf(b) - shareOf(a)).slice(0, perGpu);
  const [first] = worst;
  if (first === undefined) return [];
  const { problems } = sharedGpu(worst);
  const fix = `Lower \`gpuMemoryUtilization\` of the releases there, to ${hundredths(1 / perGpu)} each where all are alike, or \`timeSlicing\`.`;
  return problems.map((problem) => errorAt(at, "sharing-overcommitted", `on the pool ${name} ${problem}`, fix));
}

/** With the one more that a rollout may start first. */
function atOnce({ replicas, rollout }: Pick<Workload, "replicas" | "rollout">): number {
  return replicas.max + (rollout.kind === "rolling" ? rollout.maxSurge : 0);
}

function shareOf({ engine }: Replica): number {
  return engine.kind === "vllm" ? engine.gpuMemoryUtilization : 1;
}

function hundredths(share: number): number {
  return Math.floor(share * 100) / 100;
}
