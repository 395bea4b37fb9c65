import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { customApiVersions } from "../../catalog/api-versions";
import { operatorIds } from "../../catalog/operators";
import { silentProgress, terminalProgress } from "../../tools/report/progress";
import { ensureParts, type Parts } from "../../tools/run/parts";
import { deleteSimulation, openApi, startSimulation, type KubernetesApi } from "../../tools/simulator";
import { Checkout, simulationOf, type CommandResult } from "./checkout";
import {
  Claims,
  DisruptionBudgets,
  EndpointSlices,
  Names,
  Nodes,
  PodMonitors,
  Pods,
  selects,
  Services,
  type Pod,
} from "./kubernetes-objects";
import { site, withGroup } from "./reference-site";
import { eventually } from "./simulator-harness";

/*
 * The reference site with every engine, on one simulated cluster: brought up, given a release over two machines, brought
 * up again, destroyed. Each test goes on from where the one before it left the cluster.
 */

let checkout: Checkout;
let parts: Parts;
let api: KubernetesApi;
let up: CommandResult;

const environment = "onprem";
const serving = "namespaces/onprem-serving";

async function all<T>(schema: z.ZodType<{ items: T[] }>, apiVersion: string, resource: string): Promise<T[]> {
  const root = apiVersion.includes("/") ? "apis" : "api";
  return schema.parse(await api.get(`/${root}/${apiVersion}/${resource}`)).items;
}

async function podsOf(release: string): Promise<Pod[]> {
  const pods = await all(Pods, "v1", `${serving}/pods`);
  return pods.filter(({ metadata }) => metadata.labels["app.kubernetes.io/instance"] === release);
}

beforeAll(async () => {
  checkout = new Checkout();
  const wanted = ["pulumi", "kubernetes-provider", "control-plane", "kwok", ...operatorIds] as const;
  parts = await ensureParts(wanted, { progress: terminalProgress(process.stderr) });
  up = await checkout.modelyard("up", environment, "--simulate");
  api = openApi(path.join(simulationOf(checkout, environment), "kubeconfig"));
});

afterAll(async () => {
  await deleteSimulation({ root: checkout.folder, environment, progress: silentProgress });
  checkout.remove();
});

