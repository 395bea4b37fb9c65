import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { BucketVolume } from "../../components/weights/bucket-volume";
import { readVolume } from "../../planning/weights";
import { evaluate } from "../../policies/rule";
import { rules } from "../../policies/rules";
import { record, type Recording } from "../../tools/run/record";
import { withReleases } from "../harness/environments";
import { recordPlan, resource } from "../harness/recorded";
import { planOf, release } from "../planning/parsed";
import { bucket, prefetched, token } from "../planning/weights/written";

const weights = { from: "hub", token, ...prefetched };
const plan = planOf(withReleases({ chat: { weights }, other: { weights: bucket } }));
const { prefetch } = release(plan);
if (prefetch === undefined) throw new Error("no Job is planned");

let recording: Recording;
beforeAll(async () => {
  recording = await recordPlan(plan);
});

interface JobSpec {
  readonly ttlSecondsAfterFinished?: number;
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: Readonly<Record<string, unknown>>;
  };
  readonly [key: string]: unknown;
}
const job = () => resource(recording, "Job", "chat-prefetch-job");
const spec = () => job().inputs["spec"] as JobSpec;
const scriptFolder = join(__dirname, "../../components/releases/scripts");

describe("the Job that brings weights", () => {
  test("is named after what it brings, and the pods wait for it", () => {
    expect(job().inputs["metadata"]).toMatchObject({ name: prefetch.name });
    expect(resource(recording, "Deployment", "chat-deployment").dependencies).toContain(job().urn);
  });

  test("starts when its own network policy and scripts are there", () => {
    const { urn } = resource(recording, "NetworkPolicy", "chat-prefetch-network");
    expect(job().dependencies).toContain(urn);
    expect(job().dependencies).toContain(resource(recording, "ConfigMap", "chat-prefetch-scripts").urn);
  });

  test("is tried again within its deadline, but not where that cannot help", () => {
    expect(spec()).toMatchObject({
      backoffLimit: prefetch.retries,
      activeDeadlineSeconds: prefetch.seconds.deadline,
      podFailurePolicy: {
        rules: [{ action: "FailJob", onExitCodes: { containerName: "weights", operator: "In", values: [3] } }, {}],
      },
    });
    expect(job().createTimeout).toBe(`${prefetch.seconds.wait}s`);
    expect(readFileSync(join(scriptFolder, "weights.py"), "utf8")).toContain("\nREFUSED = 3\n");
  });

  test("stays after its end: one that removes itself would be made again by the next update", () => {
    expect(spec()).not.toHaveProperty("ttlSecondsAfterFinished");
  });

  test("runs on the machines of the pool, restricted, without a GPU", () => {
    expect(spec().template.spec).toMatchObject({
      restartPolicy: "Never",
      serviceAccountName: "chat-prefetch",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 2000, seccompProfile: { type: "RuntimeDefault" } },
      nodeSelector: { "modelyard.dev/pool": "gpus" },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          resources: { limits: { memory: "1Gi", "ephemeral-storage": "1Gi" } },
        },
      ],
      volumes: [
        { name: "kept", persistentVolumeClaim: { claimName: "model-cache" } },
        { name: "scripts", configMap: { name: "chat-prefetch-scripts" } },
      ],
    });
  });

  test("is no pod of the release: no request reaches it, and the release's policy does not hold for it", () => {
    const { selector } = resource(recording, "Service", "chat-service").inputs["spec"] as { selector: object };
    expect(spec().template.metadata.labels).not.toMatchObject(selector);
    const policy = resource(recording, "NetworkPolicy", "chat-prefetch-network").inputs["spec"] as {
      podSelector: { matchLabels: object };
      ingress: unknown[];
      egress: unknown[];
    };
    expect(spec().template.metadata.labels).toMatchObject(policy.podSelector.matchLabels);
    expect([policy.ingress.length, policy.egress.length]).toEqual([0, 2]);
  });

  test("has the way out that the engine's pods have not", () => {
    const { egress } = resource(recording, "NetworkPolicy", "chat-network").inputs["spec"] as { egress: unknown[] };
    expect(JSON.stringify(egress)).not.toContain("0.0.0.0/0");
  });
});

