import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { valueAt } from "../../../environment/messages";
import {
  committed,
  explainMoney,
  externalMoney,
  moneyFindings,
  onDemand,
  planMoney,
  spot,
  type Amount,
  type Budget,
  type ExternalUse,
  type MoneyQuestion,
  type PoolMoneyQuestion,
  type Purchase,
  type RouteUse,
} from "../../../planning/money";
import { levelNames } from "../../../planning/room";
import { numbersOf } from "../room/numbers";

const source = { source: "a price list", date: "2026-07-20", standing: "exact" as const };
const flat = (usdPerHour: number): Purchase => onDemand({ usdPerHour, ...source });
const range = (low: number, median: number, high: number) =>
  spot({ minUsdPerHour: low, medianUsdPerHour: median, maxUsdPerHour: high, zones: 3, ...source });

function pool(name: string, purchases: readonly Purchase[], release = name): PoolMoneyQuestion {
  return {
    pool: name,
    machine: { gpus: 4, cpu: 32 },
    running: { min: 1, expected: 2, max: 3 },
    purchases,
    releases: [{ release, replicas: { min: 1, expected: 4, max: 12 }, gpus: 1, cpu: 4 }],
  };
}

const haiku: ExternalUse = {
  model: "haiku",
  usdPerMillionTokens: { input: 0.25, output: 1.25 },
  source,
  tokens: { input: 1000, output: 200 },
  requestsPerSecond: { expected: 1, max: 10 },
};

function route(name: string, targets: RouteUse["targets"], more: Partial<RouteUse> = {}): RouteUse {
  return { route: name, targets, external: [], tenants: [], ...more };
}

describe("an environment", () => {
  test("costs what its machines and providers cost, at the least, as expected and at the most", () => {
    const { levels } = planMoney({ pools: [pool("a", [flat(10)])], routes: [route("r", [], { external: [haiku] })] });
    // 1,000 × $0.25 + 200 × $1.25 for a million: $0.0005 a request, 3,600 of them an hour.
    expect(levelNames.map((level) => levels[level].usdPerHour?.expected)).toEqual([10, 21.8, 48]);
    expect(levels.expected.usdPerMonth?.expected).toBeCloseTo(21.8 * 730, 9);
  });

  test.each<[what: string, use: ExternalUse, levels: readonly (number | null | undefined)[]]>([
    ["a provider costs nothing when nobody calls", haiku, [0, 1.8, 18]],
    [
      "a provider that nothing bounds has no most",
      { ...haiku, requestsPerSecond: { expected: 1, max: null } },
      [0, 1.8, undefined],
    ],
    [
      "a provider of unknown price costs an unknown amount",
      { ...haiku, usdPerMillionTokens: { input: 0.25, output: null } },
      [0, undefined, undefined],
    ],
  ])("%s", (_, use, levels) => {
    const money = externalMoney(use);
    expect(levelNames.map((level) => money[level]?.expected)).toEqual(levels);
  });

  test("divides releases among routes by the work they do", () => {
    const { routes, unrouted } = planMoney({
      pools: [pool("a", [flat(12)]), pool("b", [flat(12)])],
      routes: [route("small", [{ release: "a", work: 1 }]), route("large", [{ release: "a", work: 3 }])],
    });
    expect([routes["small"]?.expected?.expected, routes["large"]?.expected?.expected]).toEqual([3, 9]);
    expect(unrouted.expected?.expected).toBe(12);
  });

  test("shows how far its prices can be trusted", () => {
    const derived = onDemand({ usdPerHour: 3, ...source, standing: "derived" });
    expect(planMoney({ pools: [pool("a", [flat(1)])], routes: [] }).standing).toBe("exact");
    expect(planMoney({ pools: [pool("a", [flat(1)]), pool("b", [derived])], routes: [] }).standing).toBe("derived");
  });

  test("tells kinds of purchase apart", () => {
    const { purchases } = planMoney({
      pools: [pool("a", [committed("reserved", 2, 5), flat(9)]), pool("b", [range(1, 2, 3)])],
      routes: [],
    });
    expect(
      [purchases.reserved, purchases["on-demand"], purchases.spot, purchases.owned].map(({ max }) => max?.expected),
    ).toEqual([10, 9, 6, 0]);
  });
});

