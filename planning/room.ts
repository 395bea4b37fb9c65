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

/** How pods were placed. */
export interface Packing {
  /** Pods of each release that found no place. */
  readonly unplaced: ReadonlyMap<string, number>;
  /** What each machine has left. */
  readonly free: readonly PodResources[];
}

/** Places pods on machines, largest first, each on the first machine that still has room (first fit decreasing). */
export function pack(tenants: readonly Tenant[], machines: Machines): Packing {
  const empty: PodResources = { ...machines.allocatable, gpus: machines.gpus };
  const free = Array.from({ length: machines.count }, () => empty);
  const unplaced = new Map(tenants.map((tenant) => [tenant.release, 0]));
  for (const tenant of tenants.toSorted(largestFirst)) {
    const placed = Array.from({ length: tenant.pods }, () => place(tenant.resources, free)).filter(Boolean).length;
    unplaced.set(tenant.release, tenant.pods - placed);
  }
  return { unplaced, free };
}

/** Takes room for a pod on the first machine that has it; tells whether one had. */
function place(pod: PodResources, free: PodResources[]): boolean {
  const index = free.findIndex((room) => fits(pod, room));
  const room = free[index];
  if (room === undefined) return false;
  free[index] = without(room, pod);
  return true;
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
 * once, so their surges have to fit beside every pod and each other; where they do not, releases earlier in
 * the alphabet come first.
 */
export function surges(tenants: readonly Tenant[], { free }: Packing): ReadonlySet<string> {
  const left = [...free];
  const byName = tenants.toSorted((a, b) => (a.release < b.release ? -1 : 1));
  return new Set(byName.filter((tenant) => place(tenant.resources, left)).map((tenant) => tenant.release));
}

/** Surge where room is proven; otherwise the old pod leaves first, one at a time. */
export function rolloutFor(replicas: number, surge: boolean): Rollout {
  if (surge) return { kind: "rolling", maxSurge: 1, maxUnavailable: 0 };
  return replicas === 1 ? { kind: "recreate" } : { kind: "rolling", maxSurge: 0, maxUnavailable: 1 };
}
