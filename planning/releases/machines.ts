/** Which engines run on which machines. */
import type { Path } from "../../environment";
import { errorAt, type Finding } from "../findings";
import { hasGpus, type GpuPoolPlan, type PoolPlan, type ReleasePlan } from "../plan";
import type { Chosen, Ground } from "./ground";

type OnPool<Pool extends PoolPlan = PoolPlan> = Omit<Ground<Pool>, "version" | "image">;

/** Decides a release whose engine needs GPUs, or refuses a pool that has none. */
export function onGpus<Plan extends ReleasePlan>(
  engine: string,
  ground: OnPool,
  choose: (ground: OnPool<GpuPoolPlan>) => Chosen<Plan>,
): Chosen<Plan> {
  const { pool, release } = ground;
  if (hasGpus(pool)) return choose({ ...ground, pool });
  const message = `${engine} computes on GPUs, and the machines of the pool ${pool.name} have none: ${machinesText(pool)}`;
  const fix = "Move the release to a pool with GPUs, or serve a small model by an engine for processors.";
  return refused(release, errorAt(poolOf(release), "wrong-machines", message, fix));
}

/** A release that is not planned at all. */
export function refused<Plan extends ReleasePlan>(release: string, ...findings: readonly Finding[]): Chosen<Plan> {
  return { release, planned: () => ({ findings, why: {} }) };
}

/** Where a release names its pool. */
export function poolOf(release: string): Path {
  return ["releases", release, "pool"];
}

/** `4 L40S`, `EPYC-7763`: what one machine of a pool has. */
export function machinesText({ accelerator, gpusPerNode, processor }: PoolPlan): string {
  if (processor === null) return `${gpusPerNode} ${accelerator ?? "GPUs"}`;
  return processor.sockets === 1 ? processor.id : `${processor.sockets} ${processor.id}`;
}