const anyPurchase = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map(flat),
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(9)).map(([low, more]) => range(low, low + more, low + 2 * more)),
  fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 30 })).map(([machines, usd]) => committed("owned", machines, usd)),
);
const anyQuestion = (price: fc.Arbitrary<Purchase>): fc.Arbitrary<MoneyQuestion> =>
  fc
    .record({
      prices: fc.array(fc.array(price, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 4 }),
      routes: fc.array(
        fc.record({
          targets: fc.uniqueArray(fc.record({ to: fc.nat(3), work: fc.nat(5) }), {
            maxLength: 3,
            selector: ({ to }) => to,
          }),
          external: fc.boolean(),
          tenants: fc.uniqueArray(fc.record({ id: fc.nat(2), weight: fc.nat(3) }), {
            maxLength: 3,
            selector: ({ id }) => id,
          }),
        }),
        { maxLength: 4 },
      ),
    })
    .map(({ prices, routes }) => ({
      pools: prices.map((bought, index) => pool(`p${index}`, [...bought, flat(7)])),
      routes: routes.map(({ targets, external, tenants }, index) => ({
        route: `r${index}`,
        targets: targets.filter(({ to }) => to < prices.length).map(({ to, work }) => ({ release: `p${to}`, work })),
        external: external ? [haiku] : [],
        tenants: tenants.map(({ id, weight }) => ({ tenant: `t${id}`, weight })),
      })),
    }));

const add = (amounts: readonly Amount[], bound: "low" | "expected" | "high") =>
  amounts.reduce((total, amount) => total + (amount?.[bound] ?? NaN), 0);

describe("sums of parts are the whole", () => {
  const bounds = ["low", "expected", "high"] as const;

  test("routes, releases without a route and idle machines are the environment; tenants are the routes", () => {
    fc.assert(
      fc.property(anyQuestion(anyPurchase), (asked) => {
        const plan = planMoney(asked);
        for (const level of levelNames)
          for (const bound of bounds) {
            const at = plan.levels[level];
            const routes = Object.values(plan.routes).map((each) => each[level]);
            const tenants = Object.values(plan.tenants).map((each) => each[level]);
            const whole = at.usdPerHour?.[bound] ?? NaN;
            expect(add([...routes, plan.unrouted[level], at.idleUsdPerHour], bound)).toBeCloseTo(whole, 6);
            expect(add([...tenants, plan.untenanted[level]], bound)).toBeCloseTo(add(routes, bound), 6);
            expect(add([at.machinesUsdPerHour, at.externalUsdPerHour], bound)).toBeCloseTo(whole, 6);
            const kinds = Object.values(plan.purchases).map((each) => each[level]);
            expect(add(kinds, bound)).toBeCloseTo(at.machinesUsdPerHour?.[bound] ?? NaN, 6);
          }
      }),
    );
  });

  test("an unknown part makes every sum that it belongs to unknown, and is named", () => {
    fc.assert(
      fc.property(anyQuestion(anyPurchase), (asked) => {
        const plan = planMoney({ ...asked, pools: [...asked.pools, pool("dark", [onDemand(undefined)])] });
        for (const level of levelNames) expect(plan.levels[level].usdPerHour).toBeNull();
        expect(plan.unrouted.max).toBeNull();
        expect(plan.unknown.pools).toEqual(["dark"]);
      }),
    );
  });
});

