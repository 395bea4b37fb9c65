import type { Standing } from "../../catalog/fact";
import { hoursPerMonth } from "../../catalog/units";
import type { By } from "../plan";
import { levelNames, type LevelName } from "../room/pool";
import { sum, times, worstStanding, type Amount } from "./amount";
import { byPurchase, poolMoney, type PoolMoney, type PoolMoneyQuestion, type PurchaseKind } from "./pool";
import { routeMoney, total, type Levels, type RouteMoney, type RouteUse } from "./routes";

export interface MoneyQuestion {
  readonly pools: readonly PoolMoneyQuestion[];
  readonly routes: readonly RouteUse[];
}

/** The whole environment at one level. */
export interface MoneyLevel {
  /** All machines, used or not. */
  readonly machinesUsdPerHour: Amount;
  /** Providers; unknown at the most where nothing bounds them. */
  readonly externalUsdPerHour: Amount;
  readonly usdPerHour: Amount;
  readonly usdPerMonth: Amount;
  /** Machines that are paid and not used. */
  readonly idleUsdPerHour: Amount;
}

/** What an environment costs: plain JSON. */
export interface MoneyPlan extends RouteMoney {
  readonly levels: Readonly<Record<LevelName, MoneyLevel>>;
  readonly pools: By<PoolMoney>;
  /** Dollars per hour of each release, over its pools. */
  readonly releases: By<Levels>;
  readonly purchases: Readonly<Record<PurchaseKind, Levels>>;
  /** How far the prices can be trusted: as far as the worst of them. Settings are taken as they stand. */
  readonly standing: Standing;
  /** Pools and providers whose cost is unknown at some level, and that any sum with them therefore is too. */
  readonly unknown: { readonly pools: readonly string[]; readonly routes: readonly string[] };
}

/** What the environment costs when load is least, as expected, and most. */
export function planMoney({ pools: questions, routes: uses }: MoneyQuestion): MoneyPlan {
  const pools = questions.map(poolMoney);
  const releases = releaseMoney(pools);
  const routed = routeMoney(uses, releases);
  const external = total(Object.values(routed.external));
  return {
    ...routed,
    levels: eachLevel((level) => moneyLevel(pools, external[level], level)),
    pools: Object.fromEntries(pools.map((pool) => [pool.pool, pool])),
    releases,
    purchases: {
      owned: eachLevel((level) => byPurchase(pools, "owned", level)),
      reserved: eachLevel((level) => byPurchase(pools, "reserved", level)),
      "on-demand": eachLevel((level) => byPurchase(pools, "on-demand", level)),
      spot: eachLevel((level) => byPurchase(pools, "spot", level)),
    },
    standing: worstStanding([
      ...pools.flatMap(({ prices }) => prices.flatMap(({ source }) => (source === null ? [] : [source.standing]))),
      ...uses.flatMap((use) => use.external.flatMap(({ source }) => (source === null ? [] : [source.standing]))),
    ]),
    unknown: {
      pools: pools.filter(({ levels }) => levels.max.usdPerHour === null).map(({ pool }) => pool),
      routes: Object.entries(routed.external).flatMap(([route, { max }]) => (max === null ? [route] : [])),
    },
  };
}

function moneyLevel(pools: readonly PoolMoney[], external: Amount, level: LevelName): MoneyLevel {
  const machines = sum(pools.map(({ levels }) => levels[level].usdPerHour));
  const usdPerHour = sum([machines, external]);
  return {
    machinesUsdPerHour: machines,
    externalUsdPerHour: external,
    usdPerHour,
    usdPerMonth: times(usdPerHour, hoursPerMonth),
    idleUsdPerHour: sum(pools.map(({ levels }) => levels[level].idle)),
  };
}

function releaseMoney(pools: readonly PoolMoney[]): By<Levels> {
  const each = new Map<string, Levels[]>();
  for (const { levels } of pools)
    for (const release of Object.keys(levels.max.releases)) {
      const levelsOf = eachLevel((level) => levels[level].releases[release] ?? null);
      each.set(release, [...(each.get(release) ?? []), levelsOf]);
    }
  return Object.fromEntries([...each].map(([release, amounts]) => [release, total(amounts)]));
}

function eachLevel<T>(of: (level: LevelName) => T): Readonly<Record<LevelName, T>> {
  return { min: of(levelNames[0]), expected: of(levelNames[1]), max: of(levelNames[2]) };
}
