import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { customApiVersions } from "../../catalog/api-versions";
import { operatorIds, operators, type OperatorId } from "../../catalog/operators";
import { environmentNames } from "../../environment/load";
import { silentProgress, terminalProgress } from "../../tools/report/progress";
import { ensureParts, type Parts } from "../../tools/run/parts";
import {
  applyStrictly,
  deleteSimulation,
  openApi,
  operatorsFrom,
  problemText,
  readPods,
  startSimulation,
  stopSimulation,
  type KubernetesApi,
  type Simulation,
  type StrictAnswer,
} from "../../tools/simulator";
import { modelyard } from "../harness/modelyard";
import { simulatedPool } from "../harness/simulated-pool";
import {
  leaderWorkerSet,
  namespace,
  podMonitor,
  rayService,
  refusedGroups,
  refusedRay,
  scaledObject,
} from "./operator-objects";
import { eventually, listeningAddresses, processesMentioning } from "./simulator-harness";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-operators-"));
const place = { root, environment: "operators", progress: silentProgress };
let parts: Parts;
let simulation: Simulation;
let api: KubernetesApi;

async function start(ids: readonly OperatorId[]): Promise<void> {
  const pools = [{ ...simulatedPool, nodes: 4 }];
  const { program } = parts;
  simulation = await startSimulation({
    ...place,
    context: "operators",
    pools,
    program,
    operators: operatorsFrom(parts, ids),
  });
  api = openApi(simulation.kubeconfig);
}

/** The controllers that run, by id. */
function controllers(): readonly { readonly id: string; readonly pid: number }[] {
  const folder = path.join(fs.realpathSync(root), ".modelyard/operators/cluster/operators/bin") + path.sep;
  return processesMentioning(folder)
    .map(({ pid, command }) => ({ pid, id: path.basename(command.split(" ")[0] ?? "") }))
    .sort((a, b) => a.id.localeCompare(b.id));
}

function strictly(manifests: string): Promise<StrictAnswer> {
  return applyStrictly({ simulation, kubectl: parts.program("kubectl"), manifests });
}

function strictlyOne(object: object): Promise<StrictAnswer> {
  const file = path.join(root, "object.yaml");
  fs.writeFileSync(file, stringify(object));
  return strictly(file);
}

const inServing = `namespaces/${namespace.metadata.name}`;
const leaderWorkerSetPath = `/apis/${customApiVersions.LeaderWorkerSet}/${inServing}/leaderworkersets/chat`;

const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()),
        ownerReferences: z.array(z.object({ kind: z.string() })),
      }),
      spec: z.object({
        nodeName: z.string().optional(),
        containers: z.array(
          z.object({ env: z.array(z.object({ name: z.string(), value: z.string().optional() })).optional() }),
        ),
      }),
      status: z.object({ phase: z.string() }),
    }),
  ),
});
type Pod = z.infer<typeof Pods>["items"][number];

