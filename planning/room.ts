import type { MachineResources, PodResources, Rollout } from "./plan";

/** Pods of one release that want a place on the machines of one pool. */
export interface Tenant {
  readonly release: string;
  readonly pods: number;
  readonly resources: PodResources;
}

/** Machines that are all alike. */
export interface Machines {
  readonly count: number;
  readonly gpus: number;
  readonly allocatable: MachineResources;
}

/**
 * Places pods on machines, largest first, each on the first machine that still has room (first fit decreasing).
 *
 * @returns how many pods of each release found no place
 */
export function pack(tenants: readonly Tenant[], machines: Machines): ReadonlyMap<string, number> {
  const empty: PodResources = { ...machines.allocatable, gpus: machines.gpus };
  const free: PodResources[] = Array.from({ length: machines.count }, () => empty);
  const unplaced = new Map(tenants.map((tenant) => [tenant.release, 0]));
  for (const tenant of tenants.toSorted(largestFirst)) {
    for (let pod = 0; pod < tenant.pods; pod++) {
      const index = free.findIndex((room) => fits(tenant.resources, room));
      const room = free[index];
      if (room === undefined) unplaced.set(tenant.release, (unplaced.get(tenant.release) ?? 0) + 1);
      else free[index] = without(room, tenant.resources);
    }
  }
  return unplaced;
}

function largestFirst(a: Tenant, b: Tenant): number {
  const byGpus = b.resources.gpus - a.resources.gpus;
  const byMemory = b.resources.memoryGiB - a.resources.memoryGiB;
  return byGpus || byMemory || (a.release < b.release ? -1 : 1);
}

function fits(pod: PodResources, room: PodResources): boolean {
  return pod.gpus <= room.gpus && pod.cpu <= room.cpu && pod.memoryGiB <= room.memoryGiB && pod.diskGiB <= room.diskGiB;
}

function without(room: PodResources, pod: PodResources): PodResources {
  return {
    gpus: room.gpus - pod.gpus,
    cpu: room.cpu - pod.cpu,
    memoryGiB: room.memoryGiB - pod.memoryGiB,
    diskGiB: room.diskGiB - pod.diskGiB,
  };
}

/**
 * Which releases may start a new pod before an old one is gone. All releases of a pool may be rolled out at
 * once, so their surges have to fit together; where they do not, releases earlier in the alphabet come first.
 */
export function surges(tenants: readonly Tenant[], machines: Machines): ReadonlySet<string> {
  const granted = new Set<string>();
  const byName = tenants.toSorted((a, b) => (a.release < b.release ? -1 : 1));
  for (const { release } of byName) {
    const tried = new Set([...granted, release]);
    const withSurge = tenants.map((tenant) => ({ ...tenant, pods: tenant.pods + (tried.has(tenant.release) ? 1 : 0) }));
    if ([...pack(withSurge, machines).values()].every((unplaced) => unplaced === 0)) granted.add(release);
  }
  return granted;
}

/** Surge where room is proven; otherwise the old pod leaves first, one at a time. */
export function rolloutFor(replicas: number, surge: boolean): Rollout {
  if (surge) return { kind: "rolling", maxSurge: 1, maxUnavailable: 0 };
  return replicas === 1 ? { kind: "recreate" } : { kind: "rolling", maxSurge: 0, maxUnavailable: 1 };
}
