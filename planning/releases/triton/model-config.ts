/**
 * The config of one model as Triton reads it, as plain JSON: fields of `ModelConfig` in model_config.proto under their
 * names in this program. What a model does not have is null or empty; the text is written beside the component.
 */
import type { TensorType } from "../../../catalog/triton-backends";
import type { By } from "../../plan";

export interface TensorConfig {
  readonly name: string;
  readonly type: TensorType;
  /** Without the batch dimension; -1 is any size. */
  readonly dims: readonly number[];
  /** What the model itself expects; empty for a scalar, null where it is `dims`. */
  readonly reshape: readonly number[] | null;
}

export interface InputConfig extends TensorConfig {
  readonly optional: boolean;
  readonly ragged: boolean;
}

export interface OutputConfig extends TensorConfig {
  readonly labels: string | null;
}

export interface RateLimiterConfig {
  readonly resources: readonly { readonly name: string; readonly global: boolean; readonly count: number }[];
  readonly priority: number;
}

export interface InstanceGroupConfig {
  readonly count: number;
  /** `KIND_MODEL`: the model itself decides which GPUs it takes. */
  readonly kind: "KIND_GPU" | "KIND_CPU" | "KIND_MODEL";
  readonly gpus: readonly number[];
  readonly profiles: readonly string[];
  readonly rateLimiter: RateLimiterConfig | null;
}

export interface QueuePolicyConfig {
  readonly timeoutAction: "REJECT" | "DELAY";
  /** 0: none. */
  readonly timeoutMicroseconds: number;
  readonly requestsMaySetTimeout: boolean;
  /** 0: any number. */
  readonly maxSize: number;
}

export interface DynamicBatchingConfig {
  readonly kind: "dynamic";
  readonly preferredBatchSizes: readonly number[];
  readonly maxQueueDelayMicroseconds: number;
  readonly preserveOrdering: boolean;
  readonly queue: QueuePolicyConfig | null;
  readonly priorities: {
    readonly levels: number;
    readonly default: number;
    readonly queues: By<QueuePolicyConfig>;
  } | null;
}

export interface ControlConfig {
  readonly input: string;
  readonly kind:
    "CONTROL_SEQUENCE_START" | "CONTROL_SEQUENCE_READY" | "CONTROL_SEQUENCE_END" | "CONTROL_SEQUENCE_CORRID";
  readonly type: TensorType;
}

export interface StateConfig {
  readonly input: string;
  readonly output: string;
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly zeroed: boolean;
}

export type StrategyConfig =
  | { readonly kind: "direct"; readonly maxQueueDelayMicroseconds: number; readonly minimumSlotUtilization: number }
  | {
      readonly kind: "oldest";
      readonly maxCandidateSequences: number;
      readonly preferredBatchSizes: readonly number[];
      readonly maxQueueDelayMicroseconds: number;
      readonly preserveOrdering: boolean;
    };

export interface SequenceBatchingConfig {
  readonly kind: "sequence";
  readonly strategy: StrategyConfig;
  readonly maxIdleMicroseconds: number;
  readonly controls: readonly ControlConfig[];
  readonly states: readonly StateConfig[];
  readonly iterative: boolean;
}

export interface StepConfig {
  readonly model: string;
  /** -1: the newest that is served. */
  readonly version: number;
  /** The model's tensor, and the ensemble's. */
  readonly inputs: By<string>;
  readonly outputs: By<string>;
}

export interface EnsembleConfig {
  readonly kind: "ensemble";
  /** In the order in which they can run. */
  readonly steps: readonly StepConfig[];
  /** 0: any number. */
  readonly maxInflightRequests: number;
}

export type SchedulingConfig = DynamicBatchingConfig | SequenceBatchingConfig | EnsembleConfig;

export type VersionPolicyConfig =
  | { readonly kind: "all" }
  | { readonly kind: "latest"; readonly count: number }
  | { readonly kind: "specific"; readonly versions: readonly number[] };

export interface WarmUpConfig {
  readonly name: string;
  readonly batchSize: number;
  readonly count: number;
  readonly inputs: readonly {
    readonly name: string;
    readonly type: TensorType;
    readonly dims: readonly number[];
    readonly data: "zero" | "random";
  }[];
}

export interface ModelConfig {
  readonly name: string;
  /** The backend, or the platform of what has none. */
  readonly runs: { readonly backend: string } | { readonly platform: string };
  readonly maxBatchSize: number;
  readonly inputs: readonly InputConfig[];
  readonly outputs: readonly OutputConfig[];
  readonly versionPolicy: VersionPolicyConfig;
  /** Empty where the scheduler allows none, as an ensemble's. */
  readonly instanceGroups: readonly InstanceGroupConfig[];
  readonly scheduling: SchedulingConfig | null;
  /** The model's file, where it is not the backend's own name for it. */
  readonly file: string | null;
  readonly accelerator: { readonly on: "gpu" | "cpu"; readonly name: string; readonly parameters: By<string> } | null;
  readonly parameters: By<string>;
  readonly decoupled: boolean;
  readonly responseCache: boolean;
  readonly warmUp: readonly WarmUpConfig[];
}
