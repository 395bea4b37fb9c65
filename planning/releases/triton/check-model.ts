import { tritonBackends } from "../../../catalog/triton-backends";
import type { TritonModelSettings } from "../../../environment";
import type { ModelProblem } from "./ensemble";
import { interfaceOf, type ModelInterface } from "./interfaces";
import type { TensorConfig } from "./model-config";
import { schedulingProblems } from "./check-scheduling";
import { kindOf } from "./config";

/** A model that is read from the repository: everything that is declared about it is there. */
export type ArtefactSettings = Extract<TritonModelSettings, { readonly instanceGroups: unknown }>;

export function isArtefact(model: TritonModelSettings): model is ArtefactSettings {
  return "instanceGroups" in model;
}

/** What Triton, or its backend, would refuse about one model, as far as its own settings say it. */
export function checkModel(model: TritonModelSettings): readonly ModelProblem[] {
  const tensors = interfaceOf(model);
  return [
    ...("inputs" in model ? tensorProblems(tensors) : []),
    ...schedulingProblems(model, tensors),
    ...(isArtefact(model)
      ? [...groupProblems(model), ...versionProblems(model), ...warmUpProblems(model, tensors)]
      : []),
    ...cacheProblems(model),
  ];
}

function tensorProblems({ inputs, outputs, maxBatchSize }: ModelInterface): readonly ModelProblem[] {
  return [...oneSide("inputs", inputs, maxBatchSize), ...oneSide("outputs", outputs, maxBatchSize)];
}

function oneSide(side: "inputs" | "outputs", tensors: readonly TensorConfig[], maxBatchSize: number) {
  return tensors.flatMap((tensor, index): readonly ModelProblem[] => {
    const { name, dims, reshape } = tensor;
    const at = [side, index];
    const first = tensors.findIndex((other) => other.name === name);
    const twice =
      first === index
        ? []
        : [
            {
              at: [...at, "name"],
              message: `there are two ${side} of the name ${name}`,
              fix: "Give each its own name.",
            },
          ];
    const wrong = reshape === null ? null : reshapeProblem(dims, reshape, maxBatchSize);
    if (wrong === null) return twice;
    const fix = "Both shapes hold the same number of elements, and as many dimensions of any size.";
    return [
      ...twice,
      {
        at: [...at, "reshape"],
        message: `${name} cannot be reshaped from [${dims.join(", ")}] to [${reshape?.join(", ") ?? ""}]: ${wrong}`,
        fix,
      },
    ];
  });
}

/** As Triton checks it (`model_config_utils.cc`). */
function reshapeProblem(dims: readonly number[], reshape: readonly number[], maxBatchSize: number): string | null {
  if (reshape.length === 0) {
    if (maxBatchSize === 0) return "a model without batches has no scalars";
    return dims.every((size) => size === 1) ? null : "a scalar is one element";
  }
  const open = (shape: readonly number[]) => shape.filter((size) => size === -1).length;
  if (open(dims) !== open(reshape)) return "dimensions of any size differ in number";
  const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * Math.abs(size), 1);
  return elements(dims) === elements(reshape) ? null : "the number of elements differs";
}

function groupProblems(model: ArtefactSettings): readonly ModelProblem[] {
  const { resources, instanceGroups, backend } = model;
  return instanceGroups.flatMap((group, index): readonly ModelProblem[] => {
    const at = ["instanceGroups", index];
    const kind = kindOf(group, resources);
    const problems: ModelProblem[] = [];
    if (kind === "cpu" && tritonBackends[backend].runsOn === "gpu")
      problems.push({
        at,
        message: `the backend ${backend} runs on GPUs alone, and these copies are on the CPU`,
        fix: "Write what one copy takes as `resources.gpuMemory`, and no `kind: cpu`.",
      });
    if (kind === "gpu" && resources.gpuMemory === undefined)
      problems.push({
        at: ["resources"],
        message: "copies run on GPUs, and nobody has said how much GPU memory one takes",
        fix: "Measure it with nvidia-smi and write `resources.gpuMemory`, or write `kind: cpu`.",
      });
    if (group.profiles !== undefined && backend !== "tensorrt")
      problems.push({
        at: [...at, "profiles"],
        message: `optimisation profiles are TensorRT's, and the backend is ${backend}`,
        fix: "Leave `profiles` out.",
      });
    if (new Set(group.gpus).size !== (group.gpus ?? []).length)
      problems.push({
        at: [...at, "gpus"],
        message: "a GPU is named twice",
        fix: "Raise `count` for more copies on it.",
      });
    return [...problems, ...acceleratorProblem(model, kind, index)];
  });
}