describe("the reference site, with every engine", () => {
  test("comes up, and every policy holds", () => {
    expect(up, up.stderr).toMatchObject({ code: 0 });
    expect(up.stdout).toContain("pods: 13 of 13 Running");
    expect(up.stdout).toMatch(/\d+ rules checked, no violation/);
  });

  test("says what was not proven", () => {
    for (const said of [
      /^simulated: .*no engine serves tokens$/m,
      /^stand-in: KEDA .*nothing is scaled/m,
      /^stand-in: KubeRay .*no Ray runs .* is not awaited$/m,
      /^stand-in: the Prometheus operator .*no Prometheus is started/m,
      /^stand-in: the volume claim model-weights: an empty volume$/m,
      /^stand-in: the volume claim triton-models: an empty volume$/m,
      /^stand-in: the Secret engine-api-keys: not there/m,
    ])
      expect(up.stdout).toMatch(said);
  });

  test("has no warning of the cluster's but such as pass by themselves", async () => {
    const Warnings = z.object({ items: z.array(z.object({ message: z.string() })) });
    const warnings = await all(Warnings, "v1", `${serving}/events?fieldSelector=type%3DWarning`);
    // Pods that were there before their volumes; addresses of Services that the API server had not written down yet.
    const passing = /unbound immediate PersistentVolumeClaims|^Cluster IP .* is not allocated; repairing$/;
    expect(warnings.filter(({ message }) => !passing.test(message))).toEqual([]);
  });

  test.each([
    ["llama-70b", 1],
    ["llama-8b", 2],
    ["llama-8b-ensemble", 1],
    ["mistral-7b", 3],
    ["bert-japanese", 2],
    ["embeddings", 3],
    ["reranker", 1],
  ])("runs %s in %i pods on machines of its own pool, with nothing left to start", async (release, count) => {
    const pods = await podsOf(release);
    expect(pods).toHaveLength(count);
    const nodes = await all(Nodes, "v1", "nodes");
    const selector = site.pools[site.releases[release]?.pool ?? ""]?.selector ?? {};
    for (const { metadata, spec, status } of pods) {
      expect(status.phase, metadata.name).toBe("Running");
      const node = nodes.find(({ metadata: { name } }) => name === spec.nodeName);
      expect(node?.metadata.labels, metadata.name).toMatchObject(selector);
      const setUp = (status.initContainerStatuses ?? []).map(({ state }) => state.terminated?.exitCode);
      expect(setUp).toEqual((spec.initContainers ?? []).map(() => 0));
      expect(status.containerStatuses?.map(({ ready }) => ready)).toEqual(spec.containers.map(() => true));
    }
  });

  test("has no release whose pods are not looked at here", async () => {
    const pods = await all(Pods, "v1", "pods");
    expect(pods).toHaveLength(13);
    expect(Object.keys(site.releases)).toHaveLength(7);
  });

  test("gives pods the priority that their release has", async () => {
    const priorities = await Promise.all(
      ["llama-70b", "mistral-7b", "embeddings", "reranker"].map(async (release) =>
        (await podsOf(release)).map(({ spec }) => [
          release,
          spec.priorityClassName,
          spec.priority,
          spec.preemptionPolicy,
        ]),
      ),
    );
    expect(priorities.flat()).toEqual([
      ["llama-70b", "onprem-critical", 1000, "PreemptLowerPriority"],
      ...Array<unknown>(3).fill(["mistral-7b", "onprem-standard", 0, "PreemptLowerPriority"]),
      ...Array<unknown>(3).fill(["embeddings", "onprem-standard", 0, "PreemptLowerPriority"]),
      ["reranker", "onprem-batch", -5, "Never"],
    ]);
  });

  test("has its Ray pods made by KubeRay, in a namespace that takes restricted pods alone", async () => {
    const pods = await podsOf("mistral-7b");
    const facts = pods.map(({ metadata: { labels, ownerReferences }, spec }) => ({
      owner: ownerReferences?.[0]?.kind,
      type: labels["ray.io/node-type"],
      gpus: spec.containers.map(({ resources }) => resources.limits?.["nvidia.com/gpu"] ?? "0"),
      first: (spec.initContainers ?? []).map(({ name }) => name),
    }));
    const worker = { owner: "RayCluster", type: "worker", gpus: ["1"], first: ["wait-gcs-ready"] };
    expect(facts.sort((a, b) => String(a.type).localeCompare(String(b.type)))).toEqual([
      { owner: "RayCluster", type: "head", gpus: ["0"], first: [] },
      worker,
      worker,
    ]);
    const clusters = await all(Names, customApiVersions.RayCluster, `${serving}/rayclusters`);
    expect(clusters.map(({ metadata }) => metadata.ownerReferences?.[0])).toMatchObject([
      { kind: "RayService", name: "mistral-7b" },
    ]);
    const [namespace] = (await all(Names, "v1", "namespaces")).filter(
      ({ metadata }) => metadata.name === "onprem-serving",
    );
    expect(namespace?.metadata.labels?.["pod-security.kubernetes.io/enforce"]).toBe("restricted");
  });

  test("has every volume claim and every text that its pods mount", async () => {
    const volumes = (await all(Pods, "v1", `${serving}/pods`)).flatMap(({ spec }) => spec.volumes);
    const maps = (await all(Names, "v1", `${serving}/configmaps`)).map(({ metadata }) => metadata.name);
    const claims = await all(Claims, "v1", `${serving}/persistentvolumeclaims`);
    const bound = claims.filter(({ status }) => status.phase === "Bound").map(({ metadata }) => metadata.name);
    const mounted = volumes.flatMap(({ configMap }) => configMap?.name ?? []);
    expect(mounted).not.toEqual([]);
    expect(maps).toEqual(expect.arrayContaining(mounted));
    expect(bound.sort()).toEqual(["model-weights", "triton-models"]);
    const claimed = volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
    expect(new Set(claimed)).toEqual(new Set(bound));
  });

  test("can have every machine drained: of each release one pod may go", async () => {
    const budgets = await all(DisruptionBudgets, "policy/v1", `${serving}/poddisruptionbudgets`);
    const allowed = budgets.map(({ metadata, status }) => [metadata.name, status.disruptionsAllowed]);
    expect(Object.fromEntries(allowed)).toEqual(
      Object.fromEntries(Object.keys(site.releases).map((name) => [name, 1])),
    );
  });

  test("has a monitor for each release, which finds its pods and the port that they have", async () => {
    const monitors = await all(PodMonitors, customApiVersions.PodMonitor, `${serving}/podmonitors`);
    const pods = await all(Pods, "v1", `${serving}/pods`);
    expect(monitors.map(({ metadata }) => metadata.name).sort()).toEqual(Object.keys(site.releases).sort());
    for (const { metadata, spec } of monitors) {
      const found = pods.filter((pod) => selects(spec.selector.matchLabels, pod.metadata.labels));
      expect(found.map(releaseOf), metadata.name).toEqual(found.map(() => metadata.name));
      expect(found, metadata.name).toHaveLength((await podsOf(metadata.name)).length);
      for (const { port } of spec.podMetricsEndpoints) for (const pod of found) expect(portsOf(pod)).toContain(port);
    }
  });

  test("has the autoscaler of the release that scales, which its operator's definition takes", async () => {
    const Scaled = z.object({
      items: z.array(
        z.object({ spec: z.object({ scaleTargetRef: z.object({ kind: z.string(), name: z.string() }) }) }),
      ),
    });
    const scaled = await all(Scaled, customApiVersions.ScaledObject, `${serving}/scaledobjects`);
    expect(scaled.map(({ spec }) => spec.scaleTargetRef)).toEqual([{ kind: "Deployment", name: "llama-8b" }]);
  });
});

