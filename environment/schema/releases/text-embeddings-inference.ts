import { z } from "zod";
import { modelIds } from "../../../catalog/models";
import { settings } from "../../settings";
import { throughputGBps } from "../../units";
import { commit, count, innerPath, name, secretKey } from "../common";
import { apiKey, everyRelease } from "./common";

const throughput = throughputGBps
  .optional()
  .describe("How fast weights come from there, as measured on this site. Default: the catalogue's timing.");

const weights = z.discriminatedUnion("from", [
  settings({
    from: z.literal("hub").describe("Downloaded from the Hugging Face hub, at the release's `revision`."),
    token: secretKey.optional().describe("The hub token; needed for gated models."),
    throughput,
  }),
  settings({
    from: z.literal("pvc").describe("Read from a PersistentVolumeClaim that holds the model's directory."),
    claim: name.describe("Name of the PersistentVolumeClaim in the serving namespace."),
    path: innerPath("the volume").describe(
      "The model's directory inside the volume, with config.json, tokenizer.json, and model.onnx or model.safetensors.",
    ),
    throughput,
  }),
]);

export const textEmbeddingsRelease = settings({
  engine: z
    .literal("text-embeddings-inference")
    .describe("Encoders and rerankers on machines without GPUs, in 32 bits."),
  model: z
    .string()
    .min(1)
    .meta({ examples: [...modelIds] })
    .describe("An encoder or a cross-encoder, by its name in the catalogue or in `models`."),
  revision: commit.describe("The commit of the model's repository."),
  weights: weights.describe("Where the weights come from."),
  pooling: z
    .enum(["cls", "mean", "splade"])
    .optional()
    .describe("How an encoder makes one vector of a text. Default: as the model's repository says."),
  maxBatchTokens: z
    .int()
    .min(16)
    .max(131072)
    .optional()
    .describe(
      "Tokens of one batch, counted as if each text were as long as the longest. Longer texts are refused or cut. Default: the longest text of the model, because larger batches are no faster on processors.",
    ),
  autoTruncate: z
    .boolean()
    .default(false)
    .describe("Whether texts that are too long are cut without a word, in place of being refused. Default false."),
  maxConcurrentRequests: count
    .max(4096)
    .optional()
    .describe(
      "Texts that one pod has at once, waiting ones included; more are refused with 429. Default: what it works off within `longestRequest`, 512 at the most.",
    ),
  maxClientBatch: count.max(4096).default(32).describe("Texts of one request at the most. Default 32."),
  cpu: count
    .max(512)
    .optional()
    .describe("CPU of one pod. Default: as many as answer within what routes promise, or within a second."),
  ...everyRelease,
  apiKey,
});

export type TextEmbeddingsSettings = z.output<typeof textEmbeddingsRelease>;
