import { findExternalModel, isRetired, type ExternalModel } from "../catalog/providers";
import { onDemandPrice, spotRange, type SpotRange } from "../catalog/instances";
import { hoursPerMonth } from "../catalog/units";
import type { Environment, ExternalModelSettings, RouteSettings } from "../environment";
import { warningAt, type Finding } from "./findings";
import { routeParts } from "./load";
import {
  committed,
  exactly,
  explainMoney,
  moneyFindings,
  onDemand,
  planMoney,
  sourceOf,
  spot,
  type Amount,
  type ExternalUse,
  type MoneyPlan,
  type MoneyQuestion,
  type PoolMoneyQuestion,
  type Purchase,
  type RouteUse,
} from "./money";
import { isLanguageModel, type Arithmetic, type By, type CostPlan, type PoolPlan, type ReleasePlan } from "./plan";
import { podsPerReplica, releasesOf } from "./pods";
import type { PoolRoom } from "./room";
import { tokenPrices } from "./token-prices";

export interface Spending {
  readonly cost: CostPlan;
  readonly findings: readonly Finding[];
  /** By path inside the cost. Made when it is read. */
  readonly why: By<Arithmetic>;
}

/** What the environment costs: machines, used or not, and providers. */
export function planSpending(
  environment: Environment,
  pools: readonly PoolPlan[],
  releases: readonly ReleasePlan[],
  rooms: By<PoolRoom>,
  today: string,
): Spending {
  const byName = new Map(releases.map((release) => [release.name, release]));
  const users = releasesOf(pools, releases);
  const question: MoneyQuestion = {
    pools: pools.map((pool) => poolUse(pool, users(pool), rooms[pool.name])),
    routes: Object.entries(environment.routes).map(([name, route]) => routeUse(environment, name, route, byName)),
  };
  const money = planMoney(question);
  const { atMaximum, expected } = environment.budget;
  const budget = {
    ...(atMaximum === undefined ? {} : { atMaximumUsdPerHour: atMaximum }),
    ...(expected === undefined ? {} : { expectedUsdPerMonth: expected }),
  };
  // A pool without an on-demand price says so itself, with what to write.
  const said = new Set(pools.flatMap(({ name, usdPerMachineHour }) => (usdPerMachineHour === null ? [name] : [])));
  const findings = moneyFindings(money, budget).filter(
    ({ id, at: [kind, name] }) => !(id === "price-unknown" && kind === "pools" && said.has(String(name))),
  );
  const prices = tokenPrices(releases, money);
  const cost = { ...costPlan(money), tokens: prices.tokens, providers: providersOf(question.routes) };
  return {
    cost,
    findings: [...findings, ...retired(environment, today)],
    get why() {
      return { ...explainMoney(question, money), ...whyOfSum(cost), ...prices.why };
    },
  };
}

/** Each model once, however many routes fall back to it. */
function providersOf(routes: readonly RouteUse[]): CostPlan["providers"] {
  const uses = routes.flatMap(({ external }) => external.map(({ model, source }) => [model, source] as const));
  return [...new Map(uses)].map(([model, source]) => ({ model, source: source === null ? null : sourceOf(source) }));
}

function costPlan(money: MoneyPlan): Omit<CostPlan, "tokens" | "providers"> {
  const most = (amount: Amount): number | null => amount?.high ?? null;
  const usdPerHour = most(money.levels.max.usdPerHour);
  const byPool = Object.values(money.pools).map(({ pool, levels }) => {
    const used = Object.values(levels.max.releases).map(most);
    const usedByReleasesUsdPerHour = used.reduce(
      (total, amount) => (total === null || amount === null ? null : total + amount),
      0,
    );
    return [pool, { usdPerHour: most(levels.max.usdPerHour), usedByReleasesUsdPerHour }] as const;
  });
  return {
    ...money,
    usdPerHour,
    usdPerMonth: usdPerHour === null ? null : usdPerHour * hoursPerMonth,
    byPool: Object.fromEntries(byPool),
  };
}

