import { describe, expect, test } from "vitest";
import { loadEnvironment, environmentNames } from "../../environment";
import { valueAt } from "../../environment/messages";
import { planEnvironment, type Plan } from "../../planning";
import { root } from "../../tools/cli/root";
import { load, today, withPool, withReleases } from "../harness/environments";

/** Every number inside a value, by its path. */
function numbersOf(value: unknown, path: readonly string[] = []): readonly (readonly [path: string, value: number])[] {
  if (typeof value === "number") return [[path.join("."), value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, [...path, key]));
}

describe.each(environmentNames(root))("of %s", (name) => {
  const { environment } = loadEnvironment(root, name);
  const { plan } = planEnvironment(environment, today);
  const { why = {}, ...decided } = plan ?? {};

  test("every number of the plan has its arithmetic, or is the setting of the same name", () => {
    const numbers = numbersOf(decided);
    expect(numbers.length).toBeGreaterThan(50);
    const unexplained = numbers.filter(
      ([path, value]) => why[path] === undefined && valueAt(environment, path.split(".")) !== value,
    );
    expect(unexplained).toEqual([]);
  });

  test("every arithmetic ends in the value that the plan has at its path", () => {
    const results = Object.entries(why).map(([path, { result }]) => [path, result]);
    expect(results).toEqual(Object.keys(why).map((path) => [path, valueAt(decided, path.split("."))]));
  });

  test("every choice of a release has its arithmetic", () => {
    for (const release of Object.keys(environment.releases))
      for (const choice of ["tensorParallel", "dataType", "rollout.kind"])
        expect(why).toHaveProperty([`releases.${release}.${choice}`]);
  });
});

describe("the number of GPUs", () => {
  function whyOf(plan: Plan | undefined) {
    const { formula, terms } = plan?.why["releases.chat.tensorParallel"] ?? {};
    return { formula, terms: terms?.map((term) => term.name) };
  }
  const large = { model: "Qwen/Qwen3-32B" };
  const override = {
    "context-does-not-fit": { reason: "measured on this very machine: it fits", expires: "2026-12-31" },
  };

  test("says which were too few", () => {
    expect(whyOf(planEnvironment(load(withReleases({ chat: large })).environment, today).plan)).toEqual({
      formula: "the cheapest layout whose KV cache holds one request of full length and that meets the load",
      terms: ["one request of full length", "1 × L40S, bf16", "2 × L40S (tensor 2), bf16"],
    });
  });

  test("does not claim to fit where that was overridden", () => {
    const releases = withReleases({ chat: { context: 40960, overrides: override } })["releases"];
    const written = withPool(
      { accelerator: "RTX-4090", gpusPerNode: 1 },
      releases as Readonly<Record<string, unknown>>,
    );
    expect(whyOf(planEnvironment(load(written).environment, today).plan).formula).toMatch(/none of them works/);
  });
});
