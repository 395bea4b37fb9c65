import type { Environment, ObjectiveSettings, RouteSettings } from "../environment";

/** What all routes together ask of one release. */
export interface ReleaseLoad {
  /** On average over a busy hour. */
  readonly requestsPerSecond: number;
  /** At the worst moment that must be served. */
  readonly peakRequestsPerSecond: number;
  /** Tokens of a prompt and of an answer, averages over the requests of all routes. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Share of a prompt's tokens that the prefix cache has, 0 to 1. */
  readonly prefixHit: number;
  /** The strictest of what the routes promise. */
  readonly objectives: ObjectiveSettings;
  /** The routes that send it requests. */
  readonly routes: readonly string[];
  /** What each of them asks. */
  readonly parts: readonly RoutePart[];
}

/** What one route asks of one of its targets. */
export interface RoutePart {
  readonly route: string;
  /** Its part of the weights of the route's targets, 0 to 1. */
  readonly weight: number;
  /** What the route's fallbacks are expected to leave to its targets, 0 to 1. */
  readonly left: number;
  readonly requestsPerSecond: number;
  readonly peakRequestsPerSecond: number;
  readonly load: NonNullable<RouteSettings["load"]>;
  readonly objectives: ObjectiveSettings;
}

/** The load of each release that routes with a load send requests to. */
export function releaseLoads({ routes }: Pick<Environment, "routes">): ReadonlyMap<string, ReleaseLoad> {
  const parts = new Map<string, RoutePart[]>();
  for (const [name, route] of Object.entries(routes)) {
    for (const [release, part] of [...routeParts(name, route), ...standbyParts(name, route)])
      parts.set(release, [...(parts.get(release) ?? []), part]);
  }
  return new Map([...parts].map(([release, each]) => [release, together(each)]));
}

/** A route's requests, less what goes to fallbacks, divided among its targets by weight. */
export function routeParts(
  name: string,
  route: RouteSettings,
): readonly (readonly [release: string, part: RoutePart])[] {
  const { load, targets, fallback, slo = {} } = route;
  if (load === undefined) return [];
  const whole = targets.reduce((sum, { weight }) => sum + weight, 0);
  const left = Math.max(0, 1 - fallback.reduce((sum, { share }) => sum + share, 0));
  return targets
    .filter(({ weight }) => weight > 0)
    .map(({ release, ...target }) => {
      const weight = target.weight / whole;
      const part = {
        route: name,
        weight,
        left,
        requestsPerSecond: load.requests * weight * left,
        // What fallbacks take on average they may not take at the worst moment.
        peakRequestsPerSecond: (load.peak ?? load.requests) * weight,
        load,
        objectives: slo,
      };
      return [release, part] as const;
    });
}

/** Each target on standby has to be able to take all of the route's requests: they come at once when it is switched. */
function standbyParts(name: string, route: RouteSettings): ReturnType<typeof routeParts> {
  return route.targets
    .filter(({ standby }) => standby)
    .flatMap((target) => routeParts(name, { ...route, targets: [{ ...target, weight: 1 }] }));
}

function together(parts: readonly RoutePart[]): ReleaseLoad {
  const sum = (value: (part: RoutePart) => number): number => parts.reduce((total, part) => total + value(part), 0);
  const requestsPerSecond = sum((part) => part.requestsPerSecond);
  const mean = (value: (part: RoutePart) => number): number =>
    requestsPerSecond === 0
      ? sum(value) / parts.length
      : sum((part) => value(part) * part.requestsPerSecond) / requestsPerSecond;
  return {
    requestsPerSecond,
    peakRequestsPerSecond: sum((part) => part.peakRequestsPerSecond),
    inputTokens: mean(({ load }) => load.inputTokens),
    outputTokens: mean(({ load }) => load.outputTokens),
    prefixHit: mean(({ load }) => load.prefixHit),
    objectives: strictest(parts.map(({ objectives }) => objectives)),
    routes: parts.map(({ route }) => route),
    parts,
  };
}

function strictest(all: readonly ObjectiveSettings[]): ObjectiveSettings {
  const least = (value: (each: ObjectiveSettings) => number | undefined): number | undefined =>
    extreme(all.map(value), Math.min);
  const most = (value: (each: ObjectiveSettings) => number | undefined): number | undefined =>
    extreme(all.map(value), Math.max);
  return {
    ttftP95: least(({ ttftP95 }) => ttftP95),
    interTokenP95: least(({ interTokenP95 }) => interTokenP95),
    tokensPerSecond: most(({ tokensPerSecond }) => tokensPerSecond),
    tokensPerSecondPerReplica: most(({ tokensPerSecondPerReplica }) => tokensPerSecondPerReplica),
    availability: most(({ availability }) => availability),
  };
}

function extreme(values: readonly (number | undefined)[], pick: (...numbers: number[]) => number): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : pick(...known);
}