function whyOfSum({ usdPerHour, usdPerMonth, byPool, pools }: CostPlan): By<Arithmetic> {
  const dollars = (name: string, value: number | null) => ({ name, value: value ?? "unknown", unit: "$/h" });
  const each = Object.entries(byPool).flatMap(([name, pool]): [string, Arithmetic][] => {
    const used = Object.entries(pools[name]?.levels.max.releases ?? {});
    return [
      [
        `byPool.${name}.usdPerHour`,
        {
          formula: "sum over purchases of machines × price, with every release at its most",
          terms: (pools[name]?.levels.max.purchases ?? []).map(({ kind, machines, usdPerHour: amount }) =>
            dollars(`${machines} ${kind}`, amount?.high ?? null),
          ),
          result: pool.usdPerHour ?? "unknown",
          unit: "$/h",
        },
      ],
      [
        `byPool.${name}.usedByReleasesUsdPerHour`,
        {
          formula: "sum over releases of their share of the pool",
          terms: used.map(([release, amount]) => dollars(release, amount?.high ?? null)),
          result: pool.usedByReleasesUsdPerHour ?? "unknown",
          unit: "$/h",
        },
      ],
    ];
  });
  const known = each.filter(([, { result }]) => typeof result === "number");
  if (usdPerHour === null || usdPerMonth === null) return Object.fromEntries(known);
  return {
    ...Object.fromEntries(known),
    usdPerHour: {
      formula: "sum over pools, used or not, with every release at its most, and providers",
      terms: Object.entries(byPool).map(([name, pool]) => dollars(name, pool.usdPerHour)),
      result: usdPerHour,
      unit: "$/h",
    },
    usdPerMonth: {
      formula: "dollars per hour × hours of a month",
      terms: [dollars("environment", usdPerHour), { name: "hours of a month", value: hoursPerMonth }],
      result: usdPerMonth,
      unit: "$",
    },
  };
}

/**
 * Which machines a pool runs and how they are bought, and what its releases have of them.
 *
 * @param users the releases on this pool
 */
export function poolUse(pool: PoolPlan, users: readonly ReleasePlan[], room: PoolRoom | undefined): PoolMoneyQuestion {
  return {
    pool: pool.name,
    machine: { gpus: pool.gpusPerNode, cpu: pool.allocatable.cpu },
    running: {
      min: room?.levels.min.running ?? pool.leastNodes,
      expected: room?.levels.expected.running ?? pool.nodes,
      max: room?.levels.max.running ?? pool.nodes,
    },
    purchases: purchasesOf(pool),
    releases: users.map(({ name, runs, replicas, resources }) => ({
      release: name,
      replicas,
      gpus: resources.gpus * podsPerReplica(runs),
      cpu: resources.cpu * podsPerReplica(runs),
    })),
  };
}

function purchasesOf(pool: PoolPlan): readonly Purchase[] {
  const { rented, usdPerMachineHour: machine, nodes, price } = pool;
  if (rented === null) return [committed("owned", nodes, machine)];
  const { instance, region, reservations, reservedUsdPerHour } = rented;
  return rented.purchase.map((kind) => {
    switch (kind) {
      case "reserved":
        return committed(kind, reservations, reservedUsdPerHour ?? machine);
      case "spot":
        return spotPurchase(pool, spotRange(instance, region), machine);
      case "on-demand":
        return price?.from === "setting"
          ? { kind, committed: null, usdPerHour: exactly(machine), source: null }
          : onDemand(onDemandPrice(instance, region));
    }
  });
}

/** A price that somebody wrote is that of spot machines where nothing else is it the price of, or none was read. */
function spotPurchase({ price, rented }: PoolPlan, range: SpotRange | undefined, machine: number | null): Purchase {
  const own = range === undefined || rented?.purchase.includes("on-demand") === false;
  if (price?.from !== "setting" || !own) return spot(range);
  return { kind: "spot", committed: null, usdPerHour: exactly(machine), source: null };
}