describe("a release over two machines that the site gets", () => {
  let changed: CommandResult;

  beforeAll(async () => {
    checkout.write("stacks/onprem.yaml", stringify(withGroup, { aliasDuplicateObjects: false }));
    changed = await checkout.modelyard("up", environment, "--simulate");
  });

  test("comes up beside the others, which stay as they are", () => {
    expect(changed, changed.stderr).toMatchObject({ code: 0 });
    expect(changed.stderr).toMatch(/bringing up: onprem: \d+ created, 66 unchanged/);
    expect(changed.stdout).toContain("pods: 15 of 15 Running");
  });

  test("has pods made by LeaderWorkerSet's own controller, each with a machine, a rank and its leader's address", async () => {
    const pods = await podsOf("llama-405b");
    const facts = pods.map(({ metadata: { name, labels, ownerReferences }, spec }) => {
      const [engine] = spec.containers;
      const variables = Object.fromEntries(engine?.env?.map((each) => [each.name, each.value]) ?? []);
      const owner = ownerReferences?.[0]?.kind;
      return [
        name,
        owner,
        labels["leaderworkerset.sigs.k8s.io/worker-index"],
        variables["LWS_WORKER_INDEX"],
        variables["LWS_GROUP_SIZE"],
        variables["LWS_LEADER_ADDRESS"],
      ];
    });
    const address = "llama-405b-0.llama-405b-0.onprem-serving";
    expect(facts.sort()).toEqual([
      ["llama-405b-0", "StatefulSet", "0", "0", "2", address],
      ["llama-405b-0-1", "StatefulSet", "1", "1", "2", address],
    ]);
    expect(pods.map(({ spec }) => spec.nodeName).sort()).toEqual(["h100-1", "h100-2"]);
    for (const { spec, status } of pods) {
      expect(status.phase).toBe("Running");
      expect(spec.containers[0]?.resources.limits).toMatchObject({ "nvidia.com/gpu": "8", "rdma/ib": "8" });
    }
  });

  test("is reached at its leader alone", async () => {
    const services = await all(Services, "v1", `${serving}/services`);
    const selector = services.find(({ metadata }) => metadata.name === "llama-405b")?.spec.selector ?? {};
    const pods = await podsOf("llama-405b");
    const answering = pods.filter(({ metadata }) => selects(selector, metadata.labels));
    expect(answering.map(({ metadata }) => metadata.name)).toEqual(["llama-405b-0"]);
    const slices = await all(EndpointSlices, "discovery.k8s.io/v1", `${serving}/endpointslices`);
    const endpoints = slices
      .filter(({ metadata }) => metadata.labels["kubernetes.io/service-name"] === "llama-405b")
      .flatMap((slice) => slice.endpoints ?? []);
    expect(endpoints.map(({ targetRef, conditions }) => [targetRef.name, conditions.ready])).toEqual([
      ["llama-405b-0", true],
    ]);
  });

  test("changes nothing when all is brought up again: what operators filled in is no difference", async () => {
    const kinds = [
      ["apps/v1", "deployments"],
      [customApiVersions.LeaderWorkerSet, "leaderworkersets"],
      [customApiVersions.RayService, "rayservices"],
      [customApiVersions.RayCluster, "rayclusters"],
    ] as const;
    const generations = async () => {
      const lists = await Promise.all(kinds.map(([version, kind]) => all(Names, version, `${serving}/${kind}`)));
      return lists.flat().map(({ metadata: { name, uid, generation } }) => [name, uid, generation]);
    };
    const before = await generations();
    const again = await checkout.modelyard("up", environment, "--simulate");
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(again.stderr).toMatch(/bringing up: onprem: nothing changed \(\d+ resources\)/);
    expect(again.stdout).toContain("pods: 15 of 15 Running");
    expect(await generations()).toEqual(before);
    expect(before).toHaveLength(9);
  });
});

