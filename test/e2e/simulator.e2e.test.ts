import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { silentProgress } from "../../tools/report/progress";
import type { ProgramName } from "../../tools/run/parts";
import { processStart } from "../../tools/run/parts/processes";
import {
  deleteSimulation,
  openApi,
  problemText,
  readPods,
  startSimulation,
  stopSimulation,
  watchForUnschedulable,
  type KubernetesApi,
  type SimulatedPool,
  type Simulation,
} from "../../tools/simulator";
import { simulatedPool as pool } from "../harness/simulated-pool";
import { deployment, eventually, findPrograms, listeningAddresses, processesMentioning } from "./simulator-harness";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-simulator-"));
const programNames = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"];
let program: (name: ProgramName) => string;

function start(environment: string, pools: readonly SimulatedPool[] = [pool]): Promise<Simulation> {
  const progress = silentProgress;
  return startSimulation({ root, environment, context: `${environment}-context`, pools, program, progress });
}

function running(environment: string): readonly { pid: number; command: string }[] {
  return processesMentioning(path.join(root, ".modelyard", environment) + path.sep);
}

function programsRunning(environment: string): readonly string[] {
  return running(environment)
    .map(({ command }) => path.basename(command.split(" ")[0] ?? ""))
    .sort();
}

/** Returns when it is gone: a process that was sent SIGKILL may live on for a moment on a busy machine. */
async function killProgram(environment: string, name: string): Promise<void> {
  const found = running(environment).filter(({ command }) => path.basename(command.split(" ")[0] ?? "") === name);
  expect(found).toHaveLength(1);
  for (const { pid } of found) {
    process.kill(pid, "SIGKILL");
    await eventually(10, () => Promise.resolve(processStart(pid) === undefined ? true : undefined));
  }
}

const Nodes = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }),
      status: z.object({ allocatable: z.record(z.string(), z.string()) }),
    }),
  ),
});

async function nodesOf(api: KubernetesApi) {
  return Nodes.parse(await api.get("/api/v1/nodes")).items;
}

async function settled(api: KubernetesApi, release: string, count: number): Promise<void> {
  await eventually(30, async () => {
    const { releases } = await readPods(api, ["serving"]);
    return releases[release]?.running === count ? true : undefined;
  });
}

const namespace = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "serving", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
};
const deploymentPath = "/apis/apps/v1/namespaces/serving/deployments";

beforeAll(async () => {
  program = await findPrograms();
  // kwokctl would otherwise write into the user's own kubeconfig.
  process.env["HOME"] = path.join(root, "home");
});

afterAll(async () => {
  for (const environment of ["one", "two"]) await deleteSimulation({ root, environment, progress: silentProgress });
  fs.rmSync(root, { recursive: true, force: true });
});

