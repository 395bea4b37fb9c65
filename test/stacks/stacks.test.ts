import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { environmentNames } from "../../environment";
import { evaluate } from "../../policies/rule";
import { rules } from "../../policies/rules";
import { readPlan } from "../../stacks/read-plan";
import type { Recording } from "../../tools/run/record";
import { manifestsOf } from "../harness/manifests";
import { recordStack } from "../harness/recorded";

const root = join(__dirname, "../..");

describe.each(environmentNames(root))("the stack %s", (environment) => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await recordStack(environment);
  });

  test("declares what its list of URNs says: names and types are public API, a change replaces what runs", async () => {
    const urns = recording.resources.map(({ urn }) => urn).sort();
    await expect(`${urns.join("\n")}\n`).toMatchFileSnapshot(`../golden/${environment}.urns.txt`);
  });

  test("declares these Kubernetes objects", async () => {
    await expect(manifestsOf(recording)).toMatchFileSnapshot(`../golden/${environment}.manifests.yaml`);
  });

  test("declares each URN once", () => {
    const urns = recording.resources.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
  });

  test("breaks no rule of the pack, whatever the stage", () => {
    const outcomes = recording.resources.flatMap(({ inputs, ...resource }) =>
      rules.map((rule) => evaluate(rule, { ...resource, props: inputs })),
    );
    expect(outcomes.filter(({ state }) => state !== "pass")).toEqual([]);
    expect(outcomes.length).toBe(recording.resources.length * rules.length);
  });

  test("names each child after its parent", () => {
    const nameOf = new Map(recording.resources.map(({ urn, name }) => [urn, name]));
    const children = recording.resources.filter(({ parent }) => parent !== undefined);
    expect(children.length).toBeGreaterThan(0);
    for (const { name, parent = "" } of children) expect(name.startsWith(`${nameOf.get(parent) ?? "?"}-`)).toBe(true);
  });

  test("says of every Kubernetes object whose it is, and reaches one cluster only", () => {
    const objects = recording.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(objects.length).toBeGreaterThan(0);
    for (const { inputs } of objects)
      expect(inputs["metadata"]).toMatchObject({ labels: { "modelyard.dev/environment": environment } });
    const providers = recording.resources.filter(({ type }) => type === "pulumi:providers:kubernetes");
    expect(providers.map(({ inputs }) => inputs["context"])).toEqual([readPlan(environment).plan.context]);
  });

  test("puts no argument of a component into the state", () => {
    for (const { custom, inputs } of recording.resources) if (!custom) expect(inputs).toEqual({});
  });
});

test("production takes keys from Secrets that it names, and makes none", async () => {
  const { resources } = await recordStack("prod");
  expect(resources.filter(({ type }) => type.endsWith(":Secret") || type.startsWith("random:"))).toEqual([]);
  expect(JSON.stringify(resources)).toContain('{"secretKeyRef":{"key":"chat-large","name":"engine-api-keys"}}');
});
