import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Namespace, Secret } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { RandomPassword, RandomString } from "@pulumi/random";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { silentProgress } from "../../tools/report/progress";
import {
  deleteSimulation,
  openApi,
  simulated,
  startSimulation,
  stopSimulation,
  type Simulation,
} from "../../tools/simulator";
import { simulatedPool as pool } from "../harness/simulated-pool";
import { deployment, findPrograms } from "./simulator-harness";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-simulator-pulumi-"));
const context = "rehearsal-context";
let simulation: Simulation;
let stack: Stack;
/** What the program is told from one run to the next. */
const settings = { keeper: "first", gpus: 1, withString: false };

/** Passwords that the program was given to work with. */
const seenKeys: string[] = [];

const program: PulumiFn = () => {
  const provider = new Provider("cluster", { context });
  const namespace = new Namespace("serving", { metadata: { name: "serving" } }, { provider });
  const keepers = { generation: settings.keeper };
  const password = new RandomPassword("key", { length: 32, special: false, minNumeric: 3, keepers });
  const metadata = { name: "key", namespace: namespace.metadata.name };
  new Secret("key", { metadata, stringData: { value: password.result } }, { provider });
  const { spec, metadata: named } = deployment("chat", 2, settings.gpus);
  new Deployment("chat", { metadata: named, spec }, { provider, dependsOn: namespace });
  if (settings.withString) new RandomString("text", { length: 8 });
  const key = password.result.apply((value) => {
    seenKeys.push(value);
    return value;
  });
  return Promise.resolve({ key });
};

async function start(): Promise<Simulation> {
  const programs = await findPrograms();
  const progress = silentProgress;
  return startSimulation({ root, environment: "rehearsal", context, pools: [pool], program: programs, progress });
}

async function openStack(): Promise<Stack> {
  const cli = path.join(root, "cli");
  fs.mkdirSync(path.join(cli, "bin"), { recursive: true });
  fs.symlinkSync((await findPrograms())("pulumi"), path.join(cli, "bin", "pulumi"));
  return LocalWorkspace.createOrSelectStack(
    { stackName: "rehearsal", projectName: "modelyard", program: simulated(program, simulation) },
    {
      workDir: simulation.projectFolder,
      projectSettings: simulation.projectSettings,
      pulumiCommand: await PulumiCommand.get({ root: cli }),
      envVars: { ...simulation.variables },
    },
  );
}

const SecretObject = z.object({ data: z.object({ value: z.string() }) });

/** The password as the cluster has it. */
async function keyInCluster(): Promise<string> {
  const secret = SecretObject.parse(await openApi(simulation.kubeconfig).get("/api/v1/namespaces/serving/secrets/key"));
  return Buffer.from(secret.data.value, "base64").toString("utf8");
}

beforeAll(async () => {
  // A kubeconfig and a passphrase of the user's own must make no difference.
  process.env["KUBECONFIG"] = path.join(root, "not-a-kubeconfig");
  process.env["PULUMI_CONFIG_PASSPHRASE"] = "the user's own";
  simulation = await start();
  stack = await openStack();
});

afterAll(async () => {
  await deleteSimulation({ root, environment: "rehearsal", progress: silentProgress });
  fs.rmSync(root, { recursive: true, force: true });
});

describe("the real Pulumi on the simulated cluster", () => {
  it("previews without inventing a password", async () => {
    const { changeSummary } = await stack.preview();
    expect(changeSummary).toMatchObject({ create: 6 });
    expect(seenKeys).toEqual([]);
  });

  it("brings everything up, waits for the pods, and keeps the password secret", async () => {
    const { summary, outputs } = await stack.up();
    expect(summary.resourceChanges).toMatchObject({ create: 6 });
    const key = await keyInCluster();
    expect(key).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(outputs["key"]).toEqual({ value: key, secret: true });
    expect(seenKeys).toEqual([key]);
    const state = fs.readFileSync(path.join(simulation.folder, "pulumi/state/.pulumi/stacks/modelyard/rehearsal.json"));
    expect(state.includes(key)).toBe(false);
  });

  it("changes nothing the second time, nor after the control plane was stopped and started again", async () => {
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 6 });
    await stopSimulation({ root, environment: "rehearsal", progress: silentProgress });
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    expect((await start()).started).toBe("repaired");
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 6 });
    expect((await stack.refresh()).summary.resourceChanges).toEqual({ same: 6 });
  });

  it("makes a new password when a keeper changes", async () => {
    const before = await keyInCluster();
    settings.keeper = "second";
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 4, replace: 2 });
    expect(await keyInCluster()).not.toBe(before);
  });

  it.runIf(process.env["MODELYARD_TEST_REAL_RANDOM"] === undefined)(
    "refuses what the stand-in cannot make, and says what to do",
    async () => {
      expect(simulation.standIns).toHaveLength(1);
      settings.withString = true;
      await expect(stack.up()).rejects.toThrow(/pulumi plugin install resource random 4\.21\.2/);
      settings.withString = false;
    },
  );

  it("removes everything", async () => {
    const { summary } = await stack.destroy();
    expect(summary.resourceChanges).toMatchObject({ delete: 6 });
    await expect(openApi(simulation.kubeconfig).get("/api/v1/namespaces/serving")).rejects.toMatchObject({
      status: 404,
    });
  });
});
