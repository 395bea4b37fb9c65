import { z } from "zod";
import { vllmWords } from "../../../catalog/engine-flags";
import { vllmVersions } from "../../../catalog/engines";
import { weightFormatIds } from "../../../catalog/formats";
import { modelIds } from "../../../catalog/models";
import { settings } from "../../settings";
import { sizeGiB } from "../../units";
import { commit, count, variableName } from "../common";
import { apiKey, everyRelease } from "./common";
import { checkVllm } from "./vllm-checks";
import { draft } from "./vllm-draft";
import { media, queueLimits } from "./vllm-limits";
import { lora } from "./vllm-lora";
import { weights } from "./weights";

/** Words that the versions which an environment may name have; planning checks them against the one that it names. */
const wordsOf = (kind: "toolParsers" | "reasoningParsers"): readonly string[] =>
  [...new Set(vllmVersions.flatMap((version) => vllmWords(version, kind) ?? []))].toSorted();

/** Types of the KV cache whose size planning knows; vLLM has more, each for a few models or GPUs. */
const kvCacheTypes = ["auto", "bfloat16", "float16", "fp8", "fp8_e4m3", "fp8_e5m2"] as const;

/** What a language model in vLLM is told, whoever starts the engine. */
export const vllmShape = {
  model: z
    .string()
    .min(1)
    .meta({ examples: [...modelIds] })
    .describe("The model, by its name in the catalogue or in `models`."),
  revision: commit.describe("The commit of the model's repository."),
  weights: weights.describe("Where the weights come from."),
  quantization: z
    .enum(["native", "auto", ...weightFormatIds])
    .default("native")
    .describe(
      "How weights are held in GPU memory: `native` as they are published, `auto` what the planner chooses, or one format. Default `native`.",
    ),
  ...everyRelease,
  tensorParallel: z
    .literal([1, 2, 4, 8, 16])
    .optional()
    .describe("GPUs that each layer is split over. Default: the smallest number that fits."),
  pipelineParallel: count
    .max(16)
    .default(1)
    .describe("Groups of GPUs that the layers are divided among, one after the other. Default 1."),
  nodes: count
    .max(16)
    .default(1)
    .describe(
      "Machines that one replica spans, each with a pod of its own that has all GPUs of its machine: pipeline stages cross machines, tensor parallelism never does. Default 1.",
    ),
  dataParallel: count
    .max(64)
    .default(1)
    .describe("Copies of the attention layers inside one replica, each with a KV cache of its own. Default 1."),
  expertParallel: z
    .boolean()
    .default(false)
    .describe("Whether whole experts are divided among the GPUs, in place of a part of each. Default false."),
  decodeContextParallel: count
    .max(16)
    .default(1)
    .describe(
      "GPUs of `tensorParallel` that share the tokens of one KV cache, where they would hold copies of it. Default 1.",
    ),
  task: z
    .enum(["generate", "embed", "rerank"])
    .default("generate")
    .describe(
      "What the model is asked for: text, vectors, or scores of pairs. Models that were not trained for vectors or scores give useless ones. Default `generate`.",
    ),
  context: z.int().min(128).describe("Longest prompt plus answer, in tokens."),
  maxSequences: count.max(4096).default(64).describe("Requests that one replica works on at once. Default 64."),
  batchedTokens: z.int().min(256).max(131072).default(2048).describe("Tokens of one engine step. Default 2048."),
  chunkedPrefill: z
    .boolean()
    .default(true)
    .describe("Whether a long prompt is read in several steps, so that others go on meanwhile. Default true."),
  prefixCaching: z
    .boolean()
    .default(true)
    .describe("Whether prompts that begin alike share their KV cache. Default true."),
  kvCache: z.enum(kvCacheTypes).default("auto").describe("Type of the KV cache. Default `auto`: the model's own."),
  gpuMemoryUtilization: z
    .number()
    .min(0.05)
    .max(0.98)
    .optional()
    .describe("Share of the GPU's memory that the engine may take. Default 0.9. Not beside `kvCacheMemory`."),
  kvCacheMemory: sizeGiB
    .optional()
    .describe(
      "Memory of the KV cache on each GPU, once it was measured: the same at every start. Default: what `gpuMemoryUtilization` leaves.",
    ),
  kvOffload: sizeGiB
    .optional()
    .describe(
      "Host memory of one engine for KV cache that the GPUs have no room for; it counts towards the pod's memory. Default: none.",
    ),
  enforceEager: z
    .boolean()
    .default(false)
    .describe("Whether to do without CUDA graphs: a shorter start and less memory, slower answers. Default false."),
  lora: lora.optional().describe("Room for LoRA adapters beside the model. Default: none."),
  draft: draft.optional().describe("Speculative decoding: tokens are guessed and checked together. Default: none."),
  media: media
    .optional()
    .describe("What a multimodal model takes beside text. Default: four images, from `data:` URLs alone."),
  structuredOutputs: z
    .enum(["auto", "xgrammar", "guidance", "outlines", "lm-format-enforcer"])
    .default("auto")
    .describe("What keeps answers to a grammar or schema. Default `auto`: vLLM chooses by the request."),
  toolCallParser: z
    .enum(wordsOf("toolParsers"))
    .optional()
    .describe("How the model writes calls of tools; the model may then choose to call them. Default: it calls none."),
  reasoningParser: z
    .enum(wordsOf("reasoningParsers"))
    .optional()
    .describe(
      "How the model marks its reasoning, which clients then get by itself. Default: it is part of the answer.",
    ),
  queueLimits: queueLimits.prefault({}).describe("Where a pod answers 503 instead of letting more requests wait."),
  extraArgs: z
    .array(z.string().min(1).max(10_000))
    .max(200)
    .default([])
    .describe(
      "Arguments of `vllm serve` that no setting is for, one item each. They are checked against the flags of the engine's version. Default: none.",
    ),
  variables: z
    .record(variableName, z.string().max(10_000))
    .default({})
    .describe("Environment variables of the engine that are not secret. They are checked likewise. Default: none."),
};

export const vllmRelease = settings({
  engine: z.literal("vllm").describe("The inference engine that serves the model."),
  ...vllmShape,
  apiKey,
}).superRefine(checkVllm);

export type VllmSettings = z.output<typeof vllmRelease>;
export type { DraftSettings } from "./vllm-draft";
export type { MediaSettings, QueueLimitSettings } from "./vllm-limits";
export type { AdapterSettings, LoraSettings } from "./vllm-lora";
