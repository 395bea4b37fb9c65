import { beforeAll, describe, expect, test } from "vitest";
import { planEnvironment } from "../../planning";
import { evaluate } from "../../policies/rule";
import { rules } from "../../policies/rules";
import type { Recording } from "../../tools/run/record";
import { load, today } from "../harness/environments";
import { llama405, superPod, withGroups } from "../harness/groups";
import { manifestsOf } from "../harness/manifests";
import { recordPlan, resource } from "../harness/recorded";

const { plan } = planEnvironment(
  load(withGroups({ big: { ...llama405, replicas: 2 } }, { ...superPod, nodes: { max: 4 } })).environment,
  today,
);
const big = plan?.releases["big"];
if (plan === undefined || big?.runs.kind !== "leader-worker-set") throw new Error("no group was planned");
const { runs, seconds, resources } = big;

interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [Record<string, unknown>];
  readonly [key: string]: unknown;
}
interface Group {
  readonly spec: {
    readonly leaderWorkerTemplate: Readonly<Record<"leaderTemplate" | "workerTemplate", { readonly spec: Pod }>>;
  } & Readonly<Record<string, unknown>>;
}

let recording: Recording;
beforeAll(async () => {
  recording = await recordPlan(plan);
});

const group = (): Group =>
  resource(recording, "LeaderWorkerSet", "big-group").inputs as Record<string, unknown> & Group;
const leader = (): Pod => group().spec.leaderWorkerTemplate.leaderTemplate.spec;
const worker = (): Pod => group().spec.leaderWorkerTemplate.workerTemplate.spec;

describe("a release whose replicas span machines", () => {
  test("declares this set of groups, and no Deployment", async () => {
    const resources = recording.resources.filter(({ type }) => type.endsWith(":LeaderWorkerSet"));
    await expect(manifestsOf({ ...recording, resources })).toMatchFileSnapshot("../golden/leader-worker-set.yaml");
    expect(recording.resources.filter(({ type }) => type.endsWith(":Deployment"))).toEqual([]);
  });

  test("breaks no rule of the pack, in any of its pods", () => {
    const outcomes = recording.resources.flatMap(({ inputs, ...declared }) =>
      rules.map((rule) => evaluate(rule, { ...declared, props: inputs })),
    );
    expect(outcomes.filter(({ state }) => state !== "pass")).toEqual([]);
  });

  test("has all pods of a group begin again when one of them fails", () => {
    expect(group().spec.leaderWorkerTemplate).toMatchObject({ size: 2, restartPolicy: "RecreateGroupOnPodRestart" });
  });

  test("has workers beside their leader at once: it is not ready before they are", () => {
    expect(group().spec).toMatchObject({ replicas: 2, startupPolicy: "LeaderCreated" });
  });

  test("is replaced one group at a time", () => {
    const rollingUpdateConfiguration = { maxSurge: 0, maxUnavailable: 1 };
    expect(group().spec["rolloutStrategy"]).toEqual({ type: "RollingUpdate", rollingUpdateConfiguration });
  });

  test("gets its groups' own Services, because one for all would have the name of its own", () => {
    expect(group().spec["networkConfig"]).toEqual({ subdomainPolicy: "UniquePerReplica" });
  });

  test("is waited for as long as its rollout may take, until all groups are there", () => {
    const { createTimeout, inputs, dependencies } = resource(recording, "LeaderWorkerSet", "big-group");
    expect(createTimeout).toBe(`${seconds.rolloutTimeout}s`);
    expect(inputs["metadata"]).toMatchObject({ annotations: { "pulumi.com/waitFor": "condition=Available" } });
    expect(dependencies).toContain(resource(recording, "NetworkPolicy", "big-network").urn);
  });

  test("is reached through its leaders alone", () => {
    expect(resource(recording, "Service", "big-service").inputs["spec"]).toMatchObject({
      selector: { "app.kubernetes.io/instance": "big", "leaderworkerset.sigs.k8s.io/worker-index": "0" },
    });
  });

  test("lets its pods talk to each other, workers among them", () => {
    const own = {
      podSelector: { matchLabels: { "modelyard.dev/part": "release", "app.kubernetes.io/instance": "big" } },
    };
    expect(resource(recording, "NetworkPolicy", "big-network").inputs["spec"]).toMatchObject({
      ...own,
      ingress: expect.arrayContaining([{ from: [own] }]) as unknown,
      egress: expect.arrayContaining([{ to: [own] }]) as unknown,
    });
  });

  test("loses one pod to an eviction at a time, and so one replica", () => {
    expect(resource(recording, "PodDisruptionBudget", "big-disruption").inputs["spec"]).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: { "app.kubernetes.io/instance": "big" } },
    });
  });
});

describe("the pods of a group", () => {
  test("each have all GPUs and adapters of a machine, and no capability", () => {
    for (const { containers } of [leader(), worker()]) {
      expect(containers[0]["resources"]).toMatchObject({
        requests: { cpu: String(resources.cpu), "nvidia.com/gpu": "8", "rdma/ib": "8" },
        limits: { memory: `${resources.memoryGiB}Gi`, "nvidia.com/gpu": "8", "rdma/ib": "8" },
      });
      expect(containers[0]["securityContext"]).toMatchObject({ capabilities: { drop: ["ALL"] } });
      expect(containers[0]["securityContext"]).not.toHaveProperty("capabilities.add");
    }
  });

  test("are probed where there is an API: the leader", () => {
    const probes = ["startupProbe", "readinessProbe", "livenessProbe"];
    expect(Object.keys(leader().containers[0])).toEqual(expect.arrayContaining(probes));
    expect(Object.keys(worker().containers[0]).filter((key) => probes.includes(key))).toEqual([]);
    expect(worker().containers[0]["ports"]).toEqual([]);
  });

  test("know the engine's key only where somebody presents it: the leader", () => {
    const names = ({ containers }: Pod) => (containers[0]["env"] as { name: string }[]).map(({ name }) => name);
    expect(names(leader())).toContain("VLLM_API_KEY");
    expect(names(worker())).not.toContain("VLLM_API_KEY");
  });

  test("stop in order: a worker is told once its leader has drained, and both before they are killed", () => {
    const preStop = ({ containers }: Pod) => containers[0]["lifecycle"];
    expect(preStop(leader())).toEqual({ preStop: { sleep: { seconds: seconds.preStop } } });
    expect(preStop(worker())).toEqual({ preStop: { sleep: { seconds: runs.workerPreStop } } });
    for (const { terminationGracePeriodSeconds } of [leader(), worker()])
      expect(terminationGracePeriodSeconds).toBeGreaterThan(runs.workerPreStop);
  });
});
