/**
 * The contract between a release and everybody who needs something of it: gateway, autoscaler, alerts, dashboards,
 * policies, budget. Whatever engine serves and wherever it runs, a release is a `Workload`; what only one engine has
 * stands in that engine's own plan.
 */
import type { SecretKeySettings } from "../environment";
import type { By } from "./plan";
import type { RayRuns } from "./releases/ray-serve/plan";
import type { ReplicaLevels } from "./room";
import type { MonitorPlan, PriorityId, ScalingPlan, SpreadPlan } from "./scaling/plan";
import type { TimeBudget } from "./time";

/** Where pods of a release may run. */
export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Keys of taints that the machines carry, tolerated for `NoSchedule`. */
  readonly toleratedTaints: readonly string[];
  /** The extended resource by which pods ask for GPUs; not asked for where a pod has none. */
  readonly gpuResource: string;
  /** What pods claim in its place, where the cluster allocates devices dynamically. */
  readonly claim?: DeviceClaim;
}

/** Devices as pods claim them (`resource.k8s.io`): those of a class for which every expression (CEL) holds. */
export interface DeviceClaim {
  readonly deviceClass: string;
  readonly selectors: readonly string[];
}

/** What one pod asks of its machine, and may not exceed (but for CPU, which is not limited unless the pod says so). */
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
  /** Within which an answer has to come, where the usual seconds are too few. */
  readonly timeoutSeconds?: number;
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
      readonly from:
        | { readonly namespace: string; readonly part: string }
        /** Pods of somebody else's, by their labels. */
        | { readonly namespace: string; readonly labels: By<string> };
      readonly port: number;
    }
  /** Pods of the release talk to each other on every port: collectives choose theirs at run time. */
  | { readonly direction: "both"; readonly with: "release" }
  | { readonly direction: "egress"; readonly to: "dns" }
  | { readonly direction: "egress"; readonly to: "internet"; readonly port: number; readonly reason: string }
  | {
      readonly direction: "egress";
      readonly to: "networks";
      /** As 10.20.0.0/16. */
      readonly networks: readonly string[];
      readonly port: number;
      readonly reason: string;
    };

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
  | { readonly kind: "files"; readonly files: By<string> }
  /** The scripts that bring and check weights. They come with the program and are the same for every release. */
  | { readonly kind: "scripts" };

export interface MountPlan {
  /** Name of the volume. */
  readonly volume: string;
  readonly path: string;
  /** A folder or file inside the volume; all of it where there is none. */
  readonly subPath?: string;
  readonly readOnly: boolean;
}

/**
 * A bucket as a volume of the cluster (Mountpoint for Amazon S3), with the claim by which pods of one namespace read it.
 */
export interface BucketVolumePlan {
  /** Of the PersistentVolume, which has no namespace. */
  readonly volume: string;
  readonly claim: string;
  readonly bucket: string;
  readonly region: string;
  /** Only what lies below it is in the volume, such as `repository/`; null: all of the bucket. */
  readonly prefix: string | null;
  /** Whom the files belong to. */
  readonly user: PodUser;
}

/** Who the processes of a pod are. */
export interface PodUser {
  readonly id: number;
  readonly group: number;
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
  readonly user: PodUser;
  /** The engine. It asks for the resources of its release. */
  readonly container: ContainerPlan;
  /** Whether it may not use more CPU than it asks for: an engine that starts a thread for each CPU sees its own only then. */
  readonly limitsCpu?: boolean;
  /** Run one after the other before the engine starts, within the same resources. */
  readonly setUp: readonly ContainerPlan[];
  readonly volumes: By<VolumePlan>;
}

/** The key that an engine asks of its clients: made by the program, or named by the environment. */
export type ApiKeyPlan =
  { readonly from: "generated" } | { readonly from: "secret"; readonly secret: string; readonly key: string };

/** A Job that brings weights into a volume before pods of the release are replaced. */
export interface PrefetchPlan {
  /** Has the digest of what is brought in it: other weights make another Job. */
  readonly name: string;
  readonly pod: PodPlan;
  /** Of its one pod, which has no GPU. */
  readonly resources: PodResources;
  readonly seconds: {
    /** From the Job's creation to its end, without a margin. */
    readonly expected: number;
    /** Kubernetes gives it up after this long, all its attempts together. */
    readonly deadline: number;
    /** Pulumi waits this long for it: a little longer, so that Kubernetes' own reason is what is shown. */
    readonly wait: number;
  };
  /** Further attempts; each goes on where the one before it stopped. */
  readonly retries: number;
  readonly flows: readonly Flow[];
}

/** What keeps the pods of a release: the kind of object, and what only that kind has. */
export type Runs = { readonly kind: "deployment" } | GroupRuns | RayRuns;

/**
 * Replicas of several pods, each with all GPUs of a machine of its own, that start, stop and are replaced together.
 * The leader is the pod of the release as it stands; it alone answers requests.
 */
export interface GroupRuns {
  readonly kind: "leader-worker-set";
  /** Pods of one replica: the leader and its workers. */
  readonly size: number;
  /** What workers run in place of the container's arguments. */
  readonly workerArgs: readonly string[];
  /** Seconds that a worker goes on after it is to stop, because its leader still has requests. */
  readonly workerPreStop: number;
  readonly network: GroupNetwork;
}

/** How the pods of a replica reach each other. */
export interface GroupNetwork {
  readonly kind: "ethernet" | "rdma" | "efa";
  /** What each pod asks for, to go past the kernel; null over TCP. */
  readonly devices: GroupDevices | null;
}

/** Network adapters of one pod. */
export interface GroupDevices {
  /** The extended resource. */
  readonly resource: string;
  readonly perPod: number;
  /** Memory in pages of 2 MiB; 0 where the adapters need none. */
  readonly hugePagesMiB: number;
}

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
  /** What has to be done before its pods are replaced; nothing where there is none. */
  readonly prefetch?: PrefetchPlan;
  /** Buckets that its pods read as volumes. */
  readonly buckets?: readonly BucketVolumePlan[];
  /** At its most; null where the pool's price is unknown. */
  readonly usdPerHour: number | null;
  /** Whose pods are placed first; as pods without a class where it is not said. */
  readonly priority?: PriorityId;
  /** How pods are spread over zones; rather evenly where it is not said. */
  readonly spread?: SpreadPlan;
  /** How an autoscaler moves the pods between `replicas.min` and `replicas.max`; nothing does where there is none. */
  readonly scaling?: ScalingPlan;
  /** How its metrics are collected, where an operator of the cluster does it. */
  readonly monitor?: MonitorPlan;
}
