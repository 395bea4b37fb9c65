import type { TritonBackendId } from "../../../catalog/triton-backends";
import type { By, LanguageModelPlan } from "../../plan";
import type { Workload } from "../../workload";
import type { EngineKey } from "./artefact";
import type { ModelConfig } from "./model-config";

/** What a file of settings holds that is written for an engine: JSON and YAML alike. */
export type EngineArgument = string | number | boolean | null | { readonly [name: string]: EngineArgument };

/** One model of a repository. */
export interface TritonModelPlan {
  readonly backend: TritonBackendId;
  /** What becomes its config.pbtxt. */
  readonly config: ModelConfig;
  /** Versions that the server sees, the oldest first. */
  readonly versions: readonly number[];
  /** What its engine was built for; null where it has none that was built before. */
  readonly engine: EngineKey | null;
  /** Arguments of the engine that its backend reads from a file; null where it reads none. */
  readonly arguments: {
    readonly file: "model.json" | "model.yaml";
    readonly values: By<EngineArgument>;
  } | null;
}

interface TritonParts {
  readonly kind: "triton";
  readonly models: By<TritonModelPlan>;
  /** Share of their time that requests of the served model wait, 0 to 1, as PromQL: two rates of microseconds. */
  readonly queueShare: { readonly query: string; readonly metrics: readonly string[] };
}

/** A server with models whose needs are declared. */
export interface TritonModelsPlan extends Workload, TritonParts {}

/** A server with one language model, laid over its GPUs as in a release of vLLM, and perhaps models beside it. */
export interface TritonLanguagePlan extends Workload, LanguageModelPlan, TritonParts {}

export type TritonPlan = TritonModelsPlan | TritonLanguagePlan;
