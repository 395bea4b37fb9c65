import { describe, expect, test } from "vitest";
import { findExternalModel } from "../../catalog/providers";
import { onDemandPrice, spotRange } from "../../catalog/instances";
import { hoursPerMonth } from "../../catalog/units";
import type { Plan } from "../../planning";
import { smallest } from "../harness/environments";
import { findingOf, findingsOf, planOf, roomy, usualLoad, withRoutes, type Written } from "./parsed";

const region = "us-east-1";
const targets = [{ release: "chat" }];
const overrides = { "price-unknown": { reason: "the contract is signed next month", expires: "2026-12-31" } };

function rented(pool: Written, release: Written = {}): Written {
  return {
    ...smallest,
    pools: { gpus: { cluster: "here", region, nodes: { max: 4 }, ...pool } },
    releases: { chat: { ...smallest.releases.chat, ...release } },
  };
}

function costOf(environment: Written): Plan["cost"] {
  return planOf(environment).cost;
}

function inPool({ pools, ...environment }: Written, changes: Written): Written {
  const { gpus } = pools as { readonly gpus: Written };
  return { ...environment, pools: { gpus: { ...gpus, ...changes } } };
}

describe("a price that nobody knows", () => {
  test.each<[what: string, environment: Written, at: string, message: RegExp]>([
    [
      "of owned machines",
      { ...smallest, pools: { gpus: { ...smallest.pools.gpus, price: undefined } } },
      "pools.gpus",
      /nobody has said what a GPU of the pool gpus costs/,
    ],
    [
      "of a rented machine",
      rented({ instance: "p5e.48xlarge" }),
      "pools.gpus",
      /the catalogue has no price of p5e.48xlarge in us-east-1/,
    ],
    [
      "of a rented machine in another region",
      rented({ instance: "g6e.2xlarge", region: "mx-central-1" }),
      "pools.gpus",
      /no price of g6e.2xlarge in mx-central-1/,
    ],
    [
      "of a spot machine",
      rented({ instance: "g6e.12xlarge", purchase: "spot" }),
      "pools.gpus",
      /what a machine of the pool gpus costs is unknown/,
    ],
  ])("%s is an error, and overridden every sum with it is unknown", (_, environment, at, message) => {
    const finding = findingOf(environment, "price-unknown");
    expect(finding).toMatchObject({ level: "error", at: at.split(".") });
    expect(finding?.message).toMatch(message);
    expect(finding?.fix).toMatch(/`price/);
    const { cost, releases } = planOf(inPool(environment, { overrides }));
    expect([cost.usdPerHour, cost.usdPerMonth, cost.levels.max.usdPerHour, cost.byPool["gpus"]?.usdPerHour]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(cost.unknown.pools).toEqual(["gpus"]);
    expect(releases["chat"]).toBeDefined();
  });

  test("is known again when `price` says it, of spot machines too", () => {
    const pool = { instance: "g6e.12xlarge", purchase: "spot", price: "$0.75/GPU-hour", nodes: { min: 1, max: 1 } };
    expect(findingOf(rented(pool), "price-unknown")).toBeUndefined();
    expect(costOf(rented(pool)).levels.max.usdPerHour).toEqual({ low: 3, expected: 3, high: 3 });
  });

  test("of a provider is an error at its route", () => {
    const unlisted = { externalModels: { own: { provider: "openai", model: "gpt-of-the-future" } } };
    const route = { targets, load: usualLoad, fallback: [{ external: "own", share: "5%" }] };
    const finding = findingOf(withRoutes({ large: route }, smallest.releases, unlisted), "price-unknown");
    expect(finding).toMatchObject({ level: "error", at: ["routes", "large"] });
    const priced = {
      externalModels: {
        own: { ...unlisted.externalModels.own, price: { input: "$1/1M-tokens", output: "$2/1M-tokens" } },
      },
    };
    expect(findingOf(withRoutes({ large: route }, smallest.releases, priced), "price-unknown")).toBeUndefined();
  });
});

describe("machines", () => {
  test("on demand cost what the catalogue says, while they run", () => {
    const { levels, purchases } = costOf(rented({ instance: "g6e.12xlarge", nodes: { min: 2, max: 4 } }));
    const price = onDemandPrice("g6e.12xlarge", region)?.usdPerHour ?? NaN;
    expect(levels.max.machinesUsdPerHour?.expected).toBeCloseTo(2 * price, 9);
    expect(purchases["on-demand"].max).toEqual(levels.max.machinesUsdPerHour);
  });

  test("at spot prices are a range, low below high, and the expected one between", () => {
    const { low, expected, high } = costOf(rented({ instance: "g6e.24xlarge", purchase: "spot" })).levels.max
      .usdPerHour ?? { low: NaN, expected: NaN, high: NaN };
    const range = spotRange("g6e.24xlarge", region);
    expect([low, expected, high]).toEqual([range?.minUsdPerHour, range?.medianUsdPerHour, range?.maxUsdPerHour]);
    expect(low).toBeLessThan(expected);
    expect(expected).toBeLessThan(high);
  });

  test("of which spot is preferred cost between spot and on demand: what is to be had decides", () => {
    const amount = costOf(rented({ instance: "g6e.24xlarge", purchase: ["spot", "on-demand"] })).levels.max.usdPerHour;
    expect(amount?.low).toBe(spotRange("g6e.24xlarge", region)?.minUsdPerHour);
    expect(amount?.expected).toBe(spotRange("g6e.24xlarge", region)?.medianUsdPerHour);
    expect(amount?.high).toBe(onDemandPrice("g6e.24xlarge", region)?.usdPerHour);
  });

  test("that are reserved are paid always, at the price of their contract, and what runs beyond them on demand", () => {
    const pool = {
      instance: "g6e.12xlarge",
      purchase: ["reserved", "on-demand"],
      reservations: 2,
      reservedPrice: "$6/hour",
    };
    const price = onDemandPrice("g6e.12xlarge", region)?.usdPerHour ?? NaN;
    const at = (replicas: number) => costOf(rented(pool, { replicas })).levels.max.usdPerHour?.expected;
    expect(at(1)).toBe(12);
    expect(at(8)).toBe(12);
    expect(at(9)).toBeCloseTo(12 + price, 9);
    const { purchases, levels } = costOf(rented(pool, { replicas: 9 }));
    expect([purchases.reserved.max?.expected, purchases["on-demand"].max?.expected]).toEqual([12, price]);
    expect(levels.max.idleUsdPerHour?.expected).toBeCloseTo((12 + price) * (1 - 9 / 12), 9);
  });

  test("that are reserved and never run are said", () => {
    const pool = { instance: "g6e.12xlarge", purchase: ["reserved", "on-demand"], reservations: 3 };
    expect(findingOf(rented(pool), "reservation-unused")?.message).toMatch(
      /^2 of 3 reserved machines of the pool gpus never run/,
    );
  });
});

describe("providers", () => {
  const claude = findExternalModel("claude-haiku-4-5-20251001");
  const external = { externalModels: { claude: { provider: "anthropic", model: "claude-haiku-4-5-20251001" } } };
  const load = { ...usualLoad, peak: "10/s" };
  const fallback = [{ external: "claude", share: "5%" }];
  const of = (route: Written, more: Written = external) =>
    costOf(withRoutes({ large: { targets, load, ...route } }, smallest.releases, more));
  const perRequest = (1000 * (claude?.inputUsdPerMillion ?? NaN) + 250 * (claude?.outputUsdPerMillion ?? NaN)) / 1e6;

  test("cost their share of the expected requests, and all of them at the worst moment", () => {
    const { external: money, levels } = of({ fallback });
    expect(money["large"]?.min?.expected).toBe(0);
    expect(money["large"]?.expected?.expected).toBeCloseTo(4 * 0.05 * 3600 * perRequest, 9);
    expect(money["large"]?.max?.expected).toBeCloseTo(10 * 3600 * perRequest, 9);
    expect(levels.max.externalUsdPerHour).toEqual(money["large"]?.max);
  });

  test("that nobody falls back to cost nothing", () => {
    expect(of({}).levels.max.externalUsdPerHour?.high).toBe(0);
  });

  test("with a price of the contract cost that", () => {
    const price = { input: "$0.001/1K-tokens", output: "$10/1M-tokens" };
    const { external: money } = of(
      { fallback },
      { externalModels: { claude: { ...external.externalModels.claude, price } } },
    );
    expect(money["large"]?.expected?.expected).toBeCloseTo(4 * 0.05 * 3600 * (1000 * 1 + 250 * 10) * 1e-6, 9);
  });

  test("that were turned off are a warning that names what replaces them", () => {
    const haiku = { externalModels: { old: { provider: "anthropic", model: "claude-3-haiku-20240307" } } };
    const finding = findingOf(withRoutes({}, smallest.releases, haiku), "external-retired");
    expect(finding).toMatchObject({
      level: "warning",
      at: ["externalModels", "old", "model"],
      message: "anthropic turned claude-3-haiku-20240307 off on 2026-04-20: requests to it fail",
      fix: "Its provider names claude-haiku-4-5-20251001 instead.",
    });
  });

  test("of another house with a model of the same name are not taken for it", () => {
    const wrong = { externalModels: { old: { provider: "google", model: "claude-3-haiku-20240307" } } };
    expect(findingOf(withRoutes({}, smallest.releases, wrong), "external-retired")).toBeUndefined();
  });
});

describe("tenants", () => {
  const load = usualLoad;
  const releases = { chat: smallest.releases.chat, other: { ...smallest.releases.chat, model: "Qwen/Qwen3-0.6B" } };
  const routes = {
    large: { targets, load, tenants: { search: "60%", support: "40%" } },
    small: { targets: [{ release: "other" }], load, tenants: { search: "25%", mail: "75%" } },
  };
  const cost = costOf(withRoutes(routes, releases));
  const expected = (of: Plan["cost"]["routes"][string] | undefined): number => of?.expected?.expected ?? NaN;

  test("pay for their share of each of their routes", () => {
    const { routes: byRoute, tenants } = cost;
    expect(expected(tenants["search"])).toBeCloseTo(
      0.6 * expected(byRoute["large"]) + 0.25 * expected(byRoute["small"]),
      9,
    );
    expect(expected(tenants["mail"])).toBeCloseTo(0.75 * expected(byRoute["small"]), 9);
  });

  test("together pay for all routes, and with what nobody uses for the whole environment", () => {
    const paid = Object.values(cost.tenants).reduce((sum, each) => sum + expected(each), 0);
    expect(paid).toBeCloseTo(
      Object.values(cost.routes).reduce((sum, each) => sum + expected(each), 0),
      9,
    );
    expect(paid + (cost.levels.expected.idleUsdPerHour?.expected ?? NaN)).toBeCloseTo(
      cost.levels.expected.usdPerHour?.expected ?? NaN,
      9,
    );
    expect(cost.untenanted.expected?.expected).toBe(0);
  });

  test("of one release that two routes share pay by the work that each causes", () => {
    const twice = {
      large: { targets, load: { ...load, requests: "3/s" }, tenants: { search: "100%" } },
      same: { targets, load: { ...load, requests: "1/s" }, tenants: { support: "100%" } },
    };
    const { tenants, releases: paid } = costOf(withRoutes(twice));
    expect(expected(tenants["search"]) / expected(tenants["support"])).toBeCloseTo(3, 6);
    expect(expected(tenants["search"]) + expected(tenants["support"])).toBeCloseTo(expected(paid["chat"]), 9);
  });
});

describe("a budget", () => {
  const priced = (budget: Written, pool: Written = {}) => ({
    ...rented({ instance: "g6e.24xlarge", nodes: { min: 1, max: 1 }, ...pool }),
    budget,
  });
  const hour = onDemandPrice("g6e.24xlarge", region)?.usdPerHour ?? NaN;
  const month = hour * hoursPerMonth;
  const spot = spotRange("g6e.24xlarge", region);

  test.each<[what: string, environment: Written, found: string | undefined, at: string]>([
    [
      "that holds is nothing to say",
      priced({ atMaximum: `$${hour.toFixed(2)}1/hour`, expected: `$${Math.ceil(month)}/month` }),
      undefined,
      "",
    ],
    [
      "for an hour at the most that is exceeded is an error",
      priced({ atMaximum: `$${(hour - 0.01).toFixed(2)}/hour` }),
      "error budget-exceeded",
      "budget.atMaximum",
    ],
    [
      "for a month as expected that is exceeded is an error",
      priced({ expected: `$${Math.floor(month)}/month` }),
      "error budget-exceeded",
      "budget.expected",
    ],
    [
      "that only high spot prices exceed is a warning",
      priced({ atMaximum: `$${spot?.medianUsdPerHour ?? 0}/hour` }, { purchase: "spot" }),
      "warning budget-maybe-exceeded",
      "budget.atMaximum",
    ],
    [
      "of which a price is unknown is a warning",
      { ...priced({ atMaximum: "$1/hour" }, { instance: "g6e.12xlarge", purchase: "spot", overrides }) },
      "warning budget-unknown",
      "budget.atMaximum",
    ],
  ])("%s", (_, environment, found, at) => {
    const findings = findingsOf(environment).filter(({ id }) => id.startsWith("budget"));
    expect(findings.map(({ level, id }) => `${level} ${id}`)).toEqual(found === undefined ? [] : [found]);
    expect(findings[0]?.at.join(".") ?? "").toBe(at);
  });

  test("that is exceeded says by what, the largest part first", () => {
    const finding = findingOf(
      {
        ...withRoutes({}),
        pools: { gpus: roomy, more: { ...smallest.pools.gpus } },
        budget: { atMaximum: "$100/hour" },
      },
      "budget-exceeded",
    );
    expect(finding?.message).toBe(
      "when every release is at its most the environment costs $328.00 an hour (gpus $320.00 + more $8.00), and the budget is $100.00 an hour",
    );
  });
});
