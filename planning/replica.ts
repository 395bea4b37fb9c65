import type { KvFormatId, WeightFormatId } from "../catalog/formats";
import type { Gpu } from "../catalog/gpus";
import type { Interconnect } from "../catalog/instances";
import type { Model } from "../catalog/models";

/** One replica of an engine: everything that decides its memory and its speed. Numbers are as the engine gets them. */
export interface Replica {
  readonly model: Model;
  readonly weights: WeightFormatId;
  readonly kv: KvFormatId;
  readonly gpu: Gpu;
  /** GiB that CUDA reports for one GPU: the catalogue's, unless it was measured. */
  readonly cudaTotalGiB: number;
  /** How the GPUs of the machine reach each other. */
  readonly interconnect: Interconnect;
  readonly parallel: Parallel;
  /** Machines that its GPUs are on, each with as many of them; left out where one machine has them all. */
  readonly machines?: ReplicaMachines;
  readonly engine: Engine;
  /** Longest prompt plus answer, in tokens. */
  readonly context: number;
  /** Requests that are worked on at once, at most. */
  readonly maxSequences: number;
  /** Tokens of one engine step, at most. */
  readonly batchedTokens: number;
  /** Adapters held on the GPU at once; null without LoRA. */
  readonly lora: { readonly slots: number; readonly rank: number } | null;
  /** Speculative decoding; null without. */
  readonly draft: Draft | null;
  /** What was measured on this model, GPU and engine version; null where nothing was. */
  readonly measured: Measured | null;
}

/** Machines alike that one replica spans: pipeline stages hand over from one to the next. */
export interface ReplicaMachines {
  readonly count: number;
  /** Gigabits per second that one of them sends; null where it is not known. */
  readonly gbps: number | null;
}

/** How a replica is split. GPUs = tensor × pipeline × data. */
export interface Parallel {
  /** Every matrix is split over so many GPUs. */
  readonly tensor: number;
  /** Layers are split into so many stages. */
  readonly pipeline: number;
  /** Attention is replicated so many times, each with its own requests and its own KV cache. */
  readonly data: number;
  /** Experts are spread whole over all tensor × data GPUs instead of being cut. */
  readonly expert: boolean;
  /** The KV cache is sharded over so many of the tensor-parallel GPUs by tokens; 1 without. */
  readonly decodeContext: number;
}

export type Engine =
  | {
      readonly kind: "vllm";
      /** As 0.31.0; one whose behaviour the catalogue knows. */
      readonly version: string;
      /** Share of the GPU's whole memory that the engine may take. */
      readonly gpuMemoryUtilization: number;
      /** GiB of the KV cache on each GPU, where it has a size of its own; the share is then not used. */
      readonly kvCacheGiB?: number;
      /** No CUDA graphs and no compilation. */
      readonly eager: boolean;
    }
  | {
      readonly kind: "tensorrt-llm";
      readonly version: string;
      /** Share of the memory that is *free* after loading that the KV cache takes. */
      readonly freeMemoryFraction: number;
    };

export interface Draft {
  /** Layers of the draft that have a KV cache; of the width of the model. */
  readonly layers: number;
  readonly parameters: number;
  /** Tokens proposed in each step. */
  readonly tokens: number;
  /** Share of proposed tokens that is accepted, 0 to 1. */
  readonly acceptance: number;
}

/** Measured on a running engine; replaces the estimate of what it names. */
export interface Measured {
  readonly weightsGiB?: number;
  /** Memory for the KV cache, as the start-up log says. */
  readonly kvGiB?: number;
  readonly loadSeconds?: number;
  /** Compilation, CUDA graphs and warm-up, after loading. */
  readonly engineStartSeconds?: number;
  readonly source: string;
  /** Day (ISO 8601). */
  readonly date: string;
}

export function gpusOf({ tensor, pipeline, data }: Pick<Parallel, "tensor" | "pipeline" | "data">): number {
  return tensor * pipeline * data;
}

/** GPUs of each of its machines, and so of each of its pods. */
export function gpusPerMachine({ parallel, machines }: Pick<Replica, "parallel" | "machines">): number {
  return gpusOf(parallel) / (machines?.count ?? 1);
}

/** How far an estimate can be trusted: fitted on measurements of the same kind, beyond them, or not at all without a run. */
export type Confidence = "calibrated" | "extrapolated" | "needs-profile-run";

/** An estimate between its bounds. */
export interface Range {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}
