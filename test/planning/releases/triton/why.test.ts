import { describe, expect, test } from "vitest";
import { valueAt } from "../../../../environment/messages";
import { smallest } from "../../../harness/environments";
import { everyRelease } from "../../../harness/triton-everything";
import { planOf } from "../../parsed";

/** Every number inside a value, by its path. */
function numbersOf(value: unknown, path: readonly string[] = []): readonly (readonly [path: string, value: number])[] {
  if (typeof value === "number") return [[path.join("."), value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, [...path, key]));
}

describe("of releases of Triton with every setting", () => {
  const gpus = { ...smallest.pools.gpus, accelerator: "A100-40GB", gpusPerNode: 4, nodes: { max: 8 } };
  const plan = planOf({ ...smallest, pools: { gpus }, releases: everyRelease("gpus") });

  test.each(Object.keys(plan.releases))("every number of %s has its arithmetic, which ends in it", (name) => {
    const numbers = numbersOf(plan.releases[name], ["releases", name]);
    expect(numbers.length).toBeGreaterThan(40);
    expect(numbers.filter(([path]) => plan.why[path] === undefined).map(([path]) => path)).toEqual([]);
    const wrong = Object.entries(plan.why).filter(
      ([path, { result }]) => path.startsWith(`releases.${name}.`) && valueAt(plan, path.split(".")) !== result,
    );
    expect(wrong).toEqual([]);
  });
});
