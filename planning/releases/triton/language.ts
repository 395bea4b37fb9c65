import { vllmInTriton } from "../../../catalog/triton-images";
import { kubernetesMinor } from "../../../catalog/versions";
import type { Path, TritonSettings, VllmSettings } from "../../../environment";
import { gpuOfPool } from "../../pool-sharing";
import type { Finding } from "../../findings";
import type { By, GpuPoolPlan, LanguageModelPlan } from "../../plan";
import { isMadeWhileLoading } from "../../layout";
import { choose, type Choice } from "../../vllm-choice";
import { loaderArgs, weightsFindings } from "../../weights";
import type { Ground } from "../ground";
import { modelNamed } from "../parts";
import { vllmWeights, vllmWeightsTime, type VllmWeights } from "../vllm-weights";
import type { WeightsQuestion } from "../../time";
import type { LanguageModel } from "./backends";
import type { EngineArgument, TritonModelPlan } from "./plan";

/** A language model inside Triton, laid over GPUs. */
export interface LanguageChosen {
  readonly name: string;
  readonly model: LanguageModel;
  readonly settings: VllmSettings;
  /** The version of vLLM whose memory is planned with. */
  readonly version: string;
  readonly choice: Choice;
}

export interface LanguageQuestion {
  readonly name: string;
  readonly model: LanguageModel;
  readonly release: TritonSettings;
  readonly on: Ground<GpuPoolPlan>;
}

/**
 * Chooses the layout as for a release of vLLM. TensorRT-LLM is planned with the same arithmetic: what it needs beside
 * weights and KV cache was not measured here, and the margin has to cover the difference.
 */
export function chooseLanguage(question: LanguageQuestion): {
  readonly chosen?: LanguageChosen;
  readonly findings: readonly Finding[];
} {
  const { name, model, release, on } = question;
  const at: Path = ["releases", on.release, "models", name];
  const settings = asVllm(model, release);
  const version = vllmInTriton(on.version);
  if (version === undefined) throw new RangeError(`not in the catalogue: vLLM inside Triton ${on.version}`);
  const resolved = modelNamed(model.model, on.models ?? {});
  const { load = null, measured = [], pool } = on;
  const gpu = gpuOfPool(pool);
  const { choice, findings } = choose({ settings, model: resolved, gpu, pool, version, load, measured, at });
  const weights = weightsFindings({
    weights: model.weights,
    at,
    version,
    kubernetes: on.cluster?.kubernetes ?? kubernetesMinor,
    model: resolved.model,
    ownDraft: false,
  });
  const found = [...findings, ...weights];
  if (choice === undefined) return { findings: found };
  return { chosen: { name, model, settings, version, choice }, findings: found };
}

/** The model as a release of vLLM would have it. */
function asVllm(model: LanguageModel, release: TritonSettings): VllmSettings {
  const { notOffered, ...own } = model;
  const { pool, replicas, longestRequest, overrides, apiKey } = release;
  return { ...notOffered, ...own, engine: "vllm", pool, replicas, longestRequest, overrides, apiKey };
}

/** How the weights come to the GPUs. */
export function languageWeights({ settings, version, choice }: LanguageChosen, on: Ground, image: string): VllmWeights {
  return vllmWeights({ settings, on: { ...on, version }, choice, image });
}

export function languageWeightsTime(
  { settings, version, choice }: LanguageChosen,
  on: Ground,
  image: string,
  weights: VllmWeights,
): WeightsQuestion {
  return vllmWeightsTime({ settings, on: { ...on, version }, choice, image }, weights);
}

/** What the plan of every language model has. */
export function languagePlan({ choice, settings }: LanguageChosen, weights: VllmWeights): LanguageModelPlan {
  const { replica, split, speed, dataType, runnersUp } = choice;
  const { tensor, pipeline, data, expert } = replica.parallel;
  return {
    modelSource: replica.model.source,
    context: settings.context,
    tensorParallel: tensor,
    pipelineParallel: pipeline,
    dataParallel: data,
    expertParallel: expert,
    dataType,
    quantization: replica.weights,
    weights: weights.plan,
    memory: split,
    speed,
    runnersUp,
  };
}

