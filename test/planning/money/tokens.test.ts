import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { busyReplicas, exactly, explainTokenPrice, tokenPrice, type ReplicaSpeed } from "../../../planning/money";

const speed: ReplicaSpeed = {
  prefillTokensPerSecond: { low: 8000, expected: 10_000, high: 12_000 },
  decodeTokensPerSecond: { low: 800, expected: 1000, high: 1100 },
};

describe("dollars per million tokens", () => {
  test("an input token costs the time of reading it, an output token the time of writing it", () => {
    const price = tokenPrice(exactly(3.6), speed, 1);
    expect(price.input?.expected).toBeCloseTo(0.1, 9);
    expect(price.output?.expected).toBeCloseTo(1, 9);
  });

  test("time in which a replica does not work is paid by the same tokens", () => {
    expect(tokenPrice(exactly(3.6), speed, 0.25).output?.expected).toBeCloseTo(4, 9);
  });

  test("is a range: the slowest replica at the dearest price is the dearest", () => {
    const { output } = tokenPrice({ low: 1.8, expected: 3.6, high: 7.2 }, speed, 1);
    expect(output?.low).toBeCloseTo((1.8 / 3600 / 1100) * 1e6, 9);
    expect(output?.high).toBeCloseTo((7.2 / 3600 / 800) * 1e6, 9);
  });

  test.each([
    ["an unknown price", null, 1],
    ["a replica that never works", exactly(3.6), 0],
  ])("is unknown for %s", (_, usdPerHour, busy) => {
    expect(tokenPrice(usdPerHour, speed, busy)).toEqual({ input: null, output: null });
  });

  test("all tokens of a load together cost what its replicas cost", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 10 }),
        (requestsPerSecond, inputTokens, outputTokens, spare) => {
          const load = { requestsPerSecond, inputTokens, outputTokens };
          const busy = busyReplicas(load, speed).expected;
          const replicas = Math.ceil(busy) + spare;
          const price = tokenPrice(exactly(5), speed, busy / replicas);
          const perSecond =
            inputTokens * (price.input?.expected ?? NaN) + outputTokens * (price.output?.expected ?? NaN);
          expect(((requestsPerSecond * perSecond) / 1e6) * 3600).toBeCloseTo(5 * replicas, 6);
        },
      ),
    );
  });

  test.each(["input", "output"] as const)("of %s have an arithmetic that ends in them", (kind) => {
    const why = explainTokenPrice(kind, exactly(3.6), speed, 0.5);
    expect(why.result).toBe(tokenPrice(exactly(3.6), speed, 0.5)[kind]?.expected);
  });
});

test("a load keeps fewer replicas busy the faster they are", () => {
  const busy = busyReplicas({ requestsPerSecond: 5, inputTokens: 1200, outputTokens: 300 }, speed);
  expect(busy.expected).toBeCloseTo(5 * (0.12 + 0.3), 9);
  expect([busy.low, busy.expected, busy.high]).toEqual([busy.low, busy.expected, busy.high].toSorted((a, b) => a - b));
});
