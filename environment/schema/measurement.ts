import { z } from "zod";
import { weightFormatIds } from "../../catalog/formats";
import { gpuIds } from "../../catalog/gpus";
import { settings } from "../settings";
import { count } from "./common";

const gib = z.number().positive().max(100_000);
const seconds = z.number().positive().max(86_400);

/** What `stacks/measured/<name>.json` holds: what one start of an engine said about itself. */
export const measurementSchema = settings({
  model: z.string().min(1).describe("The model, by its name in the catalogue or in `models`."),
  gpu: z.enum(gpuIds).describe("The GPU, by its name in the catalogue."),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, "a version is written as 0.31.0")
    .describe("The version of vLLM."),
  quantization: z
    .enum(["native", ...weightFormatIds])
    .default("native")
    .describe("How weights were held in GPU memory. Default `native`."),
  tensorParallel: count.default(1).describe("GPUs that each layer was split over. Default 1."),
  weightsGiB: gib.optional().describe("Weights on one GPU."),
  kvGiB: gib.optional().describe("KV cache on one GPU."),
  overheadGiB: gib.optional().describe("What one GPU held beside weights and KV cache."),
  loadSeconds: seconds.optional().describe("Time to load the weights."),
  engineStartSeconds: seconds.optional().describe("Time from loaded weights to the first request."),
  source: z.string().min(1).describe("The log that it was read from."),
  date: z.iso.date("a date is written as 2027-01-31").describe("The day of that log."),
});

export type MeasurementSettings = z.output<typeof measurementSchema>;