/** The file by which the backend takes the engine's arguments. */
export function engineArguments(chosen: LanguageChosen, weights: VllmWeights): TritonModelPlan["arguments"] {
  return chosen.model.backend === "vllm"
    ? { file: "model.json", values: vllmArguments(chosen, weights) }
    : { file: "model.yaml", values: llmApiArguments(chosen, chosen.model.decoupled, weights) };
}

/** Fields of vLLM's `AsyncEngineArgs`: its flags with underlines. */
function vllmArguments({ choice, settings }: LanguageChosen, weights: VllmWeights): By<EngineArgument> {
  const { replica, published, dataType } = choice;
  const { tensor, pipeline, expert } = replica.parallel;
  const made = isMadeWhileLoading(published, replica.weights);
  return {
    ...source(settings, weights),
    ...fieldsOf(loaderArgs(weights.plan, weights.readers)),
    dtype: dataType,
    kv_cache_dtype: settings.kvCache,
    tensor_parallel_size: tensor,
    pipeline_parallel_size: pipeline,
    enable_expert_parallel: expert,
    max_model_len: settings.context,
    max_num_seqs: settings.maxSequences,
    max_num_batched_tokens: settings.batchedTokens,
    gpu_memory_utilization: utilization(replica.engine),
    enforce_eager: settings.enforceEager,
    ...(made ? { quantization: replica.weights } : {}),
  };
}

/** Arguments of TensorRT-LLM's `LLM`, and under `triton_config` what its model.py asks for. */
function llmApiArguments(
  { choice, settings }: LanguageChosen,
  decoupled: boolean,
  weights: VllmWeights,
): By<EngineArgument> {
  const { replica, split, dataType } = choice;
  const { tensor, pipeline } = replica.parallel;
  // Its share is of what is free once the weights are loaded, and the plan's of the whole GPU.
  const free = split.totalGiB - split.weightsGiB - split.overheadGiB;
  const { model, revision } = source(settings, weights);
  return {
    model,
    ...(revision === undefined ? {} : { revision, tokenizer_revision: revision }),
    backend: "pytorch",
    dtype: dataType,
    tensor_parallel_size: tensor,
    pipeline_parallel_size: pipeline,
    max_seq_len: settings.context,
    max_batch_size: settings.maxSequences,
    max_num_tokens: settings.batchedTokens,
    kv_cache_config: {
      free_gpu_memory_fraction: Math.floor((split.kvGiB / free) * 1000) / 1000,
      ...(settings.kvCache === "auto" ? {} : { dtype: settings.kvCache }),
    },
    ...(settings.enforceEager ? { cuda_graph_config: null } : {}),
    triton_config: { max_batch_size: 0, decoupled },
  };
}

/** Weights, tokenizer and code each have a revision of their own; all are pinned to one commit. */
function source({ model, revision }: VllmSettings, { plan }: VllmWeights) {
  if (plan.model !== model) return { model: plan.model };
  return { model, revision, tokenizer_revision: revision, code_revision: revision };
}

function utilization(engine: Choice["replica"]["engine"]): number {
  if (engine.kind !== "vllm") throw new RangeError("a layout of vLLM has vLLM's memory");
  return engine.gpuMemoryUtilization;
}

/** `--load-format=safetensors` as a field; what looks like JSON is JSON. */
function fieldsOf(flags: readonly string[]): By<EngineArgument> {
  return Object.fromEntries(
    flags.map((flag) => {
      const [, name = "", value = ""] = /^--([^=]+)=(.*)$/s.exec(flag) ?? [];
      return [name.replaceAll("-", "_"), value.startsWith("{") ? (JSON.parse(value) as EngineArgument) : value];
    }),
  );
}
