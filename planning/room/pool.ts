import type { By, PodResources } from "../plan";
import type { Dimension, Machine, Tenant, ZoneSpread } from "./machine";
import { machinesNeeded } from "./need";
import { pack } from "./pack";
import { planSurges, type SurgePlan } from "./surge";

/** How many replicas of a release there are when load is least, as expected, and most. */
export interface ReplicaLevels {
  readonly min: number;
  readonly expected: number;
  readonly max: number;
}

export const levelNames = ["min", "expected", "max"] as const;
export type LevelName = (typeof levelNames)[number];

/** A release that asks a pool for room. */
export interface Demand {
  readonly release: string;
  /** The release that these pods belong to, where it has others, too. @default `release` */
  readonly owner?: string;
  readonly replicas: ReplicaLevels;
  /** Pods of one replica, none of which serves without the others. @default 1 */
  readonly podsPerReplica?: number;
  readonly resources: PodResources;
  readonly spread: ZoneSpread | null;
}

/** A pool, and who wants room in it. */
export interface RoomQuestion {
  readonly pool: string;
  readonly machine: Machine;
  readonly zones: readonly string[];
  /** Machines that are always there, and that there can be. The same where the pool does not grow. */
  readonly nodes: { readonly min: number; readonly max: number };
  /** Machines that are paid as reserved, whether they run or not. */
  readonly reserved: number;
  readonly demands: readonly Demand[];
}

/** A pool at one level of load. */
export interface RoomLevel {
  /** Machines on which first fit decreasing places every pod, as many as a lower level needs; the pool may not have them. */
  readonly needed: number;
  /** No packing does with fewer. */
  readonly atLeast: number;
  /** What decides `atLeast`. */
  readonly scarcest: Dimension;
  /** Machines that run: those needed, within the pool's bounds. */
  readonly running: number;
  /** Machines that run without a pod. */
  readonly idle: number;
  /** GPUs that pods have, of those that run. */
  readonly gpus: { readonly used: number; readonly running: number };
  /** Reserved machines that do not run and are paid all the same. */
  readonly unusedReserved: number;
  /** Pods of each release that find no place on the machines that run; releases without such pods are left out. */
  readonly unplaced: By<number>;
}

/** What a pool has room for: plain JSON, as all of a plan. */
export interface PoolRoom {
  readonly pool: string;
  readonly levels: Readonly<Record<LevelName, RoomLevel>>;
  /** Releases whose pod does not fit an empty machine. */
  readonly neverFits: readonly string[];
  /** Replicas that each release can reach while every other one wants its most. */
  readonly reachable: By<number>;
  readonly surges: SurgePlan;
  /** Pods of each release in each zone of the pool while every release wants its most. */
  readonly inZones: By<readonly number[]>;
}

/** Finds what a pool has room for. */
export function planRoom(question: RoomQuestion): PoolRoom {
  const { pool, machine, zones, nodes, demands } = question;
  const most = tenantsAt(demands, "max");
  const reach = { count: nodes.max, machine, zones };
  const packing = pack(most, reach);
  // Largest first may use a machine more for fewer pods; a rise in load takes no machine away.
  const min = levelOf(question, "min", 0);
  const expected = levelOf(question, "expected", min.needed);
  const max = levelOf(question, "max", expected.needed);
  return {
    pool,
    levels: { min, expected, max },
    neverFits: machinesNeeded(most, machine, zones).neverFits,
    reachable: Object.fromEntries(
      most.map(({ release, pods, together = 1 }) => [
        release,
        Math.floor((pods - (packing.unplaced.get(release) ?? 0)) / together),
      ]),
    ),
    surges: planSurges(most, reach, packing),
    inZones: Object.fromEntries(pack(most, reach, "balanced").inZones),
  };
}

function tenantsAt(demands: readonly Demand[], level: LevelName): readonly Tenant[] {
  return demands.map(({ release, replicas, podsPerReplica = 1, resources, spread }) => ({
    release,
    pods: replicas[level] * podsPerReplica,
    together: podsPerReplica,
    resources,
    spread,
  }));
}

function levelOf(
  { machine, zones, nodes, reserved, demands }: RoomQuestion,
  level: LevelName,
  neededBelow: number,
): RoomLevel {
  const tenants = tenantsAt(demands, level);
  const { needed: own, atLeast, scarcest } = machinesNeeded(tenants, machine, zones);
  const needed = Math.max(own, neededBelow);
  const running = Math.min(nodes.max, Math.max(nodes.min, needed));
  const { unplaced, used } = pack(tenants, { count: running, machine, zones });
  return {
    needed,
    atLeast,
    scarcest,
    running,
    idle: running - used,
    gpus: { used: gpusUsed(tenants, unplaced), running: running * machine.gpus },
    unusedReserved: Math.max(0, reserved - running),
    unplaced: Object.fromEntries([...unplaced].filter(([, pods]) => pods > 0)),
  };
}

function gpusUsed(tenants: readonly Tenant[], unplaced: ReadonlyMap<string, number>): number {
  return tenants.reduce(
    (sum, { release, pods, resources }) => sum + (pods - (unplaced.get(release) ?? 0)) * resources.gpus,
    0,
  );
}
