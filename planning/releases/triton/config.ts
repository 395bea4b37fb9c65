import { tritonBackends } from "../../../catalog/triton-backends";
import type {
  EnsembleStepSettings,
  InstanceGroupSettings,
  ModelResourcesSettings,
  TritonModelSettings,
  VersionPolicySettings,
  WarmUpSettings,
} from "../../../environment";
import { interfaceOf, type ModelInterface } from "./interfaces";
import type {
  InstanceGroupConfig,
  ModelConfig,
  SchedulingConfig,
  StepConfig,
  VersionPolicyConfig,
  WarmUpConfig,
} from "./model-config";
import { dynamicConfig, sequenceConfig } from "./scheduling-config";

/** What decides a model's config beside its own settings. */
export interface ConfigQuestion {
  readonly name: string;
  readonly model: TritonModelSettings;
  /** Parameters that follow from where the model's files are mounted. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The steps of an ensemble in the order in which they can run. */
  readonly order: readonly number[];
}

/** The config of one model, in full: Triton adds nothing to it. */
export function modelConfig({ name, model, parameters, order }: ConfigQuestion): ModelConfig {
  const tensors = interfaceOf(model);
  return {
    name,
    runs: tritonBackends[model.backend].config,
    ...tensors,
    versionPolicy: "versionPolicy" in model ? versionPolicy(model.versionPolicy) : { kind: "all" },
    instanceGroups: instanceGroups(model),
    scheduling: scheduling(model, order),
    file: "file" in model && model.file !== undefined ? model.file : null,
    accelerator: accelerator(model),
    parameters: { ...("parameters" in model ? model.parameters : {}), ...parameters },
    decoupled: decoupled(model),
    responseCache: "responseCache" in model && model.responseCache,
    warmUp: "warmUp" in model ? model.warmUp.map((each) => warmUp(each, tensors)) : [],
  };
}

function versionPolicy(policy: VersionPolicySettings): VersionPolicyConfig {
  if (policy === "all") return { kind: "all" };
  return "latest" in policy
    ? { kind: "latest", count: policy.latest }
    : { kind: "specific", versions: policy.specific };
}

/** vLLM's backend only works so; the LLM API answers one response or a stream of them. */
function decoupled(model: TritonModelSettings): boolean {
  return model.backend === "vllm" || ("decoupled" in model && model.decoupled);
}

/** Engines that spread over GPUs by themselves are one copy that takes what it is given. */
function instanceGroups(model: TritonModelSettings): readonly InstanceGroupConfig[] {
  const one = { count: 1, gpus: [], profiles: [], rateLimiter: null };
  switch (model.backend) {
    case "ensemble":
      return [];
    case "vllm":
      return [{ ...one, kind: "KIND_MODEL" }];
    case "llmapi":
    case "tensorrtllm":
      // As TensorRT-LLM's own repositories have it: the copy is a process beside the GPUs, which it finds itself.
      return [{ ...one, kind: "KIND_CPU" }];
    case "python":
    case "onnxruntime":
    case "pytorch":
    case "tensorflow":
    case "tensorrt":
      return model.instanceGroups.map((group) => instanceGroup(group, model.resources));
  }
}

/** Where copies run that do not say it: where the memory is that they take. */
export function kindOf({ kind }: InstanceGroupSettings, { gpuMemory }: ModelResourcesSettings): "gpu" | "cpu" {
  return kind ?? (gpuMemory === undefined ? "cpu" : "gpu");
}

/** The GPUs of a group of copies; none on the CPU. */
export function gpusOf(group: InstanceGroupSettings, resources: ModelResourcesSettings): readonly number[] {
  return kindOf(group, resources) === "cpu" ? [] : (group.gpus ?? [0]);
}

function instanceGroup(group: InstanceGroupSettings, resources: ModelResourcesSettings): InstanceGroupConfig {
  const { count, profiles = [], rateLimiter } = group;
  return {
    count,
    kind: kindOf(group, resources) === "gpu" ? "KIND_GPU" : "KIND_CPU",
    gpus: gpusOf(group, resources),
    profiles: profiles.map(String),
    rateLimiter: rateLimiter ?? null,
  };
}

function scheduling(model: TritonModelSettings, order: readonly number[]): SchedulingConfig | null {
  if (model.backend === "ensemble") {
    const steps = order.flatMap((index) => model.steps.slice(index, index + 1)).map(stepConfig);
    return { kind: "ensemble", steps, maxInflightRequests: model.maxInflightRequests ?? 0 };
  }
  if ("sequenceBatching" in model && model.sequenceBatching !== undefined)
    return sequenceConfig(model.sequenceBatching);
  if ("dynamicBatching" in model && model.dynamicBatching !== undefined) return dynamicConfig(model.dynamicBatching);
  return null;
}

export function stepConfig({ model, version, inputs, outputs }: EnsembleStepSettings): StepConfig {
  return { model, version: version ?? -1, inputs, outputs };
}

function accelerator(model: TritonModelSettings): ModelConfig["accelerator"] {
  if (model.backend !== "onnxruntime" || model.accelerator === undefined) return null;
  const { name, parameters } = model.accelerator;
  return { on: name === "tensorrt" ? "gpu" : "cpu", name, parameters };
}

/** A request of the right types; an input that the model does not have is a problem that is said elsewhere. */
function warmUp({ name, batchSize, count, inputs }: WarmUpSettings, tensors: ModelInterface): WarmUpConfig {
  return {
    name,
    batchSize,
    count,
    inputs: inputs.flatMap((input) => {
      const declared = tensors.inputs.find((each) => each.name === input.name);
      return declared === undefined ? [] : [{ ...input, type: declared.type }];
    }),
  };
}
