import { z } from "zod";
import { tritonVersions } from "../../../../catalog/triton";
import { settings } from "../../../settings";
import { count } from "../../common";
import { tensorName } from "./tensors";

/** What an engine was built for: together the key of the artefact. */

const everyEngine = {
  model: z.string().min(1).max(200).describe("The model and its revision, or a digest: what the engine was built of."),
  dataType: z.enum(["float32", "float16", "bfloat16", "fp8", "int8", "nvfp4"]).describe("What it computes in."),
  computeCapability: z
    .string()
    .regex(/^\d{1,2}\.\d$/, "a compute capability is written as 8.0")
    .describe("The architecture of the GPUs, as CUDA numbers it, such as 8.0 for an A100."),
  container: z
    .string()
    .regex(/^\d{2}\.\d{2}$/, "a version of the container is written as 26.07")
    .meta({ examples: [...tritonVersions] })
    .describe("Version of the Triton container whose TensorRT built it."),
  maxBatchSize: count.max(65536).describe("The largest batch that it was built for."),
};

const shape = z.array(count).min(1).max(16);

const profile = settings({
  input: tensorName.describe("The input."),
  min: shape.describe("The smallest shape, with the batch."),
  opt: shape.describe("The shape that it is fastest at."),
  max: shape.describe("The largest shape."),
}).superRefine(({ min, opt, max }, context) => {
  const alike = min.length === opt.length && opt.length === max.length;
  const rising = min.every((size, index) => size <= (opt[index] ?? 0) && (opt[index] ?? 0) <= (max[index] ?? 0));
  if (alike && rising) return;
  context.addIssue({
    code: "custom",
    path: ["opt"],
    message: alike ? "`min`, `opt` and `max` do not fall" : "`min`, `opt` and `max` have as many dimensions",
  });
});

export const builtFor = settings({
  ...everyEngine,
  profiles: z
    .array(profile)
    .max(64)
    .default([])
    .describe("Shapes of the inputs that it was built for. Default: not checked."),
});

export const builtForLanguageModel = settings({
  ...everyEngine,
  tensorParallel: count.max(64).default(1).describe("GPUs that each layer is split over. Default 1."),
  pipelineParallel: count.max(64).default(1).describe("Groups of GPUs that the layers are divided among. Default 1."),
  maxSequenceLength: count.describe("Longest prompt plus answer that it was built for, in tokens."),
});

export type BuiltForSettings = z.output<typeof builtFor>;
export type BuiltForLanguageModelSettings = z.output<typeof builtForLanguageModel>;
