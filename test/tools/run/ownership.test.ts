import { describe, expect, test } from "vitest";
import { labels } from "../../../components/base/labels";
import { claims, createdObject, foreignText, isOurs, objectOf, type ObjectRef } from "../../../tools/run/ownership";

const chat: ObjectRef = { apiVersion: "v1", kind: "Service", name: "chat", namespace: "prod-serving" };
const ours = labels({ environment: "prod", part: "release", instance: "chat" });

describe("an object is the environment's", () => {
  test("when it bears the labels that the components give it", () => {
    expect(isOurs({ labels: ours }, "prod")).toBe(true);
  });

  test.each([
    ["without any label", {}],
    ["of another environment", { ...ours, "modelyard.dev/environment": "staging" }],
    ["of another tool that copied our label", { ...ours, "app.kubernetes.io/managed-by": "Helm" }],
    ["with our tool's label only", { "app.kubernetes.io/managed-by": "modelyard" }],
  ])("but not one %s", (_which, found) => {
    expect(isOurs({ labels: found }, "prod")).toBe(false);
  });
});

test("what exists is sorted into what can be taken over and what is somebody else's", () => {
  const refs = ["made", "foreign", "free"].map((name) => ({ ...chat, name }));
  const existing = [{ labels: ours }, { labels: {} }, undefined];
  const found = refs.map((ref, index) => ({ ref, existing: existing[index] }));
  expect(claims(found, "prod")).toEqual({ leftBehind: [refs[0]], foreign: [refs[1]] });
});

describe("what a preview would create", () => {
  const event = (op: string, inputs: unknown, type = "kubernetes:core/v1:Service") => ({
    sequence: 1,
    timestamp: 1,
    resourcePreEvent: { metadata: { op, type, new: { inputs } } },
  });
  const inputs = { apiVersion: "v1", kind: "Service", metadata: { name: "chat", namespace: "prod-serving" } };

  test.each(["create", "create-replacement"])("is the object that the inputs of a %s name", (op) => {
    expect(createdObject(event(op, inputs) as never)).toEqual(chat);
  });

  test.each([
    ["a resource that stays", event("same", inputs)],
    ["a resource of another provider", event("create", inputs, "random:index/randomPassword:RandomPassword")],
    ["the provider", event("create", { context: "prod" }, "pulumi:providers:kubernetes")],
    ["another event", { sequence: 1, timestamp: 1 }],
  ])("is nothing for %s", (_what, other) => {
    expect(createdObject(other as never)).toBeUndefined();
  });

  test("is not known when its namespace is not", () => {
    const metadata = { name: "chat", namespace: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" };
    expect(objectOf({ ...inputs, metadata })).toBeUndefined();
  });
});

test("the refusal names every object, says that nothing was changed, and what to do", () => {
  const text = foreignText([chat, { apiVersion: "v1", kind: "Namespace", name: "prod-serving" }], "prod");
  expect(text).toContain("2 objects that prod would create already exist and are not its own:");
  expect(text).toContain("\n    Service chat in prod-serving\n    Namespace prod-serving\n");
  expect(text).toContain("Nothing was changed");
  expect(text).toContain("modelyard.dev/environment=prod");
});
