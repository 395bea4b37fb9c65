import { describe, expect, test } from "vitest";
import { planEnvironment } from "../../planning";
import { onManyPools } from "../bench/environments";
import { planningTimes } from "../bench/planning-time";
import { today } from "../harness/environments";
import { parsed } from "./parsed";

describe("a large environment", { timeout: 120_000 }, () => {
  const [small, large] = [parsed(onManyPools(60)), parsed(onManyPools(600))];

  test("has a plan for every release and every pool, with nothing wrong", () => {
    const { plan, findings } = planEnvironment(large, today);
    expect(findings.filter(({ level }) => level === "error")).toEqual([]);
    expect(Object.keys(plan?.releases ?? {})).toHaveLength(600);
    expect(Object.keys(plan?.pools ?? {})).toHaveLength(60);
    expect(Object.values(plan?.releases ?? {}).every(({ speed }) => speed !== null)).toBe(true);
  });

  test("of ten times the size takes about ten times as long to plan, and to explain", () => {
    const [few, many] = planningTimes([small, large], 3);
    expect((many?.decided ?? NaN) / (few?.decided ?? NaN)).toBeLessThan(20);
    expect((many?.explained ?? NaN) / (few?.explained ?? NaN)).toBeLessThan(30);
  });
});
