import type { By, Rollout } from "../plan";
import { amountsOf, byRelease, howMany, needOf, rounding, type Amounts, type Machines, type Tenant } from "./machine";
import { pack, type Packing } from "./pack";

/**
 * How sure it is that a pod finds room. `certain`: wherever the scheduler put the others, and in whatever order.
 * `if-packed`: there is room when pods are packed tightly, and the scheduler may have scattered them so that no
 * machine has enough left in one piece. `none`: there is no room even then.
 */
export type Proof = "certain" | "if-packed" | "none";

/** Which releases may start a new pod before an old one is gone. */
export interface SurgePlan {
  /** For each release: that a pod that went away is placed again. */
  readonly placement: By<Proof>;
  /** For each release: that one pod more is placed, while every release rolls out at once. */
  readonly surge: By<Proof>;
  /** Releases with a surge that is certain, by name. */
  readonly granted: readonly string[];
}

/**
 * Decides who may surge when all releases of a pool roll out at once. Where not all may, those earlier in the alphabet
 * come first. A surge is granted only when it is certain and takes the certainty of no other release away: a rollout
 * that has begun with `maxUnavailable: 0` and finds no room stays stuck.
 *
 * @param packing - of the same tenants on the same machines, where it is known
 */
export function planSurges(
  tenants: readonly Tenant[],
  machines: Machines,
  packing: Packing = pack(tenants, machines),
): SurgePlan {
  const byName = tenants.toSorted(byRelease);
  const allPlaced = [...packing.unplaced.values()].every((pods) => pods === 0);
  const certainty = new Certainty(tenants, machines);

  const certain = new Set(allPlaced ? byName.filter((tenant) => certainty.holdsFor([tenant])) : []);
  const granted = allPlaced ? grant(byName, certain, certainty, packing) : new Set<string>();
  const packed = allPlaced ? besideEachOther(byName, packing) : new Set<string>();
  const placement = byName.map((tenant): [string, Proof] => {
    if ((packing.unplaced.get(tenant.release) ?? 0) > 0) return [tenant.release, "none"];
    return [tenant.release, certain.has(tenant) ? "certain" : "if-packed"];
  });
  const surge = byName.map(({ release }): [string, Proof] => {
    if (granted.has(release)) return [release, "certain"];
    return [release, packed.has(release) ? "if-packed" : "none"];
  });
  return { placement: Object.fromEntries(placement), surge: Object.fromEntries(surge), granted: [...granted] };
}

function grant(
  byName: readonly Tenant[],
  certain: ReadonlySet<Tenant>,
  certainty: Certainty,
  packing: Packing,
): ReadonlySet<string> {
  // What was certain stays certain; where it was not, at least a packing of all pods and surges remains.
  const kept = distinctNeeds([...certain]);
  const left = copyOf(packing);
  const granted = new Set<string>();
  for (const tenant of byName.filter(mayComeFirst)) {
    certainty.addPod(tenant);
    const safe = certain.has(tenant) && certainty.holdsFor(kept);
    if (safe && takeOne(needOf(tenant.resources), left)) granted.add(tenant.release);
    else certainty.removePod(tenant);
  }
  return granted;
}

/** One release for each kind of pod: the others have the same answer. */
function distinctNeeds(tenants: readonly Tenant[]): Tenant[] {
  const key = ({ resources, spread }: Tenant) => JSON.stringify([needOf(resources), spread?.required === true]);
  return [...new Map(tenants.map((tenant) => [key(tenant), tenant])).values()];
}

/** Releases, by name, that find room for one pod more beside every pod and each other's pods. */
function besideEachOther(byName: readonly Tenant[], packing: Packing): ReadonlySet<string> {
  const left = copyOf(packing);
  return new Set(
    byName
      .filter((tenant) => mayComeFirst(tenant) && takeOne(needOf(tenant.resources), left))
      .map(({ release }) => release),
  );
}

/** Replicas of several pods are replaced in place: what keeps them cannot start one more first. */
function mayComeFirst({ together = 1 }: Tenant): boolean {
  return together === 1;
}

function copyOf({ free }: Packing): readonly number[][] {
  return free.map((amounts) => [...amounts]);
}

