import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { onDemandPrice, spotRange } from "../../../catalog/instances";
import {
  committed,
  onDemand,
  poolMoney,
  spot,
  type Amount,
  type PoolMoneyQuestion,
  type Purchase,
} from "../../../planning/money";
import { levelNames, planRoom, type Tenant } from "../../../planning/room";
import { anyTenants, gpuTenants, machine } from "../room/fixtures";

const source = { source: "a price list", date: "2026-07-20", standing: "exact" as const };
const flat = (usdPerHour: number) => onDemand({ usdPerHour, ...source });
const range = (low: number, median: number, high: number) =>
  spot({ minUsdPerHour: low, medianUsdPerHour: median, maxUsdPerHour: high, zones: 3, ...source });
const unknown = onDemand(undefined);

function question(running: readonly [number, number, number], purchases: readonly Purchase[]): PoolMoneyQuestion {
  const [min, expected, max] = running;
  return {
    pool: "gpu",
    machine: { gpus: 8, cpu: 96 },
    running: { min, expected, max },
    purchases,
    releases: [
      { release: "a", replicas: { min: 1, expected: 2, max: 4 }, gpus: 4, cpu: 8 },
      { release: "b", replicas: { min: 0, expected: 1, max: 2 }, gpus: 1, cpu: 8 },
    ],
  };
}

const exact = (usd: number) => ({ low: usd, expected: usd, high: usd });

describe("a pool", () => {
  test.each<[what: string, purchases: readonly Purchase[], atMin: Amount, atMax: Amount]>([
    ["is paid by the machine that runs", [flat(10)], exact(10), exact(30)],
    ["that is owned is paid whole, whatever runs", [committed("owned", 3, 4)], exact(12), exact(12)],
    [
      "with reservations pays them whole, and what runs beyond",
      [committed("reserved", 2, 6), flat(10)],
      exact(12),
      exact(22),
    ],
    [
      "of spot machines costs a range",
      [range(2, 3, 5)],
      { low: 2, expected: 3, high: 5 },
      { low: 6, expected: 9, high: 15 },
    ],
    [
      "of spot or on-demand machines costs what either may",
      [range(2, 3, 5), flat(10)],
      { low: 2, expected: 3, high: 10 },
      { low: 6, expected: 9, high: 30 },
    ],
    ["of an unknown price costs an unknown amount", [unknown], null, null],
    ["is unknown only where machines of an unknown price run", [committed("owned", 1, 4), unknown], exact(4), null],
    ["is unknown where nothing provides the machines", [committed("owned", 1, 4)], exact(4), null],
    ["is unknown where one of two prices is", [range(2, 3, 5), unknown], null, null],
  ])("%s", (_, purchases, atMin, atMax) => {
    const { levels } = poolMoney(question([1, 2, 3], purchases));
    expect(levels.min.usdPerHour).toEqual(atMin);
    expect(levels.max.usdPerHour).toEqual(atMax);
  });

  test("that does not run and has no price costs nothing", () => {
    expect(poolMoney(question([0, 0, 0], [unknown])).levels.max.usdPerHour).toEqual(exact(0));
  });

  test("divides its cost by GPUs; what nobody uses is idle", () => {
    const { min } = poolMoney(question([1, 2, 3], [flat(16)])).levels;
    expect(min).toMatchObject({ releases: { a: exact(8), b: exact(0) }, idle: exact(8) });
  });

  test("without GPUs divides its cost by CPUs", () => {
    const asked = { ...question([1, 1, 1], [flat(12)]), machine: { gpus: 0, cpu: 48 } };
    expect(poolMoney(asked).levels.expected.releases).toEqual({ a: exact(4), b: exact(2) });
  });

  test("shows reservations that do not run as idle", () => {
    const { idle } = poolMoney(question([1, 1, 1], [committed("reserved", 3, 8)])).levels.min;
    expect(idle).toEqual(exact(20));
  });

  test("carries date and standing of its prices along", () => {
    const [price] = poolMoney(question([1, 1, 1], [onDemand(onDemandPrice("g6e.12xlarge", "ap-northeast-1"))])).prices;
    expect(price?.source).toMatchObject({ standing: "derived" });
    expect(price?.usdPerHour?.expected).toBeGreaterThan(0);
  });

  test("knows spot machines by the catalogue's range", () => {
    const read = spotRange("g5.12xlarge", "us-east-1");
    expect(read).toBeDefined();
    expect(spot(read).usdPerHour).toMatchObject({ low: read?.minUsdPerHour, high: read?.maxUsdPerHour });
  });
});