describe("arithmetic", () => {
  test("every number of the plan has one, and each ends in the value at its path", () => {
    fc.assert(
      fc.property(anyQuestion(fc.oneof(anyPurchase, fc.constant(onDemand(undefined)))), (asked) => {
        const plan = planMoney(asked);
        const why = explainMoney(asked, plan);
        expect(numbersOf(plan).filter(([path]) => why[path] === undefined)).toEqual([]);
        for (const [path, { result }] of Object.entries(why))
          expect(valueAt(plan, path.split(".")) ?? "unknown").toBe(result);
      }),
    );
  });

  test("tells machines that are paid always from those that are bought when they run", () => {
    const asked = { pools: [pool("a", [committed("reserved", 1, 5), flat(10)])], routes: [] };
    const why = explainMoney(asked, planMoney(asked));
    expect(why["pools.a.levels.max.purchases.0.machines"]).toMatchObject({ terms: [], result: 1 });
    expect(why["pools.a.levels.max.purchases.1.machines"]).toMatchObject({
      terms: [
        { name: "running", value: 3 },
        { name: "paid always", value: 1 },
      ],
      result: 2,
    });
  });

  test("names source, date and standing of a price", () => {
    const asked = { pools: [pool("a", [flat(10)])], routes: [] };
    const why = explainMoney(asked, planMoney(asked))["pools.a.levels.max.usdPerHour.expected"];
    expect(why?.terms).toEqual([
      { name: "on-demand machines", value: 3 },
      { name: "price of one, on-demand", value: 10, unit: "$/h", source: "a price list, 2026-07-20 (exact)" },
    ]);
  });
});

describe("budgets", () => {
  const ids = (asked: MoneyQuestion, budget: Budget) =>
    moneyFindings(planMoney(asked), budget).map(({ id, level }) => `${id} ${level}`);
  const one = (purchase: Purchase, routes: readonly RouteUse[] = []) => ({ pools: [pool("a", [purchase])], routes });
  const free = route("r", [], { external: [{ ...haiku, requestsPerSecond: { expected: 1, max: null } }] });

  test.each<[what: string, asked: MoneyQuestion, budget: Budget, found: readonly string[]]>([
    ["kept to the dollar", one(flat(10)), { atMaximumUsdPerHour: 30, expectedUsdPerMonth: 20 * 730 }, []],
    ["exceeded at the most", one(flat(10)), { atMaximumUsdPerHour: 29.99 }, ["budget-exceeded error"]],
    ["exceeded in a month", one(flat(10)), { expectedUsdPerMonth: 14_599 }, ["budget-exceeded error"]],
    [
      "exceeded by spot at its usual price, if not at its lowest",
      one(range(1, 2, 9)),
      { atMaximumUsdPerHour: 5 },
      ["budget-exceeded error"],
    ],
    [
      "maybe exceeded when spot is dear",
      one(range(1, 2, 9)),
      { atMaximumUsdPerHour: 20 },
      ["budget-maybe-exceeded warning"],
    ],
    [
      "of unknown prices",
      one(onDemand(undefined)),
      { atMaximumUsdPerHour: 20 },
      ["price-unknown error", "budget-unknown warning"],
    ],
    [
      "exceeded by what is known alone",
      { pools: [pool("a", [flat(10)]), pool("b", [onDemand(undefined)])], routes: [] },
      { atMaximumUsdPerHour: 20 },
      ["price-unknown error", "budget-exceeded error"],
    ],
    [
      "of a provider that nothing bounds",
      one(flat(1), [free]),
      { atMaximumUsdPerHour: 20 },
      ["external-unbounded warning", "budget-unknown warning"],
    ],
    ["not asked for", one(flat(10)), {}, []],
  ])("%s", (_, asked, budget, found) => {
    expect(ids(asked, budget)).toEqual(found);
  });

  test("say the arithmetic, the largest part first", () => {
    const asked = {
      pools: [pool("a", [flat(10)]), pool("b", [flat(700)])],
      routes: [route("r", [], { external: [haiku] })],
    };
    expect(moneyFindings(planMoney(asked), { atMaximumUsdPerHour: 95 })[0]?.message).toBe(
      "when every release is at its most the environment costs $2,148.00 an hour (b $2,100.00 + a $30.00 + providers of r $18.00), and the budget is $95.00 an hour",
    );
  });
});
