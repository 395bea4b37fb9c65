/**
 * The plan: plain JSON that holds every number and every choice of an environment, and why each is what it is.
 * Components declare resources from it and decide nothing; commands print it; policies never need it.
 */
import type { Source, Standing } from "../catalog/fact";
import type { WeightFormatId } from "../catalog/formats";
import type { Interconnect } from "../catalog/instances";
import type { OperatorId } from "../catalog/operators";
import type { FabricSettings, Purchase, Stage, WeightsSettings } from "../environment";
import type { RunnerUp } from "./cheapest";
import type { MemorySplit } from "./memory";
import type { MoneyPlan, TokenPrice } from "./money";
import type { PoolRoom } from "./room";
import type { PriorityClassPlan } from "./scaling/plan";
import type { RayServePlan } from "./releases/ray-serve/plan";
import type { TextEmbeddingsPlan } from "./releases/text-embeddings/plan";
import type { TritonPlan } from "./releases/triton/plan";
import type { ReleaseSpeed } from "./sizing";
import type { Placement, Workload } from "./workload";

export type * from "./scaling/plan";
export type * from "./workload";

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
  /** Id of the GPU in the catalogue; null where machines have none. */
  readonly accelerator: string | null;
  /** 0 where machines have none. */
  readonly gpusPerNode: number;
  /** What machines without GPUs compute with; null for others. */
  readonly processor: ProcessorPlan | null;
  /** How the GPUs of one machine reach each other. */
  readonly interconnect: Interconnect;
  /** How pods share its GPUs; null where every pod has whole ones. `accelerator` and `gpusPerNode` are then the parts. */
  readonly sharing: PoolSharing | null;
  /** How its machines reach each other, as somebody said it; null where nobody did. */
  readonly fabric: FabricSettings | null;
  /** Machines that the pool can reach. */
  readonly nodes: number;
  /** Machines that are always there. */
  readonly leastNodes: number;
  readonly zones: readonly string[];
  /** From asking for a machine until pods run on it; 0 where all are always there. */
  readonly provisioningSeconds: number;
  /** Null where machines are owned. */
  readonly rented: RentedMachines | null;
  /** What one machine has. */
  readonly capacity: MachineResources;
  /** What one machine has left for pods after the kubelet, the system and per-node agents took theirs. */
  readonly allocatable: MachineResources;
  readonly placement: Placement;
  /** Dollars per machine and hour; null where it is unknown and that was overridden. */
  readonly usdPerMachineHour: number | null;
  /** The same for each GPU; null where it is unknown, or machines have none. */
  readonly usdPerGpuHour: number | null;
  /** Where that price is from; null where it is unknown. */
  readonly price: PriceBasis | null;
  /** Kinds of machine that were not taken, each with the reason. */
  readonly runnersUp: readonly RunnerUp[];
}

/** A pool whose machines have GPUs. */
export interface GpuPoolPlan extends PoolPlan {
  readonly accelerator: string;
}

export function hasGpus(pool: PoolPlan): pool is GpuPoolPlan {
  return pool.accelerator !== null;
}

/** GPUs of which pods have parts: instances with memory of their own, or turns on the whole. */
export type PoolSharing = {
  /** Parts of one GPU. */
  readonly perGpu: number;
  /** Whole GPUs of one machine. */
  readonly gpus: number;
} & ({ readonly kind: "mig"; readonly profile: string } | { readonly kind: "time-slicing" });

export interface ProcessorPlan {
  /** In the catalogue. */
  readonly id: string;
  /** Of one machine. */
  readonly sockets: number;
}

/** A pool with what it has room for. */
export interface PlacedPool extends PoolPlan {
  readonly room: PoolRoom;
}

export type PriceBasis =
  | { readonly from: "setting" }
  | { readonly from: "catalogue"; readonly source: string; readonly date: string; readonly standing: Standing };

/** Machines rented on EC2. */
export interface RentedMachines {
  /** As `g6e.12xlarge`. */
  readonly instance: string;
  readonly family: string;
  readonly region: string;
  /** The preferred way first. */
  readonly purchase: readonly Purchase[];
  /** Machines reserved, and paid whether they run or not. */
  readonly reservations: number;
  /** What one reserved machine costs an hour by its contract; null: the on-demand price. */
  readonly reservedUsdPerHour: number | null;
  /** vCPUs that the account may run of this family; null where nobody said. */
  readonly quotaVcpus: number | null;
  /** Megabits per second; null where it is not known. */
  readonly networkMbps: number | null;
}

