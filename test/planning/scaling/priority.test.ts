import { expect, test } from "vitest";
import { withReleases } from "../../harness/environments";
import { planOf, release } from "../parsed";

test("there are the classes that releases use, named after the environment", () => {
  const { priorities } = planOf(withReleases({ chat: {}, notes: { priority: "batch" } }));
  expect(Object.values(priorities).map(({ name }) => name)).toEqual(["test-standard", "test-batch"]);
});

test("critical comes before standard, standard before batch, and all of them after the cluster's own", () => {
  const all = withReleases({
    a: { priority: "critical", model: "Qwen/Qwen3-0.6B" },
    b: { model: "Qwen/Qwen3-0.6B" },
    c: { priority: "batch", model: "Qwen/Qwen3-0.6B" },
  });
  const values = Object.values(planOf(all).priorities).map(({ value }) => value);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
  expect(new Set(values).size).toBe(3);
  expect(Math.max(...values)).toBeLessThan(1_000_000_000);
});

test("nobody's pods without a class are evicted for a standard release, and machines are still added for a batch one", () => {
  const { priorities } = planOf(withReleases({ chat: {}, notes: { priority: "batch" } }));
  expect(priorities["standard"]?.value).toBe(0);
  // --expendable-pods-priority-cutoff of the cluster autoscaler, its default.
  expect(priorities["batch"]?.value).toBeGreaterThanOrEqual(-10);
  expect(priorities["batch"]?.preempts).toBe(false);
});

test("a release is standard unless it says something else", () => {
  expect(release(planOf(withReleases({ chat: {} }))).priority).toBe("standard");
});