const purchase = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map(flat),
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(9), fc.nat(9))
    .map(([low, more, most]) => range(low, low + more, low + more + most)),
  fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 30 })).map(([machines, usd]) => committed("reserved", machines, usd)),
  fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 30 })).map(([machines, usd]) => committed("owned", machines, usd)),
  fc.constant(unknown),
);
const purchases = fc.array(purchase, { minLength: 1, maxLength: 4 });

describe("whatever is bought", () => {
  const bounds = ["low", "expected", "high"] as const;

  test("releases and what is idle are the whole, purchases are the whole", () => {
    fc.assert(
      fc.property(purchases, fc.nat(6), fc.nat(6), fc.nat(6), (bought, min, expected, max) => {
        const { levels } = poolMoney(question([min, expected, max], bought));
        for (const level of levelNames) {
          const { usdPerHour, releases, idle, purchases: kinds } = levels[level];
          const parts = [...Object.values(releases), idle];
          if (usdPerHour === null) expect(idle).toBeNull();
          else
            for (const bound of bounds) {
              expect(parts.reduce((total, part) => total + (part?.[bound] ?? NaN), 0)).toBeCloseTo(
                usdPerHour[bound],
                9,
              );
              expect(kinds.reduce((total, kind) => total + (kind.usdPerHour?.[bound] ?? NaN), 0)).toBeCloseTo(
                usdPerHour[bound],
                9,
              );
            }
        }
      }),
    );
  });

  test("a range is in order", () => {
    fc.assert(
      fc.property(purchases, fc.nat(6), (bought, machines) => {
        const amount = poolMoney(question([machines, machines, machines], bought)).levels.max.usdPerHour;
        if (amount === null) return;
        expect(amount.low).toBeLessThanOrEqual(amount.expected);
        expect(amount.expected).toBeLessThanOrEqual(amount.high);
      }),
    );
  });

  test("an unknown price is never counted as nothing", () => {
    fc.assert(
      fc.property(purchases, fc.integer({ min: 6, max: 60 }), (bought, beyond) => {
        const covered = bought.reduce((machines, { committed: fixed }) => machines + (fixed ?? 0), 0);
        const running = covered + beyond;
        const { usdPerHour } = poolMoney(question([running, running, running], [...bought, unknown])).levels.max;
        expect(usdPerHour).toBeNull();
      }),
    );
  });
});

/** What a pool costs at each level, from its bounds and what its releases want. */
function costs(
  tenants: readonly Tenant[],
  nodes: { readonly min: number; readonly max: number },
  bought: readonly Purchase[],
  morePods = 0,
): readonly Amount[] {
  const demands = tenants.map(({ release, pods, resources, spread }) => ({
    release,
    resources,
    spread,
    replicas: { min: morePods, expected: pods + morePods, max: 2 * pods + morePods },
  }));
  const { levels } = planRoom({ pool: "gpu", machine, zones: ["a"], nodes, reserved: 0, demands });
  const { min, expected, max } = levels;
  const asked = question([min.running, expected.running, max.running], bought);
  return levelNames.map((level) => poolMoney(asked).levels[level].usdPerHour);
}

function expectNoneFell(before: readonly Amount[], after: readonly Amount[]): void {
  before.forEach((amount, index) => {
    const later = after[index] ?? null;
    if (amount === null || later === null) return;
    for (const bound of ["low", "expected", "high"] as const)
      expect(later[bound]).toBeGreaterThanOrEqual(amount[bound]);
  });
}

describe("what a pool costs never falls", () => {
  const nodes = fc.record({ min: fc.nat(4), span: fc.nat(6), moreMin: fc.nat(2), moreMax: fc.nat(3) });

  test("as its own bounds rise", () => {
    fc.assert(
      fc.property(
        anyTenants(fc.constant(null)),
        purchases,
        nodes,
        (tenants, bought, { min, span, moreMin, moreMax }) => {
          const raised = { min: min + moreMin, max: Math.max(min + moreMin, min + span + moreMax) };
          expectNoneFell(costs(tenants, { min, max: min + span }, bought), costs(tenants, raised, bought));
        },
      ),
    );
  });

  test("as the bounds of its releases rise, where sizes divide each other", () => {
    // Other sizes may pack better with a pod more: one in some thousands of cases of largest-first.
    const dividing = gpuTenants.map((tenants) => tenants.filter(({ resources }) => resources.gpus !== 3));
    fc.assert(
      fc.property(dividing, purchases, nodes, fc.nat(3), (tenants, bought, { min, span }, more) => {
        const bounds = { min, max: min + span };
        expectNoneFell(costs(tenants, bounds, bought), costs(tenants, bounds, bought, more));
      }),
    );
  });
});
