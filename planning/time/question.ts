import type { Rollout } from "../plan";

/** What somebody measured at their own site; it replaces the catalogue's measurement of the same thing. */
export interface MeasuredValue {
  readonly value: number;
  /** Where it was measured: a run, a log, a setting. */
  readonly source: string;
}

/**
 * Where weights come from. `hub`, `s3` and `pvc` are read by the engine's own loader, the first two by way of the
 * machine's disk; the `-stream` ones go to the GPU over many connections at once; `oci` is an image mounted as a
 * volume; `page-cache` is memory that still holds them, which no budget may count on.
 */
export const weightsSources = ["hub", "s3", "s3-stream", "pvc", "pvc-stream", "oci", "page-cache"] as const;
export type WeightsSource = (typeof weightsSources)[number];

export interface WeightsQuestion {
  /** 10⁹ bytes that one replica reads. */
  readonly gigabytes: number;
  readonly from: WeightsSource;
  /** Pods that read from one shared volume at the same moment, as after an outage. @default 1 */
  readonly readersAtOnce?: number;
  /** Megabits per second of the machine; null where it is not known. No remote source is faster. */
  readonly networkMbps: number | null;
  /** Gigabytes per second. */
  readonly measured?: MeasuredValue;
}

/** How a machine gets images: `layers` one after the other, in parallel (SOCI), or it has the image already. */
export type ImagePull = "layers" | "parallel" | "parallel-bottlerocket" | "present";

export interface ImageQuestion {
  /** 10⁹ compressed bytes; null where the size is not known. */
  readonly gigabytes: number | null;
  readonly pull: ImagePull;
  /** Seconds. */
  readonly measured?: MeasuredValue;
}

/** Machines that exist, or ones that a cloud makes when they are wanted. */
export type NodeQuestion =
  | { readonly kind: "existing" }
  | {
      readonly kind: "cloud";
      /** Seconds from the wish for a machine to GPUs that pods can ask for. */
      readonly measured?: MeasuredValue;
    };

/** What decides how long vLLM takes after its weights are loaded. */
interface VllmStart {
  readonly layers: number;
  /** No compilation and no CUDA graphs. */
  readonly eager: boolean;
  /** Whether compiled code outlives the pod. */
  readonly compileCache: boolean;
}

export type EngineQuestion =
  | ({
      readonly kind: "vllm";
      /** Whether the version finishes requests after SIGTERM (`--shutdown-timeout`); others abort them. */
      readonly drains: boolean;
    } & VllmStart)
  | ({ readonly kind: "triton-vllm" } & VllmStart)
  | {
      readonly kind: "triton";
      /** Whether engines are built when models load, as ONNX with TensorRT optimisation does. */
      readonly optimisesAtStart: boolean;
    }
  | {
      readonly kind: "text-embeddings-inference";
      /** Seconds of the one batch that it computes before it serves. */
      readonly warmUp: MeasuredValue;
    }
  /** A container of somebody else's, whose start was measured as a whole (`measuredEngineStart`). */
  | { readonly kind: "declared"; readonly drains: boolean };

/** What decides the durations of a release. */
export interface TimeQuestion {
  readonly weights: WeightsQuestion;
  readonly image: ImageQuestion;
  readonly node: NodeQuestion;
  readonly engine: EngineQuestion;
  /** Seconds of compilation, graph capture and warm-up together, where they were measured. */
  readonly measuredEngineStart?: MeasuredValue;
  /** Seconds of loading weights, where they were measured. */
  readonly measuredLoad?: MeasuredValue;
  /** Seconds. */
  readonly longestRequest: number;
  /** Replicas at most. */
  readonly replicas: number;
  /** Pods of one replica, none of which serves before all are there. @default 1 */
  readonly podsTogether?: number;
  readonly rollout: Rollout;
}
