import { beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../policies/rule";
import { rules } from "../../policies/rules";
import type { Recording } from "../../tools/run/record";
import { recordPlan, resource } from "../harness/recorded";
import { withEncoder } from "../harness/processors";
import { planOf } from "../planning/parsed";

const plan = planOf(withEncoder({ model: "BAAI/bge-m3", cpu: 16 }));

let recording: Recording;
beforeAll(async () => {
  recording = await recordPlan(plan);
});

interface Declared {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}
interface PodSpec {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly unknown[];
  readonly containers: readonly [Readonly<Record<string, unknown>>];
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: { readonly sizeLimit: string } }[];
  readonly [key: string]: unknown;
}

function pod(): PodSpec {
  return (resource(recording, "Deployment", "embed-deployment").inputs as unknown as Declared).spec.template.spec;
}

describe("the pod of an encoder", () => {
  test("stands on the machines of its pool, and tolerates and asks for nothing of GPUs", () => {
    expect(pod().nodeSelector).toEqual({ "modelyard.dev/pool": "epyc" });
    expect(pod().tolerations).toEqual([]);
    expect(JSON.stringify(pod())).not.toContain("nvidia");
  });

  test("may use no more CPU than it asks for, because it starts a thread for each that it sees", () => {
    const memory = `${plan.releases["embed"]?.resources.memoryGiB ?? 0}Gi`;
    expect(pod().containers[0]["resources"]).toMatchObject({
      requests: { cpu: "16", memory },
      limits: { cpu: "16", memory },
    });
  });

  test("passes the Pod Security Standard `restricted` with a read-only root, and writes only where it is bounded", () => {
    const [container] = pod().containers;
    expect(pod()).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(container["securityContext"]).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container["volumeMounts"]).toEqual([
      { name: "tmp", mountPath: "/tmp" },
      { name: "cache", mountPath: "/cache" },
    ]);
    for (const { emptyDir } of pod().volumes) expect(emptyDir?.sizeLimit).toMatch(/^\d+Gi$/);
  });

  test("is asked as patiently as its largest batch takes", () => {
    const patience = plan.releases["embed"]?.endpoint.probes.timeoutSeconds;
    expect(patience).toBeGreaterThan(5);
    const [container] = pod().containers;
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"])
      expect(container[probe]).toMatchObject({ httpGet: { path: "/health", port: "http" }, timeoutSeconds: patience });
  });

  test("takes its key from a Secret", () => {
    expect(pod().containers[0]["env"]).toContainEqual({
      name: "API_KEY",
      valueFrom: { secretKeyRef: expect.objectContaining({ key: expect.any(String) as string }) as object },
    });
  });

  test("breaks no rule of the pack, whatever the stage", () => {
    const outcomes = recording.resources.flatMap(({ inputs, ...resource }) =>
      rules.map((rule) => evaluate(rule, { ...resource, props: inputs })),
    );
    expect(outcomes.filter(({ state }) => state !== "pass")).toEqual([]);
    expect(outcomes.length).toBe(recording.resources.length * rules.length);
  });
});
