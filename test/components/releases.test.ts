import { beforeAll, describe, expect, test } from "vitest";
import { planEnvironment } from "../../planning";
import { VllmRelease } from "../../components/releases/vllm-release";
import { record, type Recording } from "../../tools/run/record";
import { recordPlan, resource } from "../harness/recorded";
import { load, today, withReleases } from "../harness/environments";
import { vllmRelease } from "../harness/releases";
import { volumeSizes } from "../harness/volumes";

const { plan } = planEnvironment(
  load(withReleases({ chat: { replicas: 2 }, notes: { model: "Qwen/Qwen3-0.6B", replicas: 2 } })).environment,
  today,
);
if (plan === undefined) throw new Error("the environment of this test cannot be planned");
const chat = plan.releases["chat"];
if (chat === undefined) throw new Error("the environment of this test has no release chat");

let recording: Recording;
beforeAll(async () => {
  recording = await recordPlan(plan);
});

function deployment(name = "chat"): { spec: Record<string, unknown> & { template: { spec: PodSpec } } } {
  return resource(recording, "Deployment", `${name}-deployment`).inputs as ReturnType<typeof deployment>;
}
interface PodSpec {
  readonly containers: readonly [Record<string, unknown>];
  readonly volumes: readonly {
    readonly name: string;
    readonly emptyDir?: { readonly medium?: string; readonly sizeLimit: string };
  }[];
  readonly [key: string]: unknown;
}

describe("a release's pod", () => {
  test("passes the Pod Security Standard `restricted` with a read-only root", () => {
    const { containers, ...pod } = deployment().spec.template.spec;
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 2000, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(containers[0]["securityContext"]).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("asks for exactly the GPUs of its plan, and its memory request is its limit", () => {
    expect(deployment().spec.template.spec.containers[0]["resources"]).toMatchObject({
      requests: { cpu: String(chat.resources.cpu), memory: `${chat.resources.memoryGiB}Gi`, "nvidia.com/gpu": "1" },
      limits: { memory: `${chat.resources.memoryGiB}Gi`, "nvidia.com/gpu": "1" },
    });
  });

  test("has a probe budget of at least the planned startup, and an end that leaves time to drain", () => {
    const pod = deployment().spec.template.spec;
    const startup = pod.containers[0]["startupProbe"] as { periodSeconds: number; failureThreshold: number };
    expect(startup.periodSeconds * startup.failureThreshold).toBeGreaterThanOrEqual(chat.seconds.startup);
    expect(pod["terminationGracePeriodSeconds"]).toBe(chat.seconds.grace);
    expect(pod.containers[0]["lifecycle"]).toEqual({ preStop: { sleep: { seconds: chat.seconds.preStop } } });
  });

  test("bounds every writable volume", () => {
    const limits = deployment().spec.template.spec.volumes.map(({ name, emptyDir }) => [name, emptyDir?.sizeLimit]);
    expect(limits).toEqual([
      ["shm", "1Gi"],
      ["tmp", "1Gi"],
      ["cache", `${volumeSizes(chat)("cache")}Gi`],
    ]);
  });

  test("takes its key from a Secret", () => {
    const env = deployment().spec.template.spec.containers[0]["env"];
    expect(env).toContainEqual({
      name: "VLLM_API_KEY",
      valueFrom: { secretKeyRef: { name: "chat-api-key", key: "value" } },
    });
  });

  test("runs on the machines of its pool, which it tolerates", () => {
    expect(deployment().spec.template.spec).toMatchObject({
      nodeSelector: { "modelyard.dev/pool": "gpus" },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
    });
  });
});

describe("a release", () => {
  test("whose pool has no room for a surge lets the old pod go first", () => {
    expect(deployment().spec["strategy"]).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    });
  });

  test("is waited for as long as its whole rollout may take", () => {
    expect(resource(recording, "Deployment", "chat-deployment").createTimeout).toBe(`${chat.seconds.rolloutTimeout}s`);
    expect(deployment().spec["progressDeadlineSeconds"]).toBe(chat.seconds.progressDeadline);
  });

  test("has only its Deployment awaited: a Service would be given up after ten minutes", () => {
    expect(resource(recording, "Service", "chat-service").inputs["metadata"]).toMatchObject({
      annotations: { "pulumi.com/skipAwait": "true" },
    });
    expect(resource(recording, "Deployment", "chat-deployment").inputs["metadata"]).not.toHaveProperty("annotations");
  });

  test("starts its pods only when their network policy stands", () => {
    const { dependencies } = resource(recording, "Deployment", "chat-deployment");
    expect(dependencies).toContain(resource(recording, "NetworkPolicy", "chat-network").urn);
  });

  test("is reached by the gateway and the metrics collector alone", () => {
    const { spec } = resource(recording, "NetworkPolicy", "chat-network").inputs as {
      spec: { ingress: { from: unknown[]; ports: unknown[] }[] };
    };
    const peer = (part: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "test-platform" } },
      podSelector: { matchLabels: { "modelyard.dev/part": part } },
    });
    expect(spec.ingress.map(({ from }) => from)).toEqual([[peer("gateway")], [peer("observability")]]);
  });

  test("can be drained from a machine, one pod at a time, even when pods are broken", () => {
    expect(resource(recording, "PodDisruptionBudget", "chat-disruption").inputs["spec"]).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    });
  });

  test("selects its own pods and no others", () => {
    const selector = (name: string) =>
      (resource(recording, "Service", `${name}-service`).inputs["spec"] as { selector: unknown }).selector;
    expect(selector("chat")).toEqual({ "app.kubernetes.io/instance": "chat", "modelyard.dev/part": "release" });
    expect(selector("notes")).not.toEqual(selector("chat"));
  });

  test("can be changed where the plan decides nothing", async () => {
    const changed = await record(() => {
      const transform = { deployment: (args: object) => ({ ...args, metadata: { name: "changed" } }) };
      new VllmRelease("chat", {
        environment: "test",
        plan: vllmRelease(plan),
        pool: { placement: chat.placement },
        namespace: "here",
        apiKey: { name: "k", key: "v" },
        transform,
      });
      return Promise.resolve({});
    }, "test");
    expect(resource(changed, "Deployment", "chat-deployment").inputs["metadata"]).toEqual({ name: "changed" });
  });
});

test("weights on a volume are mounted read-only", async () => {
  const weights = { from: "pvc", claim: "weights", path: "qwen3-8b" };
  const onVolume = planEnvironment(load(withReleases({ chat: { weights } })).environment, today).plan;
  if (onVolume === undefined) throw new Error("weights on a volume cannot be planned");
  const text = JSON.stringify((await recordPlan(onVolume)).resources);
  expect(text).toContain('{"mountPath":"/models","name":"weights","readOnly":true}');
  expect(text).toContain('{"name":"weights","persistentVolumeClaim":{"claimName":"weights","readOnly":true}}');
});
