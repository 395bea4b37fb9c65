import { describe, expect, test } from "vitest";
import type { Environment } from "../../environment";
import { isLanguageModel, planEnvironment } from "../../planning";
import { onManyPools } from "../bench/environments";
import { today } from "../harness/environments";
import { parsed } from "./parsed";

describe("a large environment", { timeout: 120_000 }, () => {
  const times = 10;
  const small = parsed(onManyPools(25));
  const large = parsed(onManyPools(25 * times));

  test("has a plan for every release and every pool, with nothing wrong", () => {
    const { plan, findings } = planEnvironment(large, today);
    expect(findings.filter(({ level }) => level === "error")).toEqual([]);
    expect(Object.keys(plan?.releases ?? {})).toHaveLength(250);
    expect(Object.keys(plan?.pools ?? {})).toHaveLength(25);
    expect(
      Object.values(plan?.releases ?? {}).every((release) => isLanguageModel(release) && release.speed !== null),
    ).toBe(true);
  });

  /** Milliseconds of planning it so many times. */
  function timeOf(environment: Environment, count: number): number {
    const start = performance.now();
    for (let index = 0; index < count; index++) planEnvironment(environment, today);
    return performance.now() - start;
  }

  // It would take ten times as long if every pair of releases were looked at. Both do as much work, so that what else
  // the machine does meets them alike; and it only ever adds time, so the least of a few counts.
  test("is planned in about the time of ten that are a tenth of it", () => {
    const rounds = Array.from({ length: 3 }, () => ({ few: timeOf(small, times), many: timeOf(large, 1) }));
    const few = Math.min(...rounds.map((round) => round.few));
    expect(Math.min(...rounds.map((round) => round.many)) / few).toBeLessThan(2.5);
  });
});
