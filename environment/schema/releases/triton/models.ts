import { z } from "zod";
import { tensorTypes } from "../../../../catalog/triton-backends";
import { settings } from "../../../settings";
import { count } from "../../common";
import { builtFor, builtForLanguageModel } from "./built-for";
import { languageModels } from "./language-model";
import {
  artefactSize,
  decoupled,
  instanceGroup,
  modelResources,
  parameters,
  versionPolicy,
  versions,
  warmUp,
} from "./model-parts";
import { dynamicBatching, sequenceBatching } from "./scheduling";
import { inputTensor, outputTensor, tensorName } from "./tensors";

/** A model's name in requests and as a directory of the repository. */
export const tritonModelName = z
  .string()
  .regex(
    /^[A-Za-z_][\w-]{0,62}$/,
    "a model's name is letters, digits, dashes and underlines, and begins with a letter",
  );

const inputs = z.array(inputTensor).min(1).max(256).describe("The model's inputs.");
const outputs = z.array(outputTensor).min(1).max(256).describe("The model's outputs.");
const maxBatchSize = z
  .int()
  .min(0)
  .max(65536)
  .describe("The largest batch that Triton gives it; 0 where tensors have no batch dimension.");
const responseCache = z
  .boolean()
  .default(false)
  .describe(
    "Whether equal requests get the cached answer; the release's `responseCache` gives it room. Default false.",
  );

const batching = {
  dynamicBatching: dynamicBatching
    .optional()
    .describe("Whether Triton puts requests together, and how. Default: each goes by itself."),
  sequenceBatching: sequenceBatching
    .optional()
    .describe("Whether requests belong to sequences that stay on one copy. Not beside `dynamicBatching`."),
};

const instanceGroups = z
  .array(instanceGroup)
  .min(1)
  .max(64)
  .default([{ count: 1 }])
  .describe("Copies of the model, and where they run. Default: one.");

/** What every model has that is read from the repository. */
const everyArtefact = {
  inputs,
  outputs,
  maxBatchSize,
  ...batching,
  instanceGroups,
  versions,
  versionPolicy: versionPolicy
    .default("all")
    .describe("Which of `versions` are served: all, so many of the newest, or single ones. Default `all`."),
  file: z
    .string()
    .regex(/^[\w.-]+$/, "a file's name")
    .optional()
    .describe("The model's file or folder in a version's directory. Default: the backend's own name for it."),
  size: artefactSize,
  responseCache,
  warmUp: z
    .array(warmUp)
    .max(32)
    .default([])
    .describe("Requests that a copy has served before it is ready. Default: none."),
  parameters,
  resources: modelResources.describe("What one copy takes, as measured."),
};

const accelerator = settings({
  name: z.enum(["tensorrt", "openvino"]).describe("`tensorrt` for GPUs; `openvino` for CPUs."),
  parameters,
}).describe("What compiles the model while it loads.");

const python = settings({
  backend: z.literal("python").describe("Code in Python: tokenizers, post-processing, models of any library."),
  ...everyArtefact,
  size: artefactSize
    .optional()
    .describe("Size of one version's directory, where more than code is in it. Default: next to nothing."),
  decoupled,
});

const onnxruntime = settings({
  backend: z.literal("onnxruntime").describe("A model in ONNX."),
  ...everyArtefact,
  accelerator: accelerator
    .optional()
    .describe("What compiles the model while it loads, which takes minutes. Default: nothing."),
});

const pytorch = settings({ backend: z.literal("pytorch").describe("A model in TorchScript."), ...everyArtefact });

const tensorflow = settings({
  backend: z
    .literal("tensorflow")
    .describe("A SavedModel of TensorFlow. Published images since 25.03 have no such backend: name an image that has."),
  ...everyArtefact,
});

const tensorrt = settings({
  backend: z.literal("tensorrt").describe("An engine of TensorRT, built for one kind of GPU."),
  ...everyArtefact,
  builtFor: builtFor.describe(
    "What the engine was built for. One built for other GPUs or by another version does not load.",
  ),
});

const tensorrtllm = settings({
  backend: z.literal("tensorrtllm").describe("An engine of TensorRT-LLM, which makes batches of its own."),
  maxBatchSize: count.max(65536).describe("Requests that it takes at once; at most what the engine was built for."),
  dynamicBatching: batching.dynamicBatching,
  versions,
  size: artefactSize,
  parameters,
  decoupled,
  logits: z
    .enum(tensorTypes)
    .default("TYPE_FP32")
    .describe("Type of the logits that it may answer. Default TYPE_FP32."),
  kvCacheShare: z
    .number()
    .min(0.05)
    .max(0.98)
    .default(0.9)
    .describe("Share of the GPU memory that is free after loading, for the KV cache. Default 0.9."),
  kvCacheReuse: z
    .boolean()
    .default(false)
    .describe("Whether prompts that begin alike share their KV cache. Default false."),
  chunkedContext: z.boolean().default(false).describe("Whether long prompts are read in several steps. Default false."),
  schedulerPolicy: z
    .enum(["guaranteed_no_evict", "max_utilization"])
    .default("guaranteed_no_evict")
    .describe(
      "Whether a request that was begun always ends without a break, or more are begun. Default `guaranteed_no_evict`.",
    ),
  builtFor: builtForLanguageModel.describe("What the engine was built for. Another GPU or version does not load it."),
  resources: modelResources.describe(
    "What it takes, as measured: GPU memory of each of its GPUs, without the KV cache.",
  ),
});

const tensorNames = z
  .record(tensorName, tensorName)
  .refine((names) => Object.keys(names).length > 0, "at least one tensor");

const step = settings({
  model: tritonModelName.describe("The model that the step runs."),
  version: count.optional().describe("Its version. Default: the newest that is served."),
  inputs: tensorNames.describe("The model's inputs, each with the ensemble's tensor that goes into it."),
  outputs: tensorNames.describe("The model's outputs, each with the ensemble's tensor that comes out of it."),
});

const ensemble = settings({
  backend: z.literal("ensemble").describe("Several models one after the other, in one request."),
  inputs,
  outputs,
  maxBatchSize,
  steps: z.array(step).min(1).max(64).describe("The models; a step runs as soon as its inputs are there."),
  responseCache,
  maxInflightRequests: count
    .optional()
    .describe("Requests within the ensemble at once, per step. Default: any number."),
});

export const tritonModel = z.discriminatedUnion("backend", [
  python,
  onnxruntime,
  pytorch,
  tensorflow,
  tensorrt,
  tensorrtllm,
  ...languageModels,
  ensemble,
]);

export type TritonModelSettings = z.output<typeof tritonModel>;
export type EnsembleSettings = z.output<typeof ensemble>;
export type EnsembleStepSettings = z.output<typeof step>;
export type TensorrtLlmSettings = z.output<typeof tensorrtllm>;
export type TensorrtSettings = z.output<typeof tensorrt>;