test("what brings weights, and the pods that it brings them to, break no rule of any stage", () => {
  const broken = recording.resources.flatMap(({ type, name, urn, inputs }) =>
    rules.flatMap((rule) => {
      const outcome = evaluate(rule, { type, name, urn, props: inputs });
      return outcome.state === "violation" ? [[name, rule.name, outcome.violations]] : [];
    }),
  );
  expect(recording.resources.map(({ name }) => name)).toContain("chat-prefetch-job");
  expect(broken).toEqual([]);
});

test("the scripts are in a ConfigMap, and pods are made anew when they change", () => {
  const { data } = resource(recording, "ConfigMap", "other-scripts").inputs as { data: Record<string, string> };
  expect(Object.keys(data)).toEqual(["hub.py", "s3.py", "transfer.py", "weights.py"]);
  for (const [name, text] of Object.entries(data)) expect(text).toBe(readFileSync(join(scriptFolder, name), "utf8"));
  const { template } = resource(recording, "Deployment", "other-deployment").inputs["spec"] as {
    template: { metadata: { annotations: object }; spec: { initContainers: object[] } };
  };
  expect(template.metadata.annotations).toHaveProperty(["modelyard.dev/files"]);
  expect(template.spec.initContainers).toMatchObject([
    { name: "weights", command: ["python3", "/scripts/weights.py"] },
  ]);
});

test("private networks that a bucket is in are reached, and nothing else of them", async () => {
  const here = { ...bucket, endpoint: "https://s3.example.com:9000", networks: ["10.1.0.0/16"] };
  const recorded = await recordPlan(planOf(withReleases({ chat: { weights: here } })));
  expect(resource(recorded, "NetworkPolicy", "chat-network").inputs["spec"]).toMatchObject({
    egress: [{}, { to: [{ ipBlock: { cidr: "10.1.0.0/16" } }], ports: [{ protocol: "TCP", port: 9000 }] }],
  });
});

describe("files that pods only read", () => {
  const user = { id: 1000, group: 1000 };
  const on = { environment: "test", release: "triton", name: "repository", mountPath: "/repository", user };

  test.each([
    [
      "a volume",
      { kind: "claim", claim: "models", path: "a/b" },
      { volume: { kind: "claim", claim: "models", readOnly: true }, mount: { subPath: "a/b", readOnly: true } },
    ],
    [
      "an image",
      { kind: "image", image: "r/i:1@sha256:0" },
      { volume: { kind: "image", reference: "r/i:1@sha256:0" }, mount: { path: "/repository", readOnly: true } },
    ],
  ] as const)("may be in %s", (_, source, read) => {
    expect(readVolume(source, on)).toMatchObject(read);
  });

  const source = { kind: "bucket", bucket: "models", region: "us-east-1", path: "repository" } as const;

  test("may be in a bucket, by a claim of their own", () => {
    const { volume, bucket: declared } = readVolume(source, on);
    expect(declared).toMatchObject({ bucket: "models", prefix: "repository/", user });
    expect(volume).toEqual({ kind: "claim", claim: declared?.claim, readOnly: true });
    expect(readVolume({ ...source, path: "other" }, on).bucket?.claim).not.toBe(declared?.claim);
  });

  test("which is a volume of Mountpoint for Amazon S3 that nobody can write and no other claim gets", async () => {
    const declared = readVolume(source, on).bucket;
    if (declared === undefined) throw new Error("no volume is planned");
    const recorded = await record(() => {
      new BucketVolume("repository", { environment: "test", release: "triton", plan: declared, namespace: "serving" });
      return Promise.resolve({});
    }, "test");
    expect(resource(recorded, "PersistentVolume", "repository-volume").inputs["spec"]).toEqual({
      accessModes: ["ReadOnlyMany"],
      storageClassName: "",
      capacity: { storage: "1200Gi" },
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: { namespace: "serving", name: declared.claim },
      mountOptions: ["read-only", "region us-east-1", "prefix repository/", "uid=1000", "gid=1000", "allow-other"],
      csi: {
        driver: "s3.csi.aws.com",
        volumeHandle: declared.volume,
        volumeAttributes: { bucketName: "models" },
      },
    });
    expect(resource(recorded, "PersistentVolumeClaim", "repository-claim").inputs["spec"]).toMatchObject({
      accessModes: ["ReadOnlyMany"],
      storageClassName: "",
      volumeName: declared.volume,
    });
  });
});
