import { expect, test } from "vitest";
import { rules } from "../../../policies/rules";
import { changesText, hasMandatoryViolation, policyText, violationText } from "../../../tools/cli/run-report";
import { EventCollector, type PolicyViolation, type RunReport } from "../../../tools/run/events";

const empty: RunReport = { changes: {}, violations: [], errors: [], warnings: [], creates: [] };
const violation: PolicyViolation = {
  rule: "image-no-latest-tag",
  level: "mandatory",
  urn: "urn:pulumi:local::modelyard::modelyard:releases:VllmRelease$kubernetes:apps/v1:Deployment::chat-deployment",
  message: "Every image has a tag.\ncontainer vllm runs x:latest, whose tag moves (spec.image). Name the version.",
};

test.each([
  [{ create: 26 }, "past", "26 created"],
  [{ create: 1, update: 2, delete: 3, same: 4 }, "past", "1 created, 2 updated, 3 deleted, 4 unchanged"],
  [{ replace: 1, same: 4 }, "future", "1 to replace, 4 unchanged"],
  [{ same: 4 }, "past", "nothing changed (4 resources)"],
  [{ same: 4 }, "future", "nothing to change (4 resources)"],
] as const)("%j in the %s is %j", (changes, tense, text) => {
  expect(changesText({ ...empty, changes }, tense)).toBe(text);
});

test("the policy result counts mandatory and advisory violations", () => {
  expect(policyText(empty)).toBe(`${rules.length} rules checked, no violation`);
  expect(policyText({ ...empty, violations: [violation, { ...violation, level: "advisory" }] })).toBe(
    `${rules.length} rules checked: 1 mandatory and 1 advisory violations`,
  );
  expect(hasMandatoryViolation({ ...empty, violations: [{ ...violation, level: "advisory" }] })).toBe(false);
  expect(hasMandatoryViolation({ ...empty, violations: [violation] })).toBe(true);
});

test("a violation names the rule, the resource, and what to do", () => {
  expect(violationText(violation)).toBe(
    "  mandatory  image-no-latest-tag  kubernetes:apps/v1:Deployment chat-deployment\n    container vllm runs x:latest, whose tag moves (spec.image). Name the version.",
  );
});

test("events become a report: each violation and error once, without colour marks, ephemeral ones not at all", () => {
  const notes: string[] = [];
  const collector = new EventCollector((text) => notes.push(text));
  const event = { sequence: 1, timestamp: 1 };
  const diagnostic = { color: "never", urn: "u" };
  const policy = {
    resourceUrn: "u",
    color: "",
    policyName: "rule",
    policyPackName: "",
    policyPackVersion: "",
    policyPackVersionTag: "",
  };
  for (let twice = 0; twice < 2; twice++) {
    collector.listen({
      ...event,
      policyEvent: { ...policy, message: "<{%fg 1%}>bad<{%reset%}>", enforcementLevel: "mandatory" },
    });
    collector.listen({
      ...event,
      diagnosticEvent: { ...diagnostic, severity: "error", message: "<{%reset%}>no such thing\n" },
    });
  }
  collector.listen({ ...event, policyEvent: { ...policy, message: "so so", enforcementLevel: "warning" } });
  collector.listen({
    ...event,
    diagnosticEvent: { ...diagnostic, severity: "error", message: "waiting", ephemeral: true },
  });
  collector.listen({ ...event, diagnosticEvent: { ...diagnostic, severity: "warning", message: "old" } });
  collector.listen({
    ...event,
    summaryEvent: { maybeCorrupt: false, durationSeconds: 1, resourceChanges: { create: 2 }, policyPacks: {} },
  });
  expect(collector.report()).toEqual({
    changes: { create: 2 },
    violations: [
      { rule: "rule", level: "mandatory", urn: "u", message: "bad" },
      { rule: "rule", level: "advisory", urn: "u", message: "so so" },
    ],
    errors: ["no such thing"],
    warnings: ["old"],
    creates: [],
  });
});
