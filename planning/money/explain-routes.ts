import type { Term } from "../plan";
import { levelNames, type LevelName } from "../room/pool";
import { eachBound, sumOf, usdPerHour, type Bound, type Explained } from "./explained";
import type { MoneyPlan, MoneyQuestion } from "./money";
import type { ExternalUse, RouteUse } from "./routes";

/** The arithmetic of routes, their providers and their tenants. */
export function explainRoutes({ routes }: MoneyQuestion, plan: MoneyPlan): Explained {
  const works = new Map<string, number>();
  for (const { targets } of routes)
    for (const { release, work } of targets) works.set(release, (works.get(release) ?? 0) + work);
  return levelNames.flatMap((level) => [
    ...routes.flatMap((use) => explainRoute(use, works, plan, level)),
    ...explainTenants(routes, plan, level),
    ...explainUnrouted(routes, plan, level),
  ]);
}

function explainRoute(use: RouteUse, works: ReadonlyMap<string, number>, plan: MoneyPlan, level: LevelName): Explained {
  const { route, targets, external } = use;
  const money = plan.routes[route]?.[level];
  const providers = plan.external[route]?.[level];
  if (money === undefined || providers === undefined) return [];
  return [
    ...eachBound(
      `routes.${route}.${level}`,
      money,
      "sum over its releases of what each costs × the route's share of its work, and its providers",
      (bound) => [
        ...targets.flatMap((target) => targetTerms(target, works, plan, level, bound)),
        usdPerHour("providers", providers, bound),
      ],
    ),
    ...eachBound(
      `external.${route}.${level}`,
      providers,
      "requests per hour × (tokens × price of a token), inputs and outputs",
      () => external.flatMap((provider) => providerTerms(provider, level)),
    ),
  ];
}

function targetTerms(
  { release, work }: RouteUse["targets"][number],
  works: ReadonlyMap<string, number>,
  plan: MoneyPlan,
  level: LevelName,
  bound: Bound,
): readonly Term[] {
  return [
    usdPerHour(release, plan.releases[release]?.[level] ?? null, bound),
    { name: `work of the route on ${release}`, value: work },
    { name: `work of all routes on ${release}`, value: works.get(release) ?? 0 },
  ];
}

function providerTerms(provider: ExternalUse, level: LevelName): readonly Term[] {
  const { model, usdPerMillionTokens, tokens, requestsPerSecond, source } = provider;
  const from = source === null ? {} : { source: `${source.source}, ${source.date} (${source.standing})` };
  const requests = level === "min" ? 0 : (requestsPerSecond[level] ?? "unbounded");
  const price = (kind: "input" | "output"): Term => ({
    name: `${model}, ${kind}`,
    value: usdPerMillionTokens[kind] ?? "unknown",
    unit: "$/1M tokens",
    ...from,
  });
  return [
    { name: `requests to ${model}`, value: requests, unit: "1/s" },
    { name: "input of a request", value: tokens.input, unit: "tokens" },
    price("input"),
    { name: "output of a request", value: tokens.output, unit: "tokens" },
    price("output"),
  ];
}

function explainTenants(routes: readonly RouteUse[], plan: MoneyPlan, level: LevelName): Explained {
  const tenants = Object.entries(plan.tenants).flatMap(([tenant, levels]) =>
    eachBound(
      `tenants.${tenant}.${level}`,
      levels[level],
      "sum over its routes of what each costs × the tenant's share of its requests",
      (bound) => routes.flatMap((use) => tenantTerms(tenant, use, plan, level, bound)),
    ),
  );
  const nobodys = routes
    .filter((use) => use.tenants.length === 0)
    .map(({ route }) => [route, plan.routes[route]?.[level] ?? null] as const);
  return [
    ...tenants,
    ...sumOf(`untenanted.${level}`, plan.untenanted[level], "sum over routes that no tenant calls", nobodys),
  ];
}

function tenantTerms(
  tenant: string,
  { route, tenants }: RouteUse,
  plan: MoneyPlan,
  level: LevelName,
  bound: Bound,
): readonly Term[] {
  const own = tenants.find((candidate) => candidate.tenant === tenant);
  if (own === undefined) return [];
  return [
    usdPerHour(route, plan.routes[route]?.[level] ?? null, bound),
    { name: `requests of ${tenant} to ${route}`, value: own.weight },
    { name: `requests of all tenants to ${route}`, value: tenants.reduce((total, each) => total + each.weight, 0) },
  ];
}

function explainUnrouted(routes: readonly RouteUse[], plan: MoneyPlan, level: LevelName): Explained {
  const routed = new Set(routes.flatMap(({ targets }) => targets.map(({ release }) => release)));
  const others = Object.entries(plan.releases)
    .filter(([release]) => !routed.has(release))
    .map(([release, levels]) => [release, levels[level]] as const);
  return sumOf(`unrouted.${level}`, plan.unrouted[level], "sum over releases that no route leads to", others);
}
