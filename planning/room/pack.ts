import {
  amountsOf,
  byRelease,
  dominantShare,
  howMany,
  needOf,
  type Amounts,
  type Machines,
  type Tenant,
  type ZoneSpread,
} from "./machine";

/** How pods were placed. */
export interface Packing {
  /** Pods of each release that found no place. */
  readonly unplaced: ReadonlyMap<string, number>;
  /** Pods of each release in each zone, in the order of the zones. */
  readonly inZones: ReadonlyMap<string, readonly number[]>;
  /** What each machine has left, in the order of `dimensions`. */
  readonly free: readonly Amounts[];
  /** Machines with at least one pod. */
  readonly used: number;
}

/**
 * Whether zones that are only preferred count: `tight` looks for any place at all, which proves that there is one;
 * `balanced` keeps pods apart as the scheduler does while there is room.
 */
export type Preference = "tight" | "balanced";

/**
 * Places pods on machines, largest first, each on the first machine that has room (first fit decreasing). What is
 * large is what takes the largest share of an empty machine. Machines are alike, so pods of one release fill one
 * after the other and the work grows with releases × machines, not with pods × machines.
 *
 * First fit decreasing is not the best packing: with one thing that can run out it may use 11/9 of the machines and
 * 6/9 of one more (Dósa 2007), with d things d + 1/3 times as many (Garey, Graham, Johnson, Yao 1976). It is the best
 * where sizes divide each other, as 1, 2, 4 and 8 GPUs do.
 */
export function pack(tenants: readonly Tenant[], machines: Machines, preference: Preference = "tight"): Packing {
  const yard = new Yard(machines);
  const unplaced = new Map(tenants.map(({ release }) => [release, 0]));
  const inZones = new Map<string, readonly number[]>();
  for (const tenant of largestFirst(tenants, amountsOf(machines.machine))) {
    const placed = place(tenant, yard, preference);
    inZones.set(tenant.release, placed);
    unplaced.set(tenant.release, tenant.pods - placed.reduce((sum, pods) => sum + pods, 0));
  }
  return { unplaced, inZones, free: yard.free, used: yard.used };
}

/**
 * How many machines first fit uses when there is no end of them: the least with which it places all, because what it
 * does on one machine does not depend on the machines after it. Zones do not count; every pod must fit an empty machine.
 */
export function packWithoutEnd(tenants: readonly Tenant[], machine: Machines["machine"]): number {
  const yard = new Yard({ count: Infinity, machine, zones: [] });
  for (const { resources, pods } of largestFirst(tenants, amountsOf(machine))) {
    placeAnywhere(needOf(resources), pods, yard);
  }
  return yard.used;
}

/** Largest first; by name where two are alike, so that a plan is the same whatever the order in the file. */
export function largestFirst(tenants: readonly Tenant[], capacity: Amounts): readonly Tenant[] {
  return tenants
    .map((tenant) => {
      const need = needOf(tenant.resources);
      const total = need.reduce((sum, amount, dimension) => sum + amount / (capacity[dimension] || 1), 0);
      return { tenant, share: dominantShare(need, capacity), total };
    })
    .sort((a, b) => b.share - a.share || b.total - a.total || byRelease(a.tenant, b.tenant))
    .map(({ tenant }) => tenant);
}

function place(tenant: Tenant, yard: Yard, preference: Preference): readonly number[] {
  const { spread, resources, pods } = tenant;
  const need = needOf(resources);
  const byZone = spread !== null && yard.zones > 1 && (spread.required || preference === "balanced");
  return byZone ? placeByZone(need, pods, spread, yard) : placeAnywhere(need, pods, yard);
}

function placeAnywhere(need: Amounts, pods: number, yard: Yard): readonly number[] {
  const inZones = yard.noPods();
  let left = pods;
  for (let machine = 0; machine < yard.count && left > 0; machine++) {
    const taken = yard.take(machine, need, left);
    inZones[machine % yard.zones] = (inZones[machine % yard.zones] ?? 0) + taken;
    left -= taken;
  }
  return inZones;
}

/** One pod after the other into the zone that has the fewest and has room, while the spread allows it. */
function placeByZone(need: Amounts, pods: number, spread: ZoneSpread, yard: Yard): readonly number[] {
  const inZones = yard.noPods();
  // Pods of one release are alike: a machine that has no room for one has none for the next.
  const cursors = inZones.map((_, zone) => zone);
  for (let pod = 0; pod < pods; pod++) {
    const zone = emptiest(inZones, (candidate) => {
      cursors[candidate] = yard.firstWithRoom(cursors[candidate] ?? candidate, need);
      return cursors[candidate] < yard.count;
    });
    if (zone === undefined) break;
    const skew = (inZones[zone] ?? 0) + 1 - Math.min(...inZones);
    // Kubernetes refuses a skew below 1.
    if (spread.required && skew > Math.max(1, spread.maxSkew)) break;
    inZones[zone] = (inZones[zone] ?? 0) + yard.take(cursors[zone] ?? zone, need, 1);
  }
  return inZones;
}

function emptiest(inZones: readonly number[], hasRoom: (zone: number) => boolean): number | undefined {
  let best: number | undefined;
  inZones.forEach((pods, zone) => {
    if ((best === undefined || pods < (inZones[best] ?? 0)) && hasRoom(zone)) best = zone;
  });
  return best;
}

/** Machines while pods are placed on them; machine i is in zone i modulo the number of zones. */
class Yard {
  readonly count: number;
  /** Zones that have a machine: others are none to the scheduler. */
  readonly zones: number;
  readonly free: number[][] = [];
  used = 0;
  private readonly empty: Amounts;
  private readonly busy: boolean[] = [];

  constructor({ count, machine, zones }: Machines) {
    this.empty = amountsOf(machine);
    this.count = count;
    this.zones = Math.max(1, Math.min(zones.length, count));
    if (count !== Infinity) while (this.free.length < count) this.free.push([...this.empty]);
  }

  noPods(): number[] {
    return Array.from({ length: this.zones }, () => 0);
  }

  /** Takes room for at most so many pods on one machine; tells for how many. */
  take(machine: number, need: Amounts, pods: number): number {
    const free = (this.free[machine] ??= [...this.empty]);
    const taken = Math.min(pods, howMany(need, free));
    if (taken === 0) return 0;
    for (let dimension = 0; dimension < free.length; dimension++)
      free[dimension] = (free[dimension] ?? 0) - (need[dimension] ?? 0) * taken;
    if (this.busy[machine] !== true) this.used++;
    this.busy[machine] = true;
    return taken;
  }

  /** The first machine of a zone, from one of its machines on, that has room; past the last where none has. */
  firstWithRoom(from: number, need: Amounts): number {
    let machine = from;
    while (machine < this.count && howMany(need, this.free[machine] ?? []) < 1) machine += this.zones;
    return machine;
  }
}
