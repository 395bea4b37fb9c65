import { vcpuQuota } from "../catalog/quotas";
import type { Finding } from "./findings";
import { maxPods } from "./machine";
import type { Arithmetic, By, PodResources, PoolPlan, ReleasePlan } from "./plan";
import { headsOf, podsPerReplica, releasesOf } from "./pods";
import {
  explainRoom,
  planRoom,
  quotaFindings,
  quotaNeeds,
  roomFindings,
  type PoolRoom,
  type RoomQuestion,
} from "./room";
import { amountsOf, howMany, needOf } from "./room/machine";
import { joined } from "./why";

/** What all pools have room for. */
export interface Rooms {
  readonly rooms: By<PoolRoom>;
  /** Releases that may start a new pod before an old one is gone. */
  readonly surging: ReadonlySet<string>;
  readonly findings: readonly Finding[];
  /** By path inside the pools. Made when it is read. */
  readonly why: By<Arithmetic>;
}

/** Whether all pods have a place, and which releases may surge, pool by pool. */
export function planRooms(pools: readonly PoolPlan[], releases: readonly ReleasePlan[]): Rooms {
  const users = releasesOf(pools, releases);
  const each = pools.map((pool) => {
    const question = roomQuestion(pool, users(pool));
    return { question, room: planRoom(question) };
  });
  return {
    rooms: Object.fromEntries(each.map(({ room }) => [room.pool, room])),
    surging: new Set(each.flatMap(({ room }) => [...room.surges.granted])),
    findings: [...each.flatMap(({ question, room }) => roomFindings(question, room)), ...quotas(pools)],
    get why() {
      return joined(each.map(({ question, room }) => [`${room.pool}.room`, explainRoom(question, room)]));
    },
  };
}

/** Why so many pods alike find no place on the machines of a pool that they have for themselves; null where they do. */
export function noPlaceFor(pool: PoolPlan, resources: PodResources, pods: number): string | null {
  const onOne = howMany(needOf(resources), amountsOf(machineOf(pool)));
  if (onOne * pool.nodes >= pods) return null;
  const { cpu, memoryGiB } = resources;
  return `no place: ${pods} pods of ${cpu} CPU and ${memoryGiB} GiB of memory, ${pool.nodes} machines with room for ${onOne} each`;
}

function machineOf(pool: PoolPlan): RoomQuestion["machine"] {
  return { ...pool.allocatable, gpus: pool.gpusPerNode, pods: maxPods };
}

function roomQuestion(pool: PoolPlan, releases: readonly ReleasePlan[]): RoomQuestion {
  return {
    pool: pool.name,
    machine: machineOf(pool),
    zones: pool.zones,
    nodes: { min: pool.leastNodes, max: pool.nodes },
    reserved: pool.rented?.reservations ?? 0,
    demands: releases.flatMap(({ name, runs, replicas, resources, spread }) => [
      {
        release: name,
        replicas,
        podsPerReplica: podsPerReplica(runs),
        resources,
        spread: { maxSkew: 1, required: spread?.zones === "required" },
      },
      ...headsOf(runs).map((head) => ({ release: `${name} (head)`, owner: name, spread: null, ...head })),
    ]),
  };
}

/** Rented machines against what the account may run. */
function quotas(pools: readonly PoolPlan[]): readonly Finding[] {
  const shared = pools.flatMap((pool) => {
    const { rented } = pool;
    const quota =
      rented === null ? undefined : vcpuQuota(rented.family, rented.purchase[0] === "spot" ? "spot" : "on-demand");
    return rented === null || quota === undefined ? [] : [{ pool, rented, code: quota.code }];
  });
  const uses = shared.map(({ pool, rented: { region }, code }) => ({
    pool: pool.name,
    region,
    code,
    vcpusPerNode: pool.capacity.cpu,
    nodes: { min: pool.leastNodes, max: pool.nodes },
  }));
  const limits = shared.flatMap(({ rented: { region, quotaVcpus }, code }) =>
    quotaVcpus === null ? [] : [{ region, code, vcpus: quotaVcpus }],
  );
  // Pools share their quota; where they disagree on it, the smallest holds.
  const smallestLast = limits.toSorted((a, b) => b.vcpus - a.vcpus);
  return quotaFindings(quotaNeeds(uses, smallestLast));
}
