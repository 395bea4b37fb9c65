import { secondsPerHour } from "../../catalog/units";
import type { Source } from "../../catalog/fact";
import type { By } from "../plan";
import { levelNames, type LevelName } from "../room/pool";
import { exactly, nothing, shares, sum, times, type Amount } from "./amount";

/** An amount at each level of load. */
export type Levels = Readonly<Record<LevelName, Amount>>;

/** A model of a provider, and how much of it a route uses. */
export interface ExternalUse {
  readonly model: string;
  /** Dollars per million tokens; null where a price is unknown. */
  readonly usdPerMillionTokens: { readonly input: number | null; readonly output: number | null };
  readonly source: Source | null;
  /** Tokens of one request. */
  readonly tokens: { readonly input: number; readonly output: number };
  /** Requests that go there. `max` is null where no limit bounds them. */
  readonly requestsPerSecond: { readonly expected: number; readonly max: number | null };
}

/** A route, and who does its work. */
export interface RouteUse {
  readonly route: string;
  /** Work is in replica-seconds per second, as `busyReplicas` gives it; only its proportions count. */
  readonly targets: readonly { readonly release: string; readonly work: number }[];
  readonly external: readonly ExternalUse[];
  /** Who calls it; weights are expected requests, and only their proportions count. */
  readonly tenants: readonly { readonly tenant: string; readonly weight: number }[];
}

/** What routes and tenants cost. Their sums are the same: every route is somebody's, or `untenanted`. */
export interface RouteMoney {
  /** Dollars per hour: its share of its releases, and its providers. */
  readonly routes: By<Levels>;
  /** What releases cost that no route leads to. */
  readonly unrouted: Levels;
  readonly tenants: By<Levels>;
  /** Routes that no tenant calls. */
  readonly untenanted: Levels;
  /** Providers alone, by route. */
  readonly external: By<Levels>;
}

/** Dollars per hour of a provider: nothing at the least, unknown at the most where nothing bounds it. */
export function externalMoney({ usdPerMillionTokens: price, tokens, requestsPerSecond }: ExternalUse): Levels {
  const perRequest = sum([
    times(exactly(price.input), tokens.input / 1e6),
    times(exactly(price.output), tokens.output / 1e6),
  ]);
  const { expected, max } = requestsPerSecond;
  return {
    min: nothing,
    expected: times(perRequest, expected * secondsPerHour),
    max: max === null ? null : times(perRequest, max * secondsPerHour),
  };
}

/** Divides what releases cost among routes by the work they do there, and routes among their tenants. */
export function routeMoney(routes: readonly RouteUse[], releases: By<Levels>): RouteMoney {
  const parts = targetShares(routes);
  const external = routes.map((use): [string, Levels] => [use.route, total(use.external.map(externalMoney))]);
  const externalOf = new Map(external);
  const costs = routes.map((use): [string, Levels] => {
    const own = use.targets.map(({ release }) => {
      const whole = releases[release];
      return whole === undefined ? none : share(whole, parts.get(`${release} ${use.route}`) ?? 0);
    });
    return [use.route, total([...own, externalOf.get(use.route) ?? none])];
  });
  const routed = new Set(routes.flatMap(({ targets }) => targets.map(({ release }) => release)));
  const unrouted = Object.entries(releases).flatMap(([release, levels]) => (routed.has(release) ? [] : [levels]));
  const costOf = new Map(costs);
  const untenanted = routes.filter(({ tenants }) => tenants.length === 0);
  return {
    routes: Object.fromEntries(costs),
    unrouted: total(unrouted),
    tenants: tenantMoney(routes, costOf),
    untenanted: total(untenanted.map(({ route }) => costOf.get(route) ?? none)),
    external: Object.fromEntries(external),
  };
}

/** Which part of a release each route that leads to it has, by "release route". */
function targetShares(routes: readonly RouteUse[]): ReadonlyMap<string, number> {
  const users = new Map<string, { readonly route: string; readonly work: number }[]>();
  for (const { route, targets } of routes)
    for (const { release, work } of targets) users.set(release, [...(users.get(release) ?? []), { route, work }]);
  return new Map(
    [...users].flatMap(([release, each]) => {
      const parts = shares(each.map(({ work }) => work));
      return each.map(({ route }, index): [string, number] => [`${release} ${route}`, parts[index] ?? 0]);
    }),
  );
}

function tenantMoney(routes: readonly RouteUse[], costOf: ReadonlyMap<string, Levels>): By<Levels> {
  const parts = new Map<string, Levels[]>();
  for (const { route, tenants } of routes) {
    const weights = shares(tenants.map(({ weight }) => weight));
    tenants.forEach(({ tenant }, index) => {
      const part = share(costOf.get(route) ?? none, weights[index] ?? 0);
      const known = parts.get(tenant);
      // A tenant may call every route.
      if (known === undefined) parts.set(tenant, [part]);
      else known.push(part);
    });
  }
  return Object.fromEntries([...parts].map(([tenant, amounts]) => [tenant, total(amounts)]));
}

const none: Levels = { min: nothing, expected: nothing, max: nothing };

function share(levels: Levels, part: number): Levels {
  return { min: times(levels.min, part), expected: times(levels.expected, part), max: times(levels.max, part) };
}

/** Level by level. */
export function total(amounts: readonly Levels[]): Levels {
  const [min, expected, max] = levelNames.map((level) => sum(amounts.map((each) => each[level])));
  return { min: min ?? null, expected: expected ?? null, max: max ?? null };
}
