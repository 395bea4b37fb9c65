import { beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../policies/rule";
import { rules } from "../../policies/rules";
import type { Recording } from "../../tools/run/record";
import { smallest } from "../harness/environments";
import { llama405, superPod, withGroups } from "../harness/groups";
import { recordPlan, resource } from "../harness/recorded";
import { planOf, type Written } from "../planning/parsed";
import { scaledBetween, scalingCluster } from "../planning/scaling/environments";

const plan = planOf(
  scaledBetween(
    { min: 1, max: 6 },
    {
      cluster: { monitorLabels: { release: "monitoring" } },
      release: { spread: { zones: "required" }, priority: "critical", scaling: { waiting: 2.5, running: 40 } },
      pool: { zones: ["a", "b"] },
    },
  ),
);

let recording: Recording;
beforeAll(async () => {
  recording = await recordPlan(plan);
});

interface Pod {
  readonly containers: readonly [{ readonly resources: Readonly<Record<string, unknown>> }];
  readonly [key: string]: unknown;
}

function podOf(of: Recording): Pod {
  const { spec } = resource(of, "Deployment", "chat-deployment").inputs as { spec: { template: { spec: Pod } } };
  return spec.template.spec;
}

describe("a release that is scaled", () => {
  test("has the autoscaler of its plan", () => {
    const scaling = plan.releases["chat"]?.scaling;
    if (scaling === undefined) throw new Error("nothing scales the release");
    const { apiVersion, spec } = resource(recording, "ScaledObject", "chat-scaling").inputs;
    expect(apiVersion).toBe("keda.sh/v1alpha1");
    const prometheus = { type: "prometheus", metricType: "AverageValue" };
    const metadata = { serverAddress: scaling.prometheus, ignoreNullValues: "false" };
    expect(spec).toEqual({
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "chat" },
      minReplicaCount: 1,
      maxReplicaCount: 6,
      pollingInterval: 15,
      cooldownPeriod: scaling.cooldown,
      fallback: {
        failureThreshold: scaling.fallback.failures,
        replicas: scaling.fallback.replicas,
        behavior: "currentReplicasIfHigher",
      },
      advanced: {
        restoreToOriginalReplicaCount: false,
        horizontalPodAutoscalerConfig: {
          behavior: {
            scaleUp: {
              stabilizationWindowSeconds: 30,
              selectPolicy: "Max",
              policies: [{ type: "Percent", value: 100, periodSeconds: scaling.up.period }],
            },
            scaleDown: {
              stabilizationWindowSeconds: scaling.down.window,
              selectPolicy: "Max",
              policies: [{ type: "Pods", value: 1, periodSeconds: scaling.down.period }],
            },
          },
        },
      },
      triggers: [
        {
          ...prometheus,
          name: "waiting",
          metadata: { ...metadata, query: scaling.triggers[0]?.query, threshold: "2.5" },
        },
        {
          ...prometheus,
          name: "running",
          metadata: { ...metadata, query: scaling.triggers[1]?.query, threshold: "40" },
        },
      ],
    });
  });

  test("begins with its fewest pods, which no update sets back", async () => {
    const { inputs, ignoreChanges } = resource(recording, "Deployment", "chat-deployment");
    expect(inputs["spec"]).toMatchObject({ replicas: 1 });
    expect(ignoreChanges).toEqual(["spec.replicas"]);
    const fixed = await recordPlan(planOf(smallest));
    expect(resource(fixed, "Deployment", "chat-deployment").ignoreChanges).toBeUndefined();
  });

  test("has its autoscaler once its pods are there", () => {
    const { dependencies } = resource(recording, "ScaledObject", "chat-scaling");
    expect(dependencies).toContain(resource(recording, "Deployment", "chat-deployment").urn);
  });

  test("has its metrics collected, in series that carry the label by which queries find them", () => {
    const { apiVersion, metadata, spec } = resource(recording, "PodMonitor", "chat-monitor").inputs;
    expect(apiVersion).toBe("monitoring.coreos.com/v1");
    expect(metadata).toMatchObject({ name: "chat", labels: { release: "monitoring" } });
    expect(spec).toEqual({
      selector: { matchLabels: { "app.kubernetes.io/instance": "chat", "modelyard.dev/part": "release" } },
      podTargetLabels: ["app.kubernetes.io/instance"],
      podMetricsEndpoints: [{ port: "http", path: "/metrics", interval: "15s" }],
    });
  });

  test("lets the cluster's Prometheus in", () => {
    const { spec } = resource(recording, "NetworkPolicy", "chat-network").inputs as { spec: { ingress: unknown[] } };
    expect(spec.ingress.at(-1)).toEqual({
      from: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
          podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } },
        },
      ],
      ports: [{ protocol: "TCP", port: 8000 }],
    });
  });

  test("has pods that wait rather than make zones uneven, where that is required", () => {
    const constraints = podOf(recording)["topologySpreadConstraints"];
    expect(constraints).toMatchObject([
      { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
      {
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "DoNotSchedule",
        matchLabelKeys: ["pod-template-hash"],
      },
    ]);
  });

  test("has pods of its class, which the platform declares", () => {
    expect(podOf(recording)["priorityClassName"]).toBe("test-critical");
    const { inputs } = resource(recording, "PriorityClass", "priorities-critical");
    expect(inputs).toMatchObject({
      metadata: { name: "test-critical", labels: { "modelyard.dev/environment": "test" } },
      value: 1000,
      globalDefault: false,
      preemptionPolicy: "PreemptLowerPriority",
    });
  });

  test("breaks no rule of the pack", () => {
    const outcomes = recording.resources.flatMap(({ inputs, ...each }) =>
      rules.map((rule) => evaluate(rule, { ...each, props: inputs })),
    );
    expect(outcomes.filter(({ state }) => state !== "pass")).toEqual([]);
  });
});

