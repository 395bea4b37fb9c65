import { describe, expect, test } from "vitest";
import { evaluate, type Rule } from "../../policies/rule";
import { rules } from "../../policies/rules";
import { fixtures, fixturesOf } from "./fixtures";
import { clean, missed, outcome, podKinds, resource, unknownText, type Failing } from "./fixtures/fixture";

test("every rule has fixtures of each sort, and no fixture is without its rule", () => {
  expect(Object.keys(fixtures).sort()).toEqual(rules.map((rule) => rule.name).sort());
  for (const { fails, passes, unknown } of Object.values(fixtures))
    for (const sort of [fails, passes, unknown]) expect(Object.keys(sort)).not.toEqual([]);
});

const named = rules.map((rule) => [rule.name, rule] as const);

describe.each(named)("%s", (_, rule) => {
  const { fails, passes, unknown } = fixturesOf(rule);
  const inPods = Object.entries(fails).filter(([, failing]) => !("type" in failing));
  const inContainers = Object.entries(fails).flatMap(([what, failing]) =>
    "container" in failing ? [[what, failing] as const] : [],
  );

  test.each(Object.entries(fails))("is broken by %s", (_what, failing) => {
    expect(missed(rule, failing)).toBeUndefined();
  });

  test.each(Object.entries(passes))("is kept by %s", (_what, subject) => {
    expect(outcome(rule, subject)).toEqual({ state: "pass" });
  });

  test.each(Object.entries(unknown))("is indeterminate, not passed, while unknown: %s", (_what, subject) => {
    expect(outcome(rule, subject).state).toBe("indeterminate");
  });

  test.each(inPods.length > 0 ? Object.keys(podKinds) : [])("finds it in a %s", (kind) => {
    for (const [, failing] of inPods) expect(missed(rule, failing, { kind })).toBeUndefined();
  });

  test.each(inContainers.length > 0 ? (["initContainers", "ephemeralContainers"] as const) : [])(
    "finds it in %s",
    (sort) => {
      for (const [, failing] of inContainers) expect(missed(rule, failing, { sort })).toBeUndefined();
    },
  );

  test.each(inPods)("is broken by %s while other lists of containers are unknown", (_what, failing) => {
    const pod = { ...("pod" in failing ? failing.pod : {}), initContainers: unknownText, nodeName: unknownText };
    expect(missed(rule, { ...failing, pod })).toBeUndefined();
  });

  test.each(inContainers)("is broken by %s while another container is unknown", (_what, failing) => {
    const spec = { ...failing.pod, containers: [failing.container], initContainers: [unknownText, clean] };
    const result = evaluate(rule, resource("kubernetes:core/v1:Pod", { spec }));
    const fields = failing.at.map((at) => ({ field: `spec.containers[0].${at}` }));
    expect(result).toMatchObject({ state: "violation", violations: fields });
    expect(result.state === "violation" ? result.undecided : []).not.toEqual([]);
  });

  test("has nothing to say of what runs no pod and is no namespace", () => {
    const spec = { containers: [{ name: "main" }], hostNetwork: true };
    expect(evaluate(rule, resource("kubernetes:core/v1:Service", { spec }))).toEqual({ state: "pass" });
  });
});

test.each(named)("%s emptied of its body is noticed by every fixture that breaks it", (_, rule) => {
  const emptied: Rule = { ...rule, check: () => [] };
  for (const failing of Object.values(fixturesOf(rule).fails))
    expect(missed(emptied, failing)).toMatch(`${rule.name} found pass instead of`);
});

test("a fixture does not take one finding for another", () => {
  const failing: Failing = { container: clean, at: ["image"] };
  const other = { field: "spec.template.spec.containers[0].name", message: "is wrong" };
  const [first] = rules;
  if (first === undefined) throw new Error("no rules");
  expect(missed({ ...first, check: () => [other] }, failing)).toContain("containers[0].name instead of");
});

test("an outcome tells what is wrong, and each value that could hide more", () => {
  const [first] = rules;
  if (first === undefined) throw new Error("no rules");
  const containers = [{ ...clean, securityContext: unknownText }, { name: "root" }, unknownText];
  expect(outcome(first, { pod: { containers } })).toMatchObject({
    state: "violation",
    violations: [{ field: "spec.template.spec.containers[1].securityContext.runAsNonRoot" }],
    undecided: [
      expect.stringContaining("containers.0.securityContext can't be known"),
      expect.stringContaining("containers.2 can't be known"),
    ],
  });
});

test("an error inside a rule is not taken for an unknown value", () => {
  const [first] = rules;
  if (first === undefined) throw new Error("no rules");
  const broken: Rule = {
    ...first,
    check: () => {
      throw new TypeError("defect");
    },
  };
  expect(() => outcome(broken, { container: clean })).toThrow("defect");
});
