import {
  amountsOf,
  dimensions,
  howMany,
  needOf,
  rounding,
  type Dimension,
  type Machine,
  type Machines,
  type Tenant,
} from "./machine";
import { pack, packWithoutEnd } from "./pack";

/** How many machines pods need. */
export interface MachinesNeeded {
  /** Machines on which first fit decreasing places every pod that fits one. */
  readonly needed: number;
  /** No packing does with fewer: what the pods take together ÷ what one machine has. */
  readonly atLeast: number;
  /** What decides `atLeast`. */
  readonly scarcest: Dimension;
  /** Releases whose pod does not fit an empty machine; they are not counted. */
  readonly neverFits: readonly string[];
}

/** How many machines hold these pods. */
export function machinesNeeded(tenants: readonly Tenant[], machine: Machine, zones: readonly string[]): MachinesNeeded {
  const empty = amountsOf(machine);
  const fitting = tenants.filter(({ resources }) => howMany(needOf(resources), empty) >= 1);
  const known = new Set(fitting);
  const neverFits = tenants.filter((tenant) => !known.has(tenant)).map(({ release }) => release);
  const { atLeast, scarcest } = leastMachines(fitting, machine);
  return { needed: firstThatHolds(fitting, machine, zones), atLeast, scarcest, neverFits };
}

function leastMachines(tenants: readonly Tenant[], machine: Machine): { atLeast: number; scarcest: Dimension } {
  const capacity = amountsOf(machine);
  const totals = capacity.map((_, dimension) =>
    tenants.reduce((sum, { pods, resources }) => sum + pods * (needOf(resources)[dimension] ?? 0), 0),
  );
  const least = totals.map((total, dimension) =>
    total === 0 ? 0 : Math.ceil(total / (capacity[dimension] ?? 0) - rounding),
  );
  const atLeast = Math.max(0, ...least);
  return { atLeast, scarcest: dimensions[least.indexOf(atLeast)] ?? "gpus" };
}

/**
 * As many machines as first fit uses without regard to zones; more where zones are required and one of them has no room
 * yet. A machine in the emptiest zone lets pods into the others too, so they are added one by one.
 */
function firstThatHolds(tenants: readonly Tenant[], machine: Machine, zones: readonly string[]): number {
  let count = packWithoutEnd(tenants, machine);
  const zonesCount = zones.length > 1 && tenants.some(({ spread }) => spread?.required === true);
  while (zonesCount && !placesAll(tenants, { count, machine, zones })) count++;
  return count;
}

function placesAll(tenants: readonly Tenant[], machines: Machines): boolean {
  return [...pack(tenants, machines).unplaced.values()].every((pods) => pods === 0);
}