export interface MachineResources {
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
}

/** Where an engine finds its weights. */
export interface WeightsPlan {
  readonly from: WeightsSettings["from"];
  /** What the engine is told to load: a repository of the hub, a directory in its container, or an address of S3. */
  readonly model: string;
  /** How the engine reads them, in the words of `--load-format`. */
  readonly loader: "safetensors" | "runai_streamer";
  /** Who downloads them: the engine, a container before it, a Job before the release rolls; nobody from a volume. */
  readonly broughtBy: "engine" | "pod" | "job" | "nobody";
  /** Whether the engine never asks the hub. */
  readonly offline: boolean;
  /** What outlives the pods: a volume, and the folder in it for compiled code; null where all goes with the pod. */
  readonly cache: { readonly claim: string; readonly compiled: string } | null;
}

/** A language model laid over the GPUs of one replica. */
export interface LanguageModelPlan {
  /** Where the model's shape comes from, which decides memory and speed. */
  readonly modelSource: Source;
  /** Longest prompt plus answer, in tokens. */
  readonly context: number;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly dataParallel: number;
  readonly expertParallel: boolean;
  /** Type of activations. */
  readonly dataType: "bfloat16" | "float16" | "float32";
  /** How weights are held in GPU memory. */
  readonly quantization: WeightFormatId;
  readonly weights: WeightsPlan;
  readonly memory: MemorySplit;
  /** What it does under the load of its routes; null where no route says its load. */
  readonly speed: ReleaseSpeed | null;
  /** Layouts that were not taken, each with the reason. */
  readonly runnersUp: readonly RunnerUp[];
}

export interface VllmPlan extends Workload, LanguageModelPlan {
  readonly kind: "vllm";
}

/** A container of somebody else's that serves OpenAI's API: its settings decide everything about it. */
export interface OpenaiCompatiblePlan extends Workload {
  readonly kind: "openai-compatible";
}

export type { Encoding, EncodingAt, TextEmbeddingsPlan } from "./releases/text-embeddings/plan";
export type * from "./releases/triton/model-config";
export type { EngineArgument, TritonModelPlan, TritonPlan } from "./releases/triton/plan";

export type { RayRuns, RayServeApplication, RayServePlan } from "./releases/ray-serve/plan";

export type ReleasePlan = VllmPlan | OpenaiCompatiblePlan | TextEmbeddingsPlan | TritonPlan | RayServePlan;

/** The releases whose memory and speed are those of a language model on GPUs. */
export function isLanguageModel(release: ReleasePlan): release is Extract<ReleasePlan, LanguageModelPlan> {
  return "memory" in release;
}

/** Dollars; null wherever a price that belongs into the sum is unknown: a sum without it would be too small. */
export interface CostPlan extends MoneyPlan {
  /** All machines of all pools, used or not, with everything at its most; spot at its dearest. */
  readonly usdPerHour: number | null;
  readonly usdPerMonth: number | null;
  /** What a million tokens of each release with a load costs, at its expected load. */
  readonly tokens: By<TokenPrice>;
  /** Models of providers that routes fall back to; a source that is null is a setting, or the price is unknown. */
  readonly providers: readonly { readonly model: string; readonly source: Source | null }[];
  readonly byPool: By<{ readonly usdPerHour: number | null; readonly usedByReleasesUsdPerHour: number | null }>;
}

export interface Plan {
  readonly environment: string;
  readonly stage: Stage;
  /** The only kubeconfig context that this plan may be applied to. */
  readonly context: string;
  readonly namespaces: Readonly<Record<Layer, NamespacePlan>>;
  readonly pools: By<PlacedPool>;
  readonly releases: By<ReleasePlan>;
  /** Classes of the pods of releases, by `priority`. */
  readonly priorities: By<PriorityClassPlan>;
  /** Operators of the cluster whose objects are declared. */
  readonly operators: readonly OperatorId[];
  readonly cost: CostPlan;
  /** The arithmetic of numbers, by path: `releases.chat.memory.kvGiB`. Made when it is first read. */
  readonly why: By<Arithmetic>;
}