function routeUse(
  environment: Environment,
  name: string,
  route: RouteSettings,
  releases: ReadonlyMap<string, ReleasePlan>,
): RouteUse {
  return {
    route: name,
    targets: targetsOf(name, route, releases),
    external: route.fallback.flatMap(({ external, share }) => externalUse(environment, route, external, share)),
    tenants: Object.entries(route.tenants ?? {}).map(([tenant, weight]) => ({ tenant, weight })),
  };
}

/** A route that says no load works for nothing, as far as anybody knows; it is a release's all the same. */
function targetsOf(
  name: string,
  route: RouteSettings,
  releases: ReadonlyMap<string, ReleasePlan>,
): RouteUse["targets"] {
  if (route.load === undefined) return route.targets.map(({ release }) => ({ release, work: 0 }));
  return routeParts(name, route).map(([release, { requestsPerSecond, load }]) => {
    return { release, work: requestsPerSecond * workOfRequest(releases.get(release), load) };
  });
}

/** Seconds of a replica that one request takes; tokens where no speed is known. */
function workOfRequest(release: ReleasePlan | undefined, load: NonNullable<RouteSettings["load"]>): number {
  const computed = load.inputTokens * (1 - load.prefixHit);
  const rates = release !== undefined && isLanguageModel(release) ? release.speed?.rates : undefined;
  if (rates === undefined) return computed + load.outputTokens;
  return computed / rates.prefillTokensPerSecond.expected + load.outputTokens / rates.decodeTokensPerSecond.expected;
}

function externalUse(
  environment: Environment,
  route: RouteSettings,
  name: string,
  share: number,
): readonly ExternalUse[] {
  const settings = environment.externalModels[name];
  const { load } = route;
  if (settings === undefined || load === undefined) return [];
  const listed = listedModel(settings);
  const price = settings.price ?? (listed === undefined ? undefined : priceAt(listed, load.inputTokens));
  return [
    {
      model: settings.model,
      usdPerMillionTokens: { input: price?.input ?? null, output: price?.output ?? null },
      source: settings.price === undefined && listed !== undefined ? listed : null,
      tokens: { input: load.inputTokens, output: load.outputTokens },
      // At the worst every request of the route goes there: its own releases may all have failed.
      requestsPerSecond: { expected: load.requests * share, max: load.peak ?? load.requests },
    },
  ];
}

function listedModel({ provider, model }: ExternalModelSettings): ExternalModel | undefined {
  const found = findExternalModel(model);
  return found?.provider === provider ? found : undefined;
}

/** Some providers charge more for long prompts. */
function priceAt({ inputUsdPerMillion, outputUsdPerMillion, dearerAbove }: ExternalModel, inputTokens: number) {
  const long = dearerAbove !== null && inputTokens > dearerAbove.tokens ? dearerAbove : undefined;
  return {
    input: long?.inputUsdPerMillion ?? inputUsdPerMillion,
    output: long?.outputUsdPerMillion ?? outputUsdPerMillion,
  };
}

/** Models that their provider has turned off, or is about to: a fallback to one of them is none. */
function retired(environment: Environment, today: string): readonly Finding[] {
  return Object.entries(environment.externalModels).flatMap(([name, settings]) => {
    const listed = listedModel(settings);
    if (listed?.retirement == null) return [];
    const { on, replacement } = listed.retirement;
    const message = isRetired(listed, today)
      ? `${settings.provider} turned ${settings.model} off on ${on}: requests to it fail`
      : `${settings.provider} turns ${settings.model} off on ${on}`;
    const fix = replacement === undefined ? "Choose another model." : `Its provider names ${replacement} instead.`;
    return [warningAt(["externalModels", name, "model"], "external-retired", message, fix)];
  });
}
