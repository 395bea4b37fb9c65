/**
 * The plan: plain JSON that holds every number and every choice of an environment, and why each is what it is.
 * Components declare resources from it and decide nothing; commands print it; policies never need it.
 */
import type { SecretKeySettings, Stage } from "../environment";

/** Things by their name in the environment file. */
export type By<T> = Readonly<Record<string, T>>;

/** How a number came about: the formula in words, each term with its value, and the result. */
export interface Arithmetic {
  readonly formula: string;
  readonly terms: readonly Term[];
  readonly result: number | string;
  readonly unit?: string;
}

export interface Term {
  readonly name: string;
  readonly value: number | string;
  readonly unit?: string;
  /** Where the value comes from, when it is not a setting: a fact's source, or a rule of ours. */
  readonly source?: string;
}

/** The parts of the program that are deployed together; each has its own namespace. */
export type Layer = "platform" | "serving";

export interface NamespacePlan {
  readonly name: string;
  readonly layer: Layer;
  /** Pod Security Standard that the API server enforces. */
  readonly podSecurity: "restricted" | "baseline";
  /** The version of the standard, pinned so that an upgrade of the cluster does not change it silently. */
  readonly podSecurityVersion: string;
}

export interface PoolPlan {
  readonly name: string;
  readonly kind: "existing";
  readonly cluster: string;
  readonly accelerator: string;
  readonly gpusPerNode: number;
  readonly nodes: number;
  readonly zones: readonly string[];
  /** What one machine has. */
  readonly capacity: MachineResources;
  /** What one machine has left for pods after the kubelet, the system and per-node agents took theirs. */
  readonly allocatable: MachineResources;
  readonly placement: Placement;
  /** Dollars per GPU and hour; null where it is unknown and that was overridden. */
  readonly usdPerGpuHour: number | null;
}

export interface MachineResources {
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
}

/** Where pods of a release may run. */
export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Keys of taints that GPU machines carry, tolerated for `NoSchedule`. */
  readonly toleratedTaints: readonly string[];
  /** The extended resource by which pods ask for GPUs. */
  readonly gpuResource: string;
}

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

/** What others need to know of a release, whatever engine serves it. */
export interface Endpoint {
  readonly service: string;
  readonly port: number;
  readonly healthPath: string;
  readonly metricsPath: string;
  /** The name by which the engine knows its model in requests. */
  readonly servedModel: string;
}

/** One direction in which a release may talk; everything else is denied. */
export type Flow =
  | {
      readonly direction: "ingress";
      readonly from: { readonly namespace: string; readonly part: string };
      readonly port: number;
    }
  | { readonly direction: "egress"; readonly to: "dns" }
  | { readonly direction: "egress"; readonly to: "internet"; readonly port: number; readonly reason: string };

/** How one GPU's memory is spent, in GiB. */
export interface MemorySplit {
  readonly totalGiB: number;
  /** What the engine may take of the total. */
  readonly budgetGiB: number;
  readonly weightsGiB: number;
  readonly overheadGiB: number;
  readonly kvGiB: number;
  /** Part of the KV cache that planning does not count on, because the overhead is an estimate. */
  readonly marginGiB: number;
  readonly kvBytesPerToken: number;
  /** Tokens that fit the KV cache less the margin. */
  readonly kvTokens: number;
  /** Requests of full length that fit at once. */
  readonly fullLengthRequests: number;
}

/** A pod that serves, whatever its engine. */
export interface Workload {
  readonly name: string;
  readonly pool: string;
  readonly image: string;
  /** The engine's version. */
  readonly version: string;
  readonly replicas: { readonly min: number; readonly max: number };
  readonly rollout: Rollout;
  readonly resources: PodResources;
  readonly seconds: ReleaseSeconds;
  readonly placement: Placement;
  readonly endpoint: Endpoint;
  readonly flows: readonly Flow[];
}

/** Where an engine finds its weights. */
export type WeightsPlan =
  | { readonly from: "hub"; readonly token?: SecretKeySettings }
  | { readonly from: "pvc"; readonly claim: string; readonly path: string; readonly mountPath: string };

export interface VllmPlan extends Workload {
  readonly kind: "vllm";
  readonly model: string;
  /** Longest prompt plus answer, in tokens. */
  readonly context: number;
  readonly tensorParallel: number;
  /** Arguments of the container; the image's entry point is `vllm serve`. */
  readonly args: readonly string[];
  /** Environment variables that are not secret. */
  readonly variables: Readonly<Record<string, string>>;
  readonly weights: WeightsPlan;
  /** Size of `/dev/shm`; it counts towards the memory limit. */
  readonly shmGiB: number;
  /** Size of the writable volume for downloaded weights and compile caches. */
  readonly cacheGiB: number;
  readonly cachePath: string;
  /** Size of `/tmp`. */
  readonly tmpGiB: number;
  readonly user: { readonly id: number; readonly group: number };
  readonly memory: MemorySplit;
  /** The key that the engine asks of its clients: made by the program, or named here. */
  readonly apiKey:
    { readonly from: "generated" } | { readonly from: "secret"; readonly secret: string; readonly key: string };
  /** Null where the pool's price is unknown. */
  readonly usdPerHour: number | null;
}

export type ReleasePlan = VllmPlan;

/** Dollars; null wherever a price that belongs into the sum is unknown: a sum without it would be too small. */
export interface CostPlan {
  /** All machines of all pools, used or not. */
  readonly usdPerHour: number | null;
  readonly usdPerMonth: number | null;
  readonly byPool: By<{ readonly usdPerHour: number | null; readonly usedByReleasesUsdPerHour: number | null }>;
}

export interface Plan {
  readonly environment: string;
  readonly stage: Stage;
  /** The only kubeconfig context that this plan may be applied to. */
  readonly context: string;
  readonly namespaces: Readonly<Record<Layer, NamespacePlan>>;
  readonly pools: By<PoolPlan>;
  readonly releases: By<ReleasePlan>;
  readonly cost: CostPlan;
  /** The arithmetic of numbers, by path: `releases.chat.memory.kvGiB`. */
  readonly why: By<Arithmetic>;
}