async function podsOf(instance: string): Promise<readonly Pod[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/instance=${instance}`);
  return Pods.parse(await api.get(`/api/v1/${inServing}/pods?labelSelector=${selector}`)).items;
}

/** Waits until so many pods run, and no more are there. */
function running(instance: string, count: number): Promise<readonly Pod[]> {
  return eventually(60, async () => {
    const pods = await podsOf(instance);
    return pods.length === count && pods.every(({ status }) => status.phase === "Running") ? pods : undefined;
  });
}

const Definition = z.object({
  kind: z.string(),
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(z.object({ name: z.string(), served: z.boolean() })),
  }),
});

/** Every API version of a kind that an operator's definitions serve. */
function served(id: OperatorId, kind: string): readonly string[] {
  const folder = parts.manifests(id);
  const objects = fs
    .readdirSync(folder)
    .map((name): unknown => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")));
  const definitions = objects.flatMap((object) => Definition.safeParse(object).data?.spec ?? []);
  const { group = "", versions = [] } = definitions.find(({ names }) => names.kind === kind) ?? {};
  return versions.filter((version) => version.served).map(({ name }) => `${group}/${name}`);
}

beforeAll(async () => {
  const progress = terminalProgress(process.stderr);
  parts = await ensureParts(["kubernetes-provider", "control-plane", "kwok", ...operatorIds], { progress });
  await start(operatorIds);
  await api.apply("/api/v1/namespaces/serving", namespace);
});

afterAll(async () => {
  await deleteSimulation(place);
  fs.rmSync(root, { recursive: true, force: true });
});

describe("the API versions of custom resources", () => {
  const kinds = operatorIds.flatMap((id) =>
    operators[id].kinds.map((kind) => [kind, customApiVersions[kind], id] as const),
  );

  it.each(kinds)("of %s is %s, which the pinned definitions of %s serve", (kind, apiVersion, id) => {
    expect(served(id, kind)).toContain(apiVersion);
  });

  it.each(kinds)("of %s is %s, which the simulated cluster serves", async (kind, apiVersion) => {
    const resources = (await api.get(`/apis/${apiVersion}`)) as { resources: { kind: string }[] };
    expect(resources.resources.map((resource) => resource.kind)).toContain(kind);
  });
});

describe("the operators of a simulated cluster", () => {
  it("run as processes that listen on the loopback address only", () => {
    expect(controllers().map(({ id }) => id)).toEqual(["kuberay", "leader-worker-set"]);
    for (const { pid } of controllers()) expect(new Set(listeningAddresses(pid))).toEqual(new Set(["0100007F"]));
  });

  it("say what of them is not real", () => {
    expect(simulation.standIns.join("\n")).toMatch(
      /^KEDA .*not run\nKubeRay .*no Ray runs.*\n.*Prometheus operator .*not run$/m,
    );
  });

  it.each([
    ["LeaderWorkerSet", leaderWorkerSet(2)],
    ["RayService", rayService],
    ["ScaledObject", scaledObject],
    ["PodMonitor", podMonitor],
  ])("take a %s without a word, and refuse it with a field that they do not know", async (_kind, object) => {
    const { accepted, problems } = await strictlyOne(object);
    expect({ accepted: accepted.length, problems }).toEqual({ accepted: 1, problems: [] });
    const wrong = await strictlyOne({ ...object, spec: { ...object.spec, noSuchField: 1 } });
    expect(wrong.accepted).toEqual([]);
    expect(wrong.problems.join("\n")).toContain(".spec.noSuchField: field not declared in schema");
  });

  it("refuse by LeaderWorkerSet's own webhook what its schema allows", async () => {
    const { problems } = await strictlyOne(leaderWorkerSet(1, 0));
    expect(problems.join("\n")).toMatch(
      /admission webhook "vleaderworkerset\.kb\.io" denied the request: .*size must be/,
    );
  });
});

describe("a LeaderWorkerSet", () => {
  it("becomes groups of pods, each with a place, a rank and the address of its leader", async () => {
    await api.apply(leaderWorkerSetPath, leaderWorkerSet(2));
    const pods = await running("chat", 4);
    expect(pods.every(({ spec }) => spec.nodeName?.startsWith("l40s-"))).toBe(true);
    expect(pods.map(({ metadata }) => metadata.ownerReferences[0]?.kind)).toEqual(Array(4).fill("StatefulSet"));
    const facts = pods.map(({ metadata: { name, labels }, spec }) => {
      const variables = Object.fromEntries(spec.containers[0]?.env?.map((each) => [each.name, each.value]) ?? []);
      const group = labels["leaderworkerset.sigs.k8s.io/group-index"];
      return [name, group, variables["LWS_WORKER_INDEX"], variables["LWS_GROUP_SIZE"], variables["LWS_LEADER_ADDRESS"]];
    });
    expect(facts.sort()).toEqual([
      ["chat-0", "0", "0", "2", "chat-0.chat-0.serving"],
      ["chat-0-1", "0", "1", "2", "chat-0.chat-0.serving"],
      ["chat-1", "1", "0", "2", "chat-1.chat-1.serving"],
      ["chat-1-1", "1", "1", "2", "chat-1.chat-1.serving"],
    ]);
  });

  it("loses a whole group when it has one group less", async () => {
    await api.apply(leaderWorkerSetPath, leaderWorkerSet(1));
    const pods = await running("chat", 2);
    expect(pods.map(({ metadata }) => metadata.name).sort()).toEqual(["chat-0", "chat-0-1"]);
  });
});

describe("a RayService", () => {
  const rayServicePath = `/apis/${customApiVersions.RayService}/${inServing}/rayservices/ray`;

  it("becomes a Ray cluster whose head and workers run, each with a place", async () => {
    await api.apply(rayServicePath, rayService);
    const pods = await running("ray", 3);
    expect(pods.every(({ spec }) => spec.nodeName?.startsWith("l40s-"))).toBe(true);
    expect(pods.map(({ metadata }) => metadata.ownerReferences[0]?.kind)).toEqual(Array(3).fill("RayCluster"));
    expect(pods.map(({ metadata }) => metadata.labels["ray.io/node-type"]).sort()).toEqual([
      "head",
      "worker",
      "worker",
    ]);
    await eventually(30, async () => {
      const clusters = await api.get(`/apis/${customApiVersions.RayCluster}/${inServing}/rayclusters`);
      const [cluster] = (clusters as { items: { status?: { state?: string } }[] }).items;
      return cluster?.status?.state === "ready" ? true : undefined;
    });
  });

  it("is not ready, because no Ray runs in its pods, and nobody outside this machine is asked", async () => {
    const { status } = (await api.get(rayServicePath)) as {
      status: { conditions: { type: string; status: string }[] };
    };
    expect(status.conditions.find(({ type }) => type === "Ready")).toMatchObject({ status: "False" });
    const log = path.join(simulation.folder, "cluster/operators/logs/kuberay.log");
    await eventually(30, () => {
      const failures = fs.readFileSync(log, "utf8").match(/Serve application statuses from the dashboard.*/g) ?? [];
      return Promise.resolve(
        failures.some((line) => /proxyconnect tcp: dial tcp 127\.0\.0\.1:1/.test(line)) || undefined,
      );
    });
  });
});

describe("pods of operators that the cluster refuses", () => {
  it.each([
    ["leaderworkersets", customApiVersions.LeaderWorkerSet, refusedGroups],
    ["rayservices", customApiVersions.RayService, refusedRay],
  ])("are told with the reason: %s", async (kind, apiVersion, object) => {
    const path_ = `/apis/${apiVersion}/${inServing}/${kind}/refused`;
    await api.apply(path_, object);
    const told = await eventually(60, async () => {
      const { problems } = await readPods(api, ["serving"]);
      return problems.length > 0 ? problems.map(problemText) : undefined;
    });
    await api.remove(path_);
    expect(told.join("\n")).toMatch(/^pods of refused\S* are not accepted: .*violates PodSecurity "restricted/);
    await eventually(60, async () => ((await readPods(api, ["serving"])).problems.length === 0 ? true : undefined));
  });
});

describe("the objects of every environment", () => {
  it.each(environmentNames(path.join(__dirname, "../..")))(
    "are taken by a real API server without a word: %s",
    async (name) => {
      const folder = path.join(root, "manifests", name);
      const { code, err } = await modelyard("plan", name, "--format", "manifests", "--out", folder);
      expect(code, err).toBe(0);
      const { accepted, problems } = await strictly(folder);
      expect(problems).toEqual([]);
      expect(accepted).toHaveLength(fs.readdirSync(folder).filter((file) => file.endsWith(".yaml")).length);
    },
  );
});

describe("operators of a cluster that is started again", () => {
  it("are used as they run", async () => {
    const before = controllers();
    await start(operatorIds);
    expect(controllers()).toEqual(before);
  });

  it("are repaired when one was killed", async () => {
    const [kuberay, leaderWorkers] = controllers();
    process.kill(leaderWorkers?.pid ?? 0, "SIGKILL");
    await start(operatorIds);
    const after = controllers();
    expect(after.map(({ id }) => id)).toEqual(["kuberay", "leader-worker-set"]);
    expect(after[0]?.pid).toBe(kuberay?.pid);
    expect(after[1]?.pid).not.toBe(leaderWorkers?.pid);
  });

  it("end with the cluster and work on with its objects", async () => {
    await stopSimulation(place);
    expect(controllers()).toEqual([]);
    await start(operatorIds);
    await api.apply(leaderWorkerSetPath, leaderWorkerSet(2));
    await running("chat", 4);
  });

  it("end when they are not wanted any more; their webhooks go, and their objects stay", async () => {
    await start(["keda"]);
    expect(controllers()).toEqual([]);
    expect(await api.get(leaderWorkerSetPath)).toMatchObject({ kind: "LeaderWorkerSet" });
    expect((await strictlyOne(leaderWorkerSet(1, 0))).problems).toEqual([]);
  });
});