describe("devices that are claimed", () => {
  const clusters = { here: { ...smallest.clusters.here, devices: "dra" } };
  const claimed = (pool: Written, release: Written = {}) =>
    recordPlan(
      planOf({
        ...smallest,
        clusters,
        pools: { gpus: { ...smallest.pools.gpus, ...pool } },
        releases: { chat: { ...smallest.releases.chat, ...release } },
      }),
    );

  test("are as many as the pod has GPUs, each pod's own, in place of a count", async () => {
    const of = await claimed({}, { tensorParallel: 2 });
    const { apiVersion, metadata, spec } = resource(of, "ResourceClaimTemplate", "chat-devices").inputs;
    expect(apiVersion).toBe("resource.k8s.io/v1");
    expect(metadata).toMatchObject({ name: "chat" });
    const exactly = { deviceClassName: "gpu.nvidia.com", allocationMode: "ExactCount", count: 2 };
    expect(spec).toEqual({ spec: { devices: { requests: [{ name: "gpus", exactly }] } } });

    const pod = podOf(of);
    expect(pod["resourceClaims"]).toEqual([{ name: "gpus", resourceClaimTemplateName: "chat" }]);
    expect(pod.containers[0].resources["claims"]).toEqual([{ name: "gpus" }]);
    expect(JSON.stringify(pod.containers[0].resources)).not.toContain("nvidia.com/gpu");
  });

  test("are instances of the pool's profile", async () => {
    const of = await claimed({ accelerator: "A100-80GB", sharing: { mig: "3g.40gb" } });
    const { spec } = resource(of, "ResourceClaimTemplate", "chat-devices").inputs;
    expect(JSON.stringify(spec)).toContain(
      `"deviceClassName":"mig.nvidia.com","selectors":[{"cel":{"expression":"device.attributes['gpu.nvidia.com'].profile == '3g.40gb'"}}]`,
    );
  });

  test("are there before the pods that claim them", async () => {
    const of = await claimed({});
    const { dependencies } = resource(of, "Deployment", "chat-deployment");
    expect(dependencies).toContain(resource(of, "ResourceClaimTemplate", "chat-devices").urn);
  });
});

test("replicas of several machines are scaled as groups, and their leaders alone are asked for metrics", async () => {
  const bounds = { ...llama405, replicas: { min: 1, max: 2 } };
  const operators = ["leader-worker-set", ...scalingCluster.operators];
  const clusters = { here: { ...scalingCluster, operators } };
  const of = await recordPlan(planOf(withGroups({ big: bounds }, { ...superPod, nodes: { max: 4 } }, { clusters })));
  const { spec } = resource(of, "ScaledObject", "big-scaling").inputs;
  expect(spec).toMatchObject({
    scaleTargetRef: { apiVersion: "leaderworkerset.x-k8s.io/v1", kind: "LeaderWorkerSet", name: "big" },
    maxReplicaCount: 2,
  });
  expect(resource(of, "LeaderWorkerSet", "big-group").ignoreChanges).toEqual(["spec.replicas"]);
  expect(resource(of, "PodMonitor", "big-monitor").inputs["spec"]).toMatchObject({
    selector: { matchLabels: { "leaderworkerset.sigs.k8s.io/worker-index": "0" } },
  });
});
