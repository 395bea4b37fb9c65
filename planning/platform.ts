import type { Environment } from "../environment";
import { cheapest, type Option } from "./cheapest";
import type { Finding } from "./findings";
import type { ReleaseLoad } from "./load";
import { poolMoney } from "./money";
import { planPool, type PoolPlanned } from "./pool";
import { planRooms, type Rooms } from "./rooms";
import { poolUse } from "./spending";
import { chooseRelease, type Chosen, type Planned } from "./releases";

/** One pool with its releases. */
export interface PooledReleases {
  readonly pooled: PoolPlanned;
  readonly released: readonly Planned[];
}

/** Pools and releases as they were decided, and what they have room for. */
export interface Platform {
  readonly parts: readonly PooledReleases[];
  readonly rooms: Rooms;
}

/** One kind of machine that a pool may have, with its releases as they are on it. */
interface Kind extends PooledReleases {
  readonly chosen: readonly Chosen[];
}

/** Decides the machines of every pool and the layout of every release. */
export function planPlatform(environment: Environment, loads: ReadonlyMap<string, ReleaseLoad>): Platform {
  const byPool = releasesByPool(environment);
  const taken = Object.entries(environment.pools).map(([name, settings]) => {
    const kinds = planPool(name, settings, environment.clusters[settings.cluster]).map((pooled) =>
      onMachines(environment, loads, pooled, byPool.get(name) ?? []),
    );
    return cheapestMachines(kinds);
  });
  const rooms = planRooms(
    taken.map(({ pooled }) => pooled.plan),
    taken.flatMap(({ released }) => plansOf(released)),
  );
  return { parts: taken.map((kind) => withSurges(kind, rooms.surging)), rooms };
}

function releasesByPool(environment: Environment): ReadonlyMap<string, readonly string[]> {
  const byPool = new Map<string, string[]>();
  for (const [name, { pool }] of Object.entries(environment.releases)) {
    const names = byPool.get(pool) ?? [];
    names.push(name);
    byPool.set(pool, names);
  }
  return byPool;
}

function plansOf(released: readonly Planned[]) {
  return released.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
}

function onMachines(
  environment: Environment,
  loads: ReadonlyMap<string, ReleaseLoad>,
  pooled: PoolPlanned,
  releases: readonly string[],
): Kind {
  const { clusters, models, measured } = environment;
  const chosen = releases.flatMap((release) => {
    const settings = environment.releases[release];
    if (settings === undefined) return [];
    const load = loads.get(release) ?? null;
    const cluster = clusters[pooled.plan.cluster];
    const ground = {
      environment: environment.name,
      stage: environment.stage,
      release,
      pool: pooled.plan,
      cluster,
      models,
      measured,
      load,
    };
    return [chooseRelease(settings, environment, ground)];
  });
  // Most releases may surge; where they stand and what they cost is the same for those that may not.
  return { pooled, chosen, released: chosen.map((each) => each.planned(true)) };
}

/** A release that may surge has other durations than one that may not, and nothing else changes. */
function withSurges({ pooled, chosen, released }: Kind, surging: ReadonlySet<string>): PooledReleases {
  const again = released.map((surges, index) => {
    const release = chosen[index];
    return release === undefined || surging.has(release.release) ? surges : release.planned(false);
  });
  return { pooled, released: again };
}

/** Of the kinds of machine that a pool may have, the cheapest on which all its releases work. */
function cheapestMachines(kinds: readonly Kind[]): Kind {
  const [only] = kinds;
  if (only === undefined) throw new RangeError("a pool without a kind of machine");
  if (kinds.length === 1) return only;
  const { shown, runnersUp, why } = cheapest(kinds.map(option), () => only);
  const { pooled, ...kind } = shown;
  return { ...kind, pooled: { ...pooled, plan: { ...pooled.plan, runnersUp }, why: { ...pooled.why, ...why } } };
}

function nameOf({ plan }: PoolPlanned): string {
  return plan.rented?.instance ?? plan.name;
}

function option(thing: Kind): Option<Kind> {
  const { pooled, released } = thing;
  const { plan } = pooled;
  const releases = plansOf(released);
  const { rooms, findings } = planRooms([plan], releases);
  const { purchases, usdPerHour } = poolMoney(poolUse(plan, releases, rooms[plan.name])).levels.max;
  const machines = purchases.reduce((sum, each) => sum + each.machines, 0);
  const errors = [...pooled.findings, ...released.flatMap((release) => release.findings), ...findings].filter(isError);
  return {
    thing,
    name: nameOf(pooled),
    // Pods without a place are on no machine: what the others cost would look like a price.
    usdPerHour: errors.length === 0 ? (usdPerHour?.expected ?? null) : null,
    price: {
      formula: "sum over purchases of machines × price, with every release at its most",
      terms: purchases.map(({ kind, machines: count, usdPerHour: amount }) => ({
        name: `${count} ${kind}`,
        value: amount?.expected ?? "unknown",
        unit: "$/h",
      })),
    },
    gpus: machines * plan.gpusPerNode,
    out: errors[0]?.message ?? null,
  };
}

function isError({ level }: Finding): boolean {
  return level === "error";
}
