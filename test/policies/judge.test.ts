import { describe, expect, test } from "vitest";
import type { Review, Waiver } from "../../environment";
import { idleWaivers, judge } from "../../policies/judge";
import type { DeclaredResource, Rule } from "../../policies/rule";

const rule: Rule = {
  name: "no-red",
  title: "Nothing is red",
  description: "Red things are refused.",
  severity: "low",
  remediation: "Paint it.",
  references: [],
  levels: { development: "disabled", staging: "advisory", production: "mandatory" },
  check: ({ props }) => (props["colour"] === "red" ? [{ field: "colour", message: "is red" }] : []),
};
const type = "kubernetes:apps/v1:Deployment";
const red: DeclaredResource = {
  type,
  name: "chat-deployment",
  urn: `urn:pulumi:t::modelyard::${type}::chat-deployment`,
  props: { colour: "red" },
};
const waiver: Waiver = {
  id: "WVR-2026-001",
  rule: "no-red",
  resource: "Deployment/chat-*",
  kind: "accepted-risk",
  reason: "red until the new paint arrives",
  owner: "serving team",
  approvedBy: "security team",
  ticket: "https://tickets.example.com/1",
  created: "2026-11-01",
  expires: "2026-11-30",
};
const production = (...waivers: Waiver[]): Review => ({ stage: "production", waivers });
const today = "2026-11-21";

describe("a violation", () => {
  test("is open at the level of the stage, and not looked for where the rule is disabled", () => {
    expect(judge(rule, red, production(), today)).toMatchObject([
      { state: "open", level: "mandatory", field: "colour", message: "is red" },
    ]);
    expect(judge(rule, red, { stage: "staging", waivers: [] }, today)).toMatchObject([{ level: "advisory" }]);
    expect(judge(rule, red, { stage: "development", waivers: [] }, today)).toEqual([]);
  });

  test.each([
    ["Deployment/chat-deployment", "waived"],
    ["Deployment/chat-*", "waived"],
    ["Deployment/c*t-d*t", "waived"],
    ["Deployment/chat", "open"],
    ["Deployment/hat-deployment", "open"],
    ["Service/chat-deployment", "open"],
    ["Deployment/chat-deploymen.", "open"],
  ])("under a waiver of %s is %s", (resource, state) => {
    expect(judge(rule, red, production({ ...waiver, resource }), today)).toMatchObject([{ state }]);
  });

  test("is waived through the waiver's last day, and open again after it, with the waiver named", () => {
    expect(judge(rule, red, production(waiver), "2026-11-30")).toMatchObject([
      { state: "waived", waiver: { id: "WVR-2026-001" } },
    ]);
    expect(judge(rule, red, production(waiver), "2026-12-01")).toMatchObject([
      { state: "open", waiver: { id: "WVR-2026-001" } },
    ]);
  });

  test("of another rule is not waived", () => {
    expect(judge(rule, red, production({ ...waiver, rule: "no-blue" }), today)).toMatchObject([{ state: "open" }]);
  });
});

test("what is not known yet is told beside what is broken, and alone", () => {
  class UnknownValueError extends Error {}
  const half: Rule = {
    ...rule,
    check: (resource, undecided) => {
      undecided(new UnknownValueError("colour of the door"));
      return rule.check(resource, undecided);
    },
  };
  const states = (props: object) =>
    judge(half, { ...red, props: { ...props } }, production(waiver), today).map(({ state, field }) => [state, field]);
  expect(states({ colour: "red" })).toEqual([
    ["waived", "colour"],
    ["indeterminate", "colour of the door"],
  ]);
  expect(states({ colour: "blue" })).toEqual([["indeterminate", "colour of the door"]]);
});

test("waivers that allow nothing are told, each with why", () => {
  const review = production(
    waiver,
    { ...waiver, id: "WVR-2026-002", rule: "no-blue" },
    { ...waiver, id: "WVR-2026-003", expires: "2026-11-20" },
    { ...waiver, id: "WVR-2026-004", resource: "Service/chat" },
  );
  const idle = idleWaivers(review, judge(rule, red, review, today), [rule], today);
  expect(idle.map(({ waiver: { id }, why }) => [id, why])).toEqual([
    ["WVR-2026-002", "unknown rule"],
    ["WVR-2026-003", "expired"],
    ["WVR-2026-004", "nothing to waive"],
  ]);
});