describe("the simulated cluster", () => {
  let one: Simulation;
  let two: Simulation;

  it("starts for two environments at the same time, each with a cluster of its own", async () => {
    [one, two] = await Promise.all([start("one"), start("two")]);
    expect([one.started, two.started]).toEqual(["new", "new"]);
    await openApi(one.kubeconfig).apply("/api/v1/namespaces/serving", namespace);
    await expect(openApi(two.kubeconfig).get("/api/v1/namespaces/serving")).rejects.toMatchObject({ status: 404 });
    expect(programsRunning("one")).toEqual(programNames);
    expect(programsRunning("two")).toEqual(programNames);
  });

  it("listens on the loopback address only", () => {
    const addresses = [...running("one"), ...running("two")].map(({ pid }) => listeningAddresses(pid));
    expect(addresses.every((each) => each.length > 0)).toBe(true);
    expect(new Set(addresses.flat())).toEqual(new Set(["0100007F"]));
  });

  it("is reached by a private kubeconfig whose only context is the environment's, and leaves the user's alone", () => {
    expect(fs.statSync(one.kubeconfig).mode & 0o777).toBe(0o600);
    const text = fs.readFileSync(one.kubeconfig, "utf8");
    expect(text).toContain("current-context: one-context");
    expect(fs.existsSync(path.join(root, "home", ".kube", "config"))).toBe(false);
  });

  it("has the machines of the pools", async () => {
    const nodes = await nodesOf(openApi(one.kubeconfig));
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(["l40s-1", "l40s-2"]);
    expect(nodes.map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"])).toEqual(["a", "b"]);
    expect(nodes.map(({ status }) => status.allocatable["nvidia.com/gpu"])).toEqual(["2", "2"]);
    expect(nodes[0]?.status.allocatable).toMatchObject({
      cpu: "31390m",
      memory: "258560Mi",
      "ephemeral-storage": "367820Mi",
    });
  });

  it("schedules pods on GPUs, and says why one has no place", async () => {
    const api = openApi(one.kubeconfig);
    await api.apply(`${deploymentPath}/chat`, deployment("chat", 2, 2));
    await settled(api, "chat", 2);
    await api.apply(`${deploymentPath}/huge`, deployment("huge", 1, 8));
    const problems = await new Promise<readonly string[]>((resolve) => {
      const onUnschedulable: Parameters<typeof watchForUnschedulable>[0]["onUnschedulable"] = (found) => {
        resolve(found.map(problemText));
      };
      watchForUnschedulable({ api, namespaces: ["serving"], seconds: 2, onUnschedulable });
    });
    expect(problems).toEqual([
      expect.stringMatching(
        /^huge-\S+ cannot be scheduled: 0\/2 nodes are available: 2 Insufficient nvidia\.com\/gpu$/,
      ),
    ]);
    const { releases } = await readPods(api, ["serving"]);
    expect(releases).toEqual({
      chat: { running: 2, pending: 0, other: 0 },
      huge: { running: 0, pending: 1, other: 0 },
    });
    await api.remove(`${deploymentPath}/huge`);
  });

  it("refuses what the namespace's Pod Security standard forbids, and says so", async () => {
    const api = openApi(one.kubeconfig);
    await api.apply(`${deploymentPath}/rogue`, deployment("rogue", 1, 0, true));
    const problem = await eventually(30, async () => {
      const { problems } = await readPods(api, ["serving"]);
      return problems.find(({ kind }) => kind === "rejected");
    });
    expect(problemText(problem)).toMatch(/^pods of rogue-\S+ are not accepted: .*violates PodSecurity "restricted/);
    await api.remove(`${deploymentPath}/rogue`);
  });

  it("is used again while it runs", async () => {
    const before = running("one").map(({ pid }) => pid);
    expect((await start("one")).started).toBe("reused");
    expect(running("one").map(({ pid }) => pid)).toEqual(before);
  });

  it.each(["kube-apiserver", "etcd", "kwok-controller"])(
    "is repaired with its objects after %s was killed, and starts new pods at once",
    async (name) => {
      await killProgram("one", name);
      expect((await start("one")).started).toBe("repaired");
      expect(programsRunning("one")).toEqual(programNames);
      const api = openApi(one.kubeconfig);
      await settled(api, "chat", 2);
      await api.apply(`${deploymentPath}/after-${name}`, deployment(`after-${name}`, 1, 0));
      await settled(api, `after-${name}`, 1);
    },
  );

  it("starts empty, and without the old state, when etcd's data cannot be read", async () => {
    await stopSimulation({ root, environment: "two", progress: silentProgress });
    const database = path.join(two.folder, "cluster/clusters/simulated/etcd/member/snap/db");
    fs.writeFileSync(database, "not a database");
    const state = path.join(two.folder, "pulumi", "state");
    fs.writeFileSync(path.join(state, "old.json"), "{}");
    expect((await start("two")).started).toBe("new");
    expect(fs.readdirSync(state)).toEqual([]);
  });

  it("loses machines that are in no pool any more, with their pods, and keeps the others", async () => {
    const api = openApi(one.kubeconfig);
    await start("one", [{ ...pool, nodes: 1, gpuResource: "nvidia.com/mig-1g.10gb" }]);
    const nodes = await nodesOf(api);
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(["l40s-1"]);
    expect(nodes[0]?.status.allocatable).not.toHaveProperty(["nvidia.com/gpu"]);
    expect(nodes[0]?.status.allocatable["nvidia.com/mig-1g.10gb"]).toBe("2");
    const { releases } = await readPods(api, ["serving"]);
    expect(releases["chat"]?.running).toBe(1);
  });

  it("stops without leaving a process, and starts again with its objects", async () => {
    await stopSimulation({ root, environment: "one", progress: silentProgress });
    expect(running("one")).toEqual([]);
    expect((await start("one")).started).toBe("repaired");
    await settled(openApi(one.kubeconfig), "chat", 2);
  });

  it("is removed with its whole folder and nothing else", async () => {
    await deleteSimulation({ root, environment: "one", progress: silentProgress });
    expect(running("one")).toEqual([]);
    expect(fs.existsSync(one.folder)).toBe(false);
    expect(programsRunning("two")).toEqual(programNames);
  });
});