function takeOne(need: Amounts, left: readonly number[][]): boolean {
  const machine = left.find((free) => howMany(need, free) >= 1);
  if (machine === undefined) return false;
  need.forEach((amount, dimension) => (machine[dimension] = (machine[dimension] ?? 0) - amount));
  return true;
}

/**
 * Proves that a pod finds room wherever the others are. A machine has no room for it only when the others use more of
 * something than what it would leave, so the others together can shut it out of only so many machines; when there are
 * more than that, one is open.
 */
class Certainty {
  private readonly capacity: Amounts;
  private readonly totals: number[];
  private pods: number;
  /** What can run out before GPUs do, and GPUs. */
  private readonly scarce: readonly number[];
  /** All pods use multiples of this many GPUs: what they leave is a multiple too. */
  private readonly gpuStep: number;
  private readonly all: number;
  private readonly smallestZone: number;

  constructor(tenants: readonly Tenant[], { count, machine, zones }: Machines) {
    this.capacity = amountsOf(machine);
    this.totals = this.capacity.map((_, dimension) =>
      tenants.reduce((sum, { pods, resources }) => sum + pods * (needOf(resources)[dimension] ?? 0), 0),
    );
    this.pods = tenants.reduce((sum, { pods }) => sum + pods, 0);
    this.scarce = scarceDimensions(tenants, this.capacity);
    this.gpuStep = tenants.reduce((step, { resources }) => greatestCommonDivisor(step, resources.gpus), 0);
    this.all = count;
    this.smallestZone = Math.floor(count / Math.max(1, zones.length));
  }

  addPod(tenant: Tenant): void {
    this.change(tenant, 1);
  }

  removePod(tenant: Tenant): void {
    this.change(tenant, -1);
  }

  private change({ resources }: Tenant, pods: number): void {
    needOf(resources).forEach((amount, dimension) => {
      this.totals[dimension] = (this.totals[dimension] ?? 0) + pods * amount;
    });
    this.pods += pods;
  }

  /** Whether one pod of each of these is placed for certain when all others are there. */
  holdsFor(tenants: readonly Tenant[]): boolean {
    return tenants.every((tenant) => this.shutOut(needOf(tenant.resources)) < this.machinesFor(tenant));
  }

  /** A spread that is required may leave one zone to go to, and that be the smallest. */
  private machinesFor({ spread }: Tenant): number {
    return spread?.required === true ? this.smallestZone : this.all;
  }

  /** Machines out of which all other pods can shut one that needs this much; infinite where it fits no machine. */
  private shutOut(need: Amounts): number {
    if (howMany(need, this.capacity) < 1) return Infinity;
    const machines = this.scarce.reduce((sum, dimension) => sum + this.shutOutBy(dimension, need[dimension] ?? 0), 0);
    return Math.min(machines, this.pods - 1);
  }

  private shutOutBy(dimension: number, amount: number): number {
    if (amount === 0) return 0;
    const others = (this.totals[dimension] ?? 0) - amount;
    const spare = (this.capacity[dimension] ?? 0) - amount;
    // GPUs are taken in steps: the least that shuts a pod out is the first step above what it would leave.
    const step = dimension === 0 ? this.gpuStep : 0;
    const least = step === 0 ? spare : (Math.floor(spare / step + rounding) + 1) * step;
    return least <= 0 ? this.pods : Math.floor(others / least + rounding);
  }
}

/** Of what pods take at most the share that they take of GPUs, no machine runs out before it runs out of GPUs. */
function scarceDimensions(tenants: readonly Tenant[], capacity: Amounts): readonly number[] {
  const needs = tenants.filter(({ pods }) => pods > 0).map(({ resources }) => needOf(resources));
  const share = (need: Amounts, dimension: number) => (need[dimension] ?? 0) / (capacity[dimension] || Infinity);
  return capacity.flatMap((_, dimension) =>
    dimension === 0 || needs.some((need) => share(need, dimension) > share(need, 0) + rounding) ? [dimension] : [],
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Surge where room is proven; otherwise the old pod leaves first, one at a time. */
export function rolloutFor(replicas: number, surge: boolean): Rollout {
  if (surge) return { kind: "rolling", maxSurge: 1, maxUnavailable: 0 };
  return replicas === 1 ? { kind: "recreate" } : { kind: "rolling", maxSurge: 0, maxUnavailable: 1 };
}
