import { z } from "zod";
import { weightFormatIds } from "../../../catalog/formats";
import { modelIds } from "../../../catalog/models";
import { settings } from "../../settings";
import { commit, count, innerPath } from "../common";
import { apiKey, everyRelease, weights } from "./common";

/** Ranks that vLLM takes: `MaxLoRARanks` in vllm/config/lora.py (0.26.0). Another number ends its start. */
const loraRanks = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const;

const lora = settings({
  maxAdapters: count.max(256).default(1).describe("Adapters that are in the GPU's memory at once. Default 1."),
  maxRank: z.literal(loraRanks).default(16).describe("Largest rank of an adapter. Default 16."),
});

const draftTokens = count.max(32).describe("Tokens that are guessed in each step.");
const draftLayers = count.max(100).default(1).describe("Layers of the draft that keep a KV cache. Default 1.");
const draftModel = innerPath("the hub or the volume").describe(
  "The draft: its repository on the hub, or its directory inside the volume where weights come from one.",
);
const draftRevision = commit.optional().describe("The commit of the draft's repository; needed for one of the hub.");

/** Methods of vLLM's `--speculative-config`. */
const draft = z.discriminatedUnion("method", [
  settings({ method: z.literal("ngram").describe("Guesses from the prompt; nothing is loaded."), tokens: draftTokens }),
  settings({
    method: z.literal("mtp").describe("Layers that the model itself was published with."),
    layers: draftLayers,
    tokens: draftTokens,
  }),
  settings({
    method: z.literal("eagle").describe("A head that was trained for the model."),
    model: draftModel,
    revision: draftRevision,
    layers: draftLayers,
    tokens: draftTokens,
  }),
  settings({
    method: z.literal("eagle3").describe("A head of the third kind that was trained for the model."),
    model: draftModel,
    revision: draftRevision,
    layers: draftLayers,
    tokens: draftTokens,
  }),
]);

export const vllmRelease = settings({
  engine: z.literal("vllm").describe("The inference engine that serves the model."),
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
  dataParallel: count
    .max(64)
    .default(1)
    .describe("Copies of the attention layers inside one replica, each with a KV cache of its own. Default 1."),
  expertParallel: z
    .boolean()
    .default(false)
    .describe("Whether whole experts are divided among the GPUs, in place of a part of each. Default false."),
  context: z.int().min(128).describe("Longest prompt plus answer, in tokens."),
  maxSequences: count.max(4096).default(64).describe("Requests that one replica works on at once. Default 64."),
  batchedTokens: z.int().min(256).max(131072).default(2048).describe("Tokens of one engine step. Default 2048."),
  kvCache: z.enum(["auto", "fp8"]).default("auto").describe("Type of the KV cache. Default `auto`: the model's own."),
  gpuMemoryUtilization: z
    .number()
    .min(0.5)
    .max(0.98)
    .default(0.9)
    .describe("Share of the GPU's memory that the engine may take. Default 0.9."),
  enforceEager: z
    .boolean()
    .default(false)
    .describe("Whether to do without CUDA graphs: a shorter start and less memory, slower answers. Default false."),
  lora: lora.optional().describe("Room for LoRA adapters beside the model. Default: none."),
  draft: draft.optional().describe("Speculative decoding: tokens are guessed and checked together. Default: none."),
  apiKey,
}).refine(
  ({ draft, weights }) =>
    draft === undefined || !("model" in draft) || draft.revision !== undefined || weights.from !== "hub",
  {
    path: ["draft", "revision"],
    message: "expected the commit of the draft's repository: what was tested is what is served",
  },
);

export type VllmSettings = z.output<typeof vllmRelease>;
export type LoraSettings = z.output<typeof lora>;
export type DraftSettings = z.output<typeof draft>;
