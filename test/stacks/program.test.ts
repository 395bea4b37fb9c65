import { RunError } from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import program from "../../stacks/index";
import { record } from "../../tools/run/record";
import { folderWith } from "../harness/folder";

beforeEach(() => {
  vi.stubEnv("KUBECONFIG", "/nowhere/kubeconfig");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function failureOf(stack: string): Promise<Error> {
  try {
    await record(program, stack);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error(`the program of ${stack} did not fail`);
}

test("plain Pulumi gets an environment's mistakes as an error of the program, without a stack trace", async () => {
  const error = await failureOf("prd");
  expect(RunError.isInstance(error)).toBe(true);
  expect(error.message).toBe('stacks/prd.yaml:1:1: there is no environment "prd"\n    Did you mean "prod"?');
  expect(error.stack).toBe(error.message);
});

test("nothing is declared when the cluster that the environment names is not within reach", async () => {
  const error = await failureOf("prod");
  expect(error.message).toMatch(
    /^stacks\/prod\.yaml:\d+:\d+: the kubeconfig \(\/nowhere\/kubeconfig\) has no context "prod-tokyo"/,
  );
});

test("everything is declared when it is", async () => {
  const folder = folderWith({ config: "contexts: [{ name: prod-tokyo }]\n" });
  vi.stubEnv("KUBECONFIG", `${folder}/config`);
  const { resources, outputs } = await record(program, "prod");
  expect(resources.filter(({ type }) => type === "kubernetes:apps/v1:Deployment").map(({ name }) => name)).toEqual([
    "chat-large-deployment",
    "chat-small-deployment",
  ]);
  expect(outputs).toMatchObject({ services: { "chat-large": "chat-large" }, usdPerHourAtMaximum: 30.4 });
});
