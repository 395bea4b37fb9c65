import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { planSeconds, rolloutWaves, type SecondsQuestion } from "../../planning/seconds";

const small: SecondsQuestion = {
  weightsGB: 16,
  weightsFrom: "hub",
  longestRequest: 300,
  replicas: 2,
  rollout: { kind: "rolling", maxSurge: 0, maxUnavailable: 1 },
};

describe("durations are derived, not chosen", () => {
  test("a startup budget is never below ten minutes", () => {
    expect(planSeconds({ ...small, weightsGB: 1, weightsFrom: "pvc" }).seconds.startup).toBe(600);
  });

  test("70B from the hub gets the hour that it needs", () => {
    // 141 GB ÷ 0.064 GB/s + 195 s, and half as much again.
    expect(planSeconds({ ...small, weightsGB: 141 }).seconds.startup).toBe(Math.ceil((141 / 0.064 + 195) * 1.5));
  });

  test("a volume is faster than the hub", () => {
    const of = (weightsFrom: "hub" | "pvc") => planSeconds({ ...small, weightsGB: 141, weightsFrom }).seconds.startup;
    expect(of("pvc")).toBeLessThan(of("hub"));
  });
});

test("no deadline is shorter than what happens inside it", () => {
  const question = fc.record({
    weightsGB: fc.double({ min: 0.1, max: 1000, noNaN: true }),
    weightsFrom: fc.constantFrom("hub" as const, "pvc" as const),
    longestRequest: fc.integer({ min: 1, max: 3600 }),
    replicas: fc.integer({ min: 1, max: 50 }),
    rollout: fc.constantFrom<SecondsQuestion["rollout"][]>(
      { kind: "recreate" },
      { kind: "rolling", maxSurge: 1, maxUnavailable: 0 },
      { kind: "rolling", maxSurge: 0, maxUnavailable: 1 },
    ),
  });
  fc.assert(
    fc.property(question, (asked) => {
      const { seconds } = planSeconds(asked);
      expect(seconds.grace).toBeGreaterThan(seconds.preStop + seconds.drain);
      expect(seconds.drain).toBeGreaterThanOrEqual(asked.longestRequest);
      expect(seconds.progressDeadline).toBeGreaterThan(seconds.grace + seconds.startup);
      expect(seconds.rolloutTimeout).toBeGreaterThanOrEqual(seconds.progressDeadline);
    }),
  );
});

test.each([
  [3, { kind: "recreate" } as const, 1],
  [3, { kind: "rolling", maxSurge: 1, maxUnavailable: 0 } as const, 3],
  [5, { kind: "rolling", maxSurge: 1, maxUnavailable: 1 } as const, 3],
])("%d replicas by %j wait %d times", (replicas, rollout, waves) => {
  expect(rolloutWaves(replicas, rollout)).toBe(waves);
});
