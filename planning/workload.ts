/**
 * The contract between a release and everybody who needs something of it: gateway, autoscaler, alerts, dashboards,
 * policies, budget. Whatever engine serves and wherever it runs, a release is a `Workload`; what only one engine has
 * stands in that engine's own plan.
 */
import type { SecretKeySettings } from "../environment";
import type { By } from "./plan";
import type { ReplicaLevels } from "./room";
import type { TimeBudget } from "./time";

/** Where pods of a release may run. */
export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Keys of taints that the machines carry, tolerated for `NoSchedule`. */
  readonly toleratedTaints: readonly string[];
  /** The extended resource by which pods ask for GPUs; not asked for where a pod has none. */
  readonly gpuResource: string;
}

/** What one pod asks of its machine, and may not exceed (but for CPU, which is not limited). */
export interface PodResources {
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
  readonly gpus: number;
}

/** How pods are replaced. Kubernetes' own default (25 %/25 %) deadlocks where no GPU is spare. */
export type Rollout =
  | { readonly kind: "recreate" }
  | { readonly kind: "rolling"; readonly maxSurge: number; readonly maxUnavailable: number };

/** Every duration of a release, in seconds, each derived once and used by all who need it. */
export interface ReleaseSeconds {
  /** Budget of the startup probe: loading, compiling and warming up. */
  readonly startup: number;
  /** Kubernetes calls a rollout stuck after this long without progress. */
  readonly progressDeadline: number;
  /** Pulumi waits this long for the whole rollout. */
  readonly rolloutTimeout: number;
  readonly longestRequest: number;
  /** Pause before the engine is told to stop, so that no new request arrives any more. */
  readonly preStop: number;
  /** The engine finishes what it has within this time. */
  readonly drain: number;
  /** Kubernetes kills the pod after this long: preStop + drain + a margin. */
  readonly grace: number;
}

/** The language in which clients talk to a release. */
export type Protocol = "openai" | "kserve-v2" | "text-embeddings";

/** Paths that say how a pod is. */
export interface ProbePaths {
  /** Answers once the pod serves. */
  readonly ready: string;
  /** Answers as long as the engine's process works. */
  readonly live: string;
}

/** What others need to know of a release, whatever engine serves it. */
export interface Endpoint {
  readonly service: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** On `port`. */
  readonly probes: ProbePaths;
  /** Null where the engine shows none. */
  readonly metrics: { readonly port: number; readonly path: string } | null;
  /** What Prometheus is asked about the release's load; empty where the engine exports nothing of the kind. */
  readonly signals: readonly Signal[];
  /** The name by which the engine knows its model in requests. */
  readonly servedModel: string;
}

/** What a signal of load means. */
export type SignalId = "waiting" | "running" | "cache-use";

/** One number about the load of a release, by its query. */
export interface Signal {
  readonly id: SignalId;
  /** PromQL that gives one number for the whole release. */
  readonly query: string;
  /** Metrics that the query reads, as the engine's version exports them. */
  readonly metrics: readonly string[];
}

/** One direction in which a release may talk; everything else is denied. */
export type Flow =
  | {
      readonly direction: "ingress";
      readonly from: { readonly namespace: string; readonly part: string };
      readonly port: number;
    }
  /** Pods of the release talk to each other on every port: collectives choose theirs at run time. */
  | { readonly direction: "both"; readonly with: "release" }
  | { readonly direction: "egress"; readonly to: "dns" }
  | { readonly direction: "egress"; readonly to: "internet"; readonly port: number; readonly reason: string };

/** A volume of a pod, by its name. */
export type VolumePlan =
  /** In the machine's memory; it counts towards the pod's memory. */
  | { readonly kind: "memory"; readonly sizeGiB: number }
  /** On the machine's disk, gone with the pod. */
  | { readonly kind: "scratch"; readonly sizeGiB: number }
  | { readonly kind: "claim"; readonly claim: string; readonly readOnly: boolean }
  /** An image that the machine pulls and mounts read-only. */
  | { readonly kind: "image"; readonly reference: string }
  /** Texts that the program writes, by file name. */
  | { readonly kind: "files"; readonly files: By<string> };

export interface MountPlan {
  /** Name of the volume. */
  readonly volume: string;
  readonly path: string;
  /** A folder or file inside the volume; all of it where there is none. */
  readonly subPath?: string;
  readonly readOnly: boolean;
}

/** A container: what it runs, sees and may write. Its root filesystem is read-only. */
export interface ContainerPlan {
  readonly name: string;
  readonly image: string;
  /** In place of the image's own entry point. */
  readonly command?: readonly string[];
  readonly args: readonly string[];
  /** Environment variables that are not secret. */
  readonly variables: By<string>;
  /** Environment variables whose values are in Secrets of the namespace. */
  readonly secretVariables: By<SecretKeySettings>;
  readonly ports: By<number>;
  readonly mounts: readonly MountPlan[];
}

export interface PodPlan {
  readonly user: { readonly id: number; readonly group: number };
  /** The engine. It asks for the resources of its release. */
  readonly container: ContainerPlan;
  /** Run one after the other before the engine starts, within the same resources. */
  readonly setUp: readonly ContainerPlan[];
  readonly volumes: By<VolumePlan>;
}

/** The key that an engine asks of its clients: made by the program, or named by the environment. */
export type ApiKeyPlan =
  { readonly from: "generated" } | { readonly from: "secret"; readonly secret: string; readonly key: string };

/** What keeps the pods of a release: the kind of object, and what only that kind has. */
export type Runs = { readonly kind: "deployment" };

/** A release: pods that serve, whatever their engine. */
export interface Workload {
  readonly name: string;
  readonly pool: string;
  /** What it serves: a model's name; of a repository of models the one that clients call. */
  readonly model: string;
  /** The engine's version. */
  readonly version: string;
  readonly runs: Runs;
  /** Replicas when load is least, as expected, and most. */
  readonly replicas: ReplicaLevels;
  readonly rollout: Rollout;
  /** Of one pod. */
  readonly resources: PodResources;
  readonly pod: PodPlan;
  readonly seconds: TimeBudget;
  readonly placement: Placement;
  readonly endpoint: Endpoint;
  /** Null where the engine asks for none. */
  readonly apiKey: { readonly variable: string; readonly key: ApiKeyPlan } | null;
  readonly flows: readonly Flow[];
  /** At its most; null where the pool's price is unknown. */
  readonly usdPerHour: number | null;
}
