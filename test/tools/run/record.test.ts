import { ComponentResource, secret } from "@pulumi/pulumi";
import { ConfigMap, Secret } from "@pulumi/kubernetes/core/v1";
import { RandomPassword } from "@pulumi/random";
import { expect, test } from "vitest";
import { record, secretPlaceholder } from "../../../tools/run/record";

class Group extends ComponentResource {
  constructor(name: string, parent?: ComponentResource) {
    super("modelyard:test:Group", name, {}, parent === undefined ? {} : { parent });
  }
}

test("a resource's URN carries the types of all its parents, as the engine's does", async () => {
  const { resources } = await record(() => {
    const inner = new Group("inner", new Group("outer"));
    new ConfigMap("settings", { data: { a: "1" } }, { parent: inner });
    return Promise.resolve({});
  }, "dev");
  expect(resources.find(({ name }) => name === "settings")).toMatchObject({
    urn: "urn:pulumi:dev::modelyard::modelyard:test:Group$modelyard:test:Group$kubernetes:core/v1:ConfigMap::settings",
    parent: "urn:pulumi:dev::modelyard::modelyard:test:Group$modelyard:test:Group::inner",
    custom: true,
    inputs: { data: { a: "1" } },
  });
});

test("secrets are never written down", async () => {
  const { resources } = await record(() => {
    const password = new RandomPassword("password", { length: 8 });
    new Secret("one", { stringData: { key: password.result } });
    new Secret("two", { stringData: { key: secret("hunter2") } });
    return Promise.resolve({});
  }, "dev");
  expect(JSON.stringify(resources)).not.toContain("hunter2");
  expect(resources.find(({ name }) => name === "two")?.inputs["stringData"]).toBe(secretPlaceholder);
  expect(resources.find(({ name }) => name === "one")?.inputs["stringData"]).toBe(secretPlaceholder);
});

test("dependencies, waiting times and outputs are recorded", async () => {
  const { resources, outputs } = await record(() => {
    const first = new ConfigMap("first", { metadata: { name: "first" } });
    new ConfigMap("second", {}, { dependsOn: first, customTimeouts: { create: "90s" } });
    return Promise.resolve({ name: first.metadata.name });
  }, "dev");
  const first = resources.find(({ name }) => name === "first");
  expect(resources.find(({ name }) => name === "second")).toMatchObject({
    dependencies: [first?.urn],
    createTimeout: "90s",
  });
  expect(outputs).toEqual({ name: "first" });
});

test("programs that run at once do not see each other", async () => {
  const names = ["one", "two", "three", "four"];
  const recordings = await Promise.all(
    names.map((name) =>
      record(() => {
        new ConfigMap(name, {});
        return Promise.resolve({});
      }, name),
    ),
  );
  expect(recordings.map(({ resources }) => resources.map(({ urn }) => urn))).toEqual(
    names.map((name) => [`urn:pulumi:${name}::modelyard::kubernetes:core/v1:ConfigMap::${name}`]),
  );
});

test("a program that fails fails the recording", async () => {
  await expect(record(() => Promise.reject(new Error("no such pool")), "dev")).rejects.toThrow("no such pool");
});

test("stack traces are as before once all recordings are over, failed ones too", async () => {
  const before = Error.stackTraceLimit;
  const recordings = [record(() => Promise.resolve({}), "one"), record(() => Promise.reject(new Error("no")), "two")];
  expect(Error.stackTraceLimit).toBe(0);
  await Promise.allSettled(recordings);
  expect(Error.stackTraceLimit).toBe(before);
});
