import type {
  By,
  InputConfig,
  InstanceGroupConfig,
  ModelConfig,
  OutputConfig,
  TensorConfig,
  TritonModelPlan,
  VersionPolicyConfig,
  WarmUpConfig,
} from "../../../planning";
import { schedulingFields } from "./render-scheduling";
import { enumerated, mapped, repeated, textOf, when, type Message } from "./text-format";
import { yamlOf } from "./yaml";

/** Every file that is written from a model, by its name among the release's configs. */
export function repositoryFiles(models: By<TritonModelPlan>): By<string> {
  const files = Object.entries(models).flatMap(([name, model]): [string, string][] => [
    [`${name}.config.pbtxt`, renderConfig(model.config)],
    ...(model.arguments === null
      ? []
      : [[`${name}.${model.arguments.file}`, renderArguments(model.arguments)] as [string, string]]),
  ]);
  return Object.fromEntries(files);
}

/** Arguments of an engine, in the format that its backend reads. */
function renderArguments({ file, values }: NonNullable<TritonModelPlan["arguments"]>): string {
  return file === "model.json" ? `${JSON.stringify(values, null, 2)}\n` : yamlOf(values);
}

/** A `config.pbtxt`: `inference.ModelConfig` in the text form of protocol buffers. */
export function renderConfig(config: ModelConfig): string {
  const { runs, file, parameters, decoupled, responseCache } = config;
  return textOf([
    ["name", config.name],
    "backend" in runs ? ["backend", runs.backend] : ["platform", runs.platform],
    ["max_batch_size", config.maxBatchSize],
    ...when(file !== null, "default_model_filename", file ?? ""),
    ["version_policy", versionPolicy(config.versionPolicy)],
    ...repeated("input", config.inputs.map(input)),
    ...repeated("output", config.outputs.map(output)),
    ...repeated("instance_group", config.instanceGroups.map(instanceGroup)),
    ...schedulingFields(config.scheduling),
    ...optimization(config.accelerator),
    ...repeated("model_warmup", config.warmUp.map(warmUp)),
    ...mapped("parameters", textParameters(parameters)),
    ...when(decoupled, "model_transaction_policy", [["decoupled", true]]),
    ...when(responseCache, "response_cache", [["enable", true]]),
  ]);
}

function versionPolicy(policy: VersionPolicyConfig): Message {
  switch (policy.kind) {
    case "all":
      return [["all", []]];
    case "latest":
      return [["latest", [["num_versions", policy.count]]]];
    case "specific":
      return [["specific", repeated("versions", policy.versions)]];
  }
}

function tensor({ name, type, dims, reshape }: TensorConfig): Message {
  return [
    ["name", name],
    ["data_type", enumerated(type)],
    ...repeated("dims", dims),
    ...when(reshape !== null, "reshape", repeated("shape", reshape ?? [])),
  ];
}

function input(config: InputConfig): Message {
  return [
    ...tensor(config),
    ...when(config.optional, "optional", true),
    ...when(config.ragged, "allow_ragged_batch", true),
  ];
}

function output(config: OutputConfig): Message {
  return [...tensor(config), ...when(config.labels !== null, "label_filename", config.labels ?? "")];
}

function instanceGroup({ count, kind, gpus, profiles, rateLimiter }: InstanceGroupConfig): Message {
  const limits = rateLimiter === null ? [] : limiter(rateLimiter);
  return [
    ["count", count],
    ["kind", enumerated(kind)],
    ...repeated("gpus", gpus),
    ...repeated("profile", profiles),
    ...when(rateLimiter !== null, "rate_limiter", limits),
  ];
}

function limiter({ resources, priority }: NonNullable<InstanceGroupConfig["rateLimiter"]>): Message {
  const each = resources.map(({ name, global, count }): Message => [
    ["name", name],
    ...when(global, "global", true),
    ["count", count],
  ]);
  return [...repeated("resources", each), ["priority", priority]];
}

function optimization(accelerator: ModelConfig["accelerator"]): Message {
  if (accelerator === null) return [];
  const { on, name, parameters } = accelerator;
  const list = on === "gpu" ? "gpu_execution_accelerator" : "cpu_execution_accelerator";
  const fields: Message = [["name", name], ...mapped("parameters", Object.entries(parameters))];
  return [["optimization", [["execution_accelerators", [[list, fields]]]]]];
}

function warmUp({ name, batchSize, count, inputs }: WarmUpConfig): Message {
  const each = inputs.map((input): [string, Message] => [
    input.name,
    [
      ["data_type", enumerated(input.type)],
      ...repeated("dims", input.dims),
      [input.data === "zero" ? "zero_data" : "random_data", true],
    ],
  ]);
  return [["name", name], ["batch_size", batchSize], ...mapped("inputs", each), ["count", count]];
}

function textParameters(parameters: By<string>): readonly (readonly [string, Message])[] {
  return Object.entries(parameters).map(([name, value]) => [name, [["string_value", value]]]);
}
