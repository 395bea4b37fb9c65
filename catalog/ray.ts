import type { Source } from "./fact";

/** The newest version of Ray that this program is made for. */
export const pinnedRayVersion = "2.60.0";

/** Versions that an environment may name. */
export const rayVersions = [pinnedRayVersion] as const;

const wheel = (path: string, note?: string): Source => ({
  source: `ray 2.60.0 wheel, ${path}`,
  date: "2026-11-21",
  standing: "exact",
  ...(note === undefined ? {} : { note }),
});

/** The version of vLLM that a version of Ray Serve's LLM part is built with: its extra `llm` pins it. */
export const rayVllmVersions: Readonly<Record<(typeof rayVersions)[number], { vllm: string; source: Source }>> = {
  "2.60.0": { vllm: "0.29.0", source: wheel("METADATA: Requires-Dist vllm[audio]==0.29.0; extra == llm") },
};

/** Ports of a Ray cluster, and who the processes of its images are. */
export const rayServer = {
  /** HTTP proxies of Ray Serve, one on each machine of the cluster. */
  servePort: 8000,
  /** The dashboard, whose API also takes and shows what Serve runs: the operator needs it. */
  dashboardPort: 8265,
  metricsPort: 8080,
  /** Port of the cluster's store of states, by which its machines find each other. */
  gcsPort: 6379,
  /** 200 while the proxy of this machine takes requests. */
  healthPath: "/-/healthz",
  metricsPath: "/metrics",
  user: 1000,
  group: 100,
  source: {
    source:
      "ray-project/kuberay v1.5.1 ray-operator/controllers/ray/utils/constant.go; ray-project/ray docker/base-deps/Dockerfile",
    date: "2026-11-21",
    standing: "exact",
    note: "the user is from memory",
  },
} as const satisfies Readonly<Record<string, number | string | Source>>;

/** Images that have Ray Serve's LLM part. */
export const rayImage = {
  repository: "docker.io/rayproject/ray-llm",
  source: "ray-project/ray, release notes: rayproject/ray-llm beside rayproject/ray; its tags were not read",
} as const;

/** What KubeRay calls things: of the version in operators.ts. */
export const kubeRay = {
  /** The port of a container by which KubeRay knows that it serves. */
  servePortName: "serve",
  /** How long a new cluster may take until it serves, before it is given up. */
  initializingTimeoutAnnotation: "ray.io/initializing-timeout",
  /** The first container of a pod is Ray's, whatever its name. */
  operatorLabels: { "app.kubernetes.io/name": "kuberay-operator" },
  source: {
    source: "ray-project/kuberay v1.5.1 ray-operator/controllers/ray/utils/constant.go, helm-chart/kuberay-operator",
    date: "2026-11-21",
    standing: "exact",
    note: "the operator's label is from memory",
  } satisfies Source,
} as const;

/**
 * The metrics of vLLM's engine as Ray exports them, for the signals of load: colons become underscores, and all names
 * begin with `ray_`.
 */
export function rayMetric(vllmMetric: string): string {
  return `ray_${vllmMetric.replaceAll(":", "_")}`;
}
