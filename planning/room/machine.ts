import type { PodResources } from "../plan";

/** What pods may take of one empty machine, after the kubelet, the system and per-node agents took theirs. */
export interface Machine extends PodResources {
  /** Pods that the machine may run beside its agents. */
  readonly pods: number;
}

/** Machines that are all alike, spread over zones as evenly as their number allows. */
export interface Machines {
  readonly count: number;
  readonly machine: Machine;
  readonly zones: readonly string[];
}

/** How pods of a release are spread over zones. */
export interface ZoneSpread {
  /** Pods by which the fullest zone may be ahead of the emptiest. */
  readonly maxSkew: number;
  /** Whether a pod that cannot keep to it waits (`DoNotSchedule`), or runs all the same (`ScheduleAnyway`). */
  readonly required: boolean;
}

/** Pods of one release that want a place on the machines of one pool. */
export interface Tenant {
  readonly release: string;
  readonly pods: number;
  /** Pods of one replica, none of which serves without the others. @default 1 */
  readonly together?: number;
  readonly resources: PodResources;
  readonly spread: ZoneSpread | null;
}

/** What can run out on a machine. */
export const dimensions = ["gpus", "cpu", "memoryGiB", "diskGiB", "pods"] as const;
export type Dimension = (typeof dimensions)[number];

/** Amounts in the order of `dimensions`. Packing touches them millions of times, so they are plain arrays. */
export type Amounts = readonly number[];

export function amountsOf(room: Machine): Amounts {
  return [room.gpus, room.cpu, room.memoryGiB, room.diskGiB, room.pods];
}

/** What one pod needs; of the number of pods, one. */
export function needOf(pod: PodResources): Amounts {
  return [pod.gpus, pod.cpu, pod.memoryGiB, pod.diskGiB, 1];
}

/** Sums of halves and thirds do not come out even. */
export const rounding = 1e-9;

/** How many pods that need this much fit what is free. The innermost loop of packing. */
export function howMany(need: Amounts, free: Amounts): number {
  let most = Infinity;
  for (let dimension = 0; dimension < need.length; dimension++) {
    const amount = need[dimension] ?? 0;
    if (amount > 0) most = Math.min(most, Math.floor((free[dimension] ?? 0) / amount + rounding));
    if (most < 1) return 0;
  }
  return most;
}

/** The largest share of an empty machine that one pod takes, over all that can run out. */
export function dominantShare(need: Amounts, capacity: Amounts): number {
  return need.reduce((share, amount, dimension) => {
    const whole = capacity[dimension] ?? 0;
    return amount === 0 ? share : Math.max(share, whole === 0 ? Infinity : amount / whole);
  }, 0);
}

/** Names in one order on every machine, whatever its language. */
export function byRelease(a: { readonly release: string }, b: { readonly release: string }): number {
  if (a.release === b.release) return 0;
  return a.release < b.release ? -1 : 1;
}