function acceleratorProblem(model: ArtefactSettings, kind: "gpu" | "cpu", index: number): readonly ModelProblem[] {
  if (model.backend !== "onnxruntime" || model.accelerator === undefined) return [];
  const { name } = model.accelerator;
  const needed = name === "tensorrt" ? "gpu" : "cpu";
  if (kind === needed) return [];
  const message = `the accelerator ${name} is for copies on the ${needed.toUpperCase()}, and those of group ${index + 1} are on the ${kind.toUpperCase()}`;
  return [{ at: ["accelerator", "name"], message, fix: "Choose the accelerator of the other kind, or none." }];
}

function versionProblems({ versions, versionPolicy }: ArtefactSettings): readonly ModelProblem[] {
  if (versionPolicy === "all") return [];
  if ("latest" in versionPolicy) {
    if (versionPolicy.latest <= versions.length) return [];
    const message = `the newest ${versionPolicy.latest} versions are to be served, and there are ${versions.length}`;
    return [{ at: ["versionPolicy", "latest"], message, fix: "Name more `versions`, or serve fewer." }];
  }
  const missing = versionPolicy.specific.filter((version) => !versions.includes(version));
  if (missing.length === 0) return [];
  const message = `version ${missing.join(", ")} is to be served, and \`versions\` has ${versions.join(", ")}`;
  return [{ at: ["versionPolicy", "specific"], message, fix: "Add it to `versions`, or do not serve it." }];
}

/** Versions that are served, the oldest first. */
export function servedVersions(model: TritonModelSettings): readonly number[] {
  if (!isArtefact(model)) return "versions" in model ? model.versions : [1];
  const { versions, versionPolicy } = model;
  const sorted = versions.toSorted((a, b) => a - b);
  if (versionPolicy === "all") return sorted;
  if ("latest" in versionPolicy) return sorted.slice(-versionPolicy.latest);
  const { specific } = versionPolicy;
  return sorted.filter((version) => specific.includes(version));
}

function warmUpProblems(
  { warmUp }: ArtefactSettings,
  { inputs, maxBatchSize }: ModelInterface,
): readonly ModelProblem[] {
  return warmUp.flatMap((request, index) => {
    const at = ["warmUp", index];
    const given = new Set(request.inputs.map(({ name }) => name));
    const missing = inputs.filter(({ name, optional }) => !optional && !given.has(name)).map(({ name }) => name);
    const large = request.batchSize > Math.max(1, maxBatchSize);
    return [
      ...(large
        ? [
            {
              at: [...at, "batchSize"],
              message: `a warm-up of ${request.batchSize} is larger than the model's batches of ${maxBatchSize}`,
              fix: "Write a batch size that the model takes.",
            },
          ]
        : []),
      ...(missing.length === 0
        ? []
        : [{ at: [...at, "inputs"], message: `the warm-up lacks the inputs ${missing.join(", ")}`, fix: "Add them." }]),
      ...request.inputs.flatMap((input, position): readonly ModelProblem[] => {
        const declared = inputs.find(({ name }) => name === input.name);
        const place = [...at, "inputs", position];
        if (declared === undefined)
          return [
            {
              at: [...place, "name"],
              message: `the model has no input ${input.name}`,
              fix: `Its inputs are ${inputs.map(({ name }) => name).join(", ")}.`,
            },
          ];
        const fits =
          declared.dims.length === input.dims.length &&
          declared.dims.every((size, dimension) => size === -1 || size === input.dims[dimension]);
        const message = `${input.name} has the shape [${declared.dims.join(", ")}], and the warm-up sends [${input.dims.join(", ")}]`;
        return fits ? [] : [{ at: [...place, "dims"], message, fix: "Write a shape that the input takes." }];
      }),
    ];
  });
}

function cacheProblems(model: TritonModelSettings): readonly ModelProblem[] {
  const cached = "responseCache" in model && model.responseCache;
  if (!cached || !("decoupled" in model) || !model.decoupled) return [];
  const message = "answers that come in several parts cannot be cached, and the model is decoupled";
  return [{ at: ["responseCache"], message, fix: "Leave out one of `responseCache` and `decoupled`." }];
}