describe("the site, destroyed", () => {
  test("ends in an orderly way, with every process", async () => {
    const { code, stderr } = await checkout.modelyard("destroy", environment, "--simulate");
    expect(stderr).toMatch(/destroying: onprem: \d+ deleted/);
    expect(code, stderr).toBe(0);
    expect(checkout.processes()).toEqual([]);
  });

  test("leaves nothing in the cluster, of what operators made neither", async () => {
    const { program } = parts;
    const place = { root: checkout.folder, environment, progress: silentProgress };
    const simulation = await startSimulation({ ...place, context: environment, pools: [], program });
    api = openApi(simulation.kubeconfig);
    const look = () =>
      Promise.all([
        all(Names, "v1", "pods"),
        all(Names, "v1", "configmaps?labelSelector=modelyard.dev%2Fenvironment"),
        all(Names, "apps/v1", "statefulsets"),
        all(Names, customApiVersions.LeaderWorkerSet, "leaderworkersets"),
        all(Names, customApiVersions.RayService, "rayservices"),
        all(Names, customApiVersions.RayCluster, "rayclusters"),
        all(Names, customApiVersions.ScaledObject, "scaledobjects"),
        all(Names, customApiVersions.PodMonitor, "podmonitors"),
        all(Names, "scheduling.k8s.io/v1", "priorityclasses?labelSelector=modelyard.dev%2Fenvironment"),
        all(Names, "v1", "namespaces?labelSelector=modelyard.dev%2Fenvironment"),
      ]);
    // A new API server begins to serve custom resources a moment after the others.
    const left = await eventually(30, () => look().catch(() => undefined));
    expect(left.flat().map(({ metadata }) => metadata.name)).toEqual([]);
  });
});

function releaseOf({ metadata }: Pod): string | undefined {
  return metadata.labels["app.kubernetes.io/instance"];
}

function portsOf({ spec }: Pod): readonly (string | undefined)[] {
  return spec.containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name));
}
