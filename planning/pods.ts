import type { PodResources, PoolPlan, ReleasePlan, Runs } from "./plan";
import type { ReplicaLevels } from "./room";

/** Pods of one replica: more than one where it spans several machines. */
export function podsPerReplica(runs: Runs): number {
  return runs.kind === "leader-worker-set" ? runs.size : 1;
}

/** Pods that a release has beside its replicas: the head of a cluster of Ray. */
export function headsOf(runs: Runs): readonly { readonly replicas: ReplicaLevels; readonly resources: PodResources }[] {
  if (runs.kind !== "ray-service") return [];
  return [{ replicas: { min: 1, expected: 1, max: 1 }, resources: runs.head.resources }];
}

/** The releases on each pool, in their order. */
export function releasesOf(
  pools: readonly PoolPlan[],
  releases: readonly ReleasePlan[],
): (pool: PoolPlan) => readonly ReleasePlan[] {
  const users = new Map(pools.map(({ name }): [string, ReleasePlan[]] => [name, []]));
  for (const release of releases) users.get(release.pool)?.push(release);
  return ({ name }) => users.get(name) ?? [];
}
