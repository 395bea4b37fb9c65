import { z } from "zod";
import { settings } from "../../../settings";
import { sizeGiB } from "../../../units";
import { count } from "../../common";
import { tensorName } from "./tensors";

/** Parts that models of every backend have alike. */

const rateLimiter = settings({
  resources: z
    .array(
      settings({
        name: z
          .string()
          .regex(/^[\w.-]+$/, "letters, digits, dots and dashes")
          .describe("A resource of any name."),
        global: z.boolean().default(false).describe("Whether all GPUs share it. Default false: each has its own."),
        count: count.describe("What one run of an instance takes of it."),
      }),
    )
    .min(1)
    .max(32)
    .describe("What a run of an instance waits for."),
  priority: count.default(1).describe("Instances of priority 2 run half as often as those of 1. Default 1."),
});

export const instanceGroup = settings({
  count: count
    .max(64)
    .default(1)
    .describe("Copies of the model; with `kind: gpu` on every GPU of the group. Default 1."),
  kind: z
    .enum(["gpu", "cpu"])
    .optional()
    .describe("Where the copies run. Default: `gpu` where the model's `resources` name GPU memory, else `cpu`."),
  gpus: z
    .array(z.int().min(0).max(15))
    .min(1)
    .max(16)
    .optional()
    .describe("GPUs of the pod, counted from 0, that have the copies. Default: the first."),
  profiles: z
    .array(z.int().min(0).max(63))
    .min(1)
    .max(16)
    .optional()
    .describe("Optimisation profiles of a TensorRT engine, by index. Default: the first."),
  rateLimiter: rateLimiter.optional().describe("What runs of these copies wait for. Default: nothing."),
}).refine(({ kind, gpus }) => kind !== "cpu" || gpus === undefined, {
  path: ["gpus"],
  message: "copies on the CPU have no GPUs",
});

const versionNumber = count.max(2 ** 31);

export const versionPolicy = z.union([
  z.literal("all"),
  settings({ latest: count.max(100).describe("So many of the newest versions.") }),
  settings({ specific: z.array(versionNumber).min(1).max(100).describe("These versions.") }),
]);

export const versions = z
  .array(versionNumber)
  .min(1)
  .max(100)
  .refine((all) => new Set(all).size === all.length, "each version once")
  .default([1])
  .describe("Versions of the model that the repository holds and the server sees, each a directory. Default: 1.");

export const warmUp = settings({
  name: z
    .string()
    .regex(/^[\w.-]+$/, "letters, digits, dots and dashes")
    .describe("What it is called in the log."),
  batchSize: count.max(4096).default(1).describe("Size of the batch. Default 1."),
  count: count.max(1000).default(1).describe("How many times it is sent. Default once."),
  inputs: z
    .array(
      settings({
        name: tensorName.describe("One of the model's inputs."),
        dims: z.array(count).min(1).max(16).describe("Its shape, every size given."),
        data: z.enum(["zero", "random"]).default("zero").describe("What is in it. Default zeros."),
      }),
    )
    .min(1)
    .max(64)
    .describe("The inputs of the request."),
});

/** What one copy of a model takes. Nothing of it can be computed: it is measured. */
export const modelResources = settings({
  cpu: z.number().min(0.1).max(256).describe("CPU that one copy keeps busy."),
  memory: sizeGiB.describe("Memory of the machine that one copy takes."),
  gpuMemory: sizeGiB
    .optional()
    .describe("GPU memory that one copy takes, as nvidia-smi shows it. Default: it uses none."),
});

export const artefactSize = sizeGiB.describe("Size of one version's directory: how much is read at the start.");

export const parameters = z
  .record(z.string().regex(/^[\w.-]+$/, "letters, digits, dots and dashes"), z.string().max(10_000))
  .default({})
  .describe("Parameters that the backend or the model reads. Default: none.");

export const decoupled = z
  .boolean()
  .default(false)
  .describe("Whether one request may have no answer or several, as streaming needs. Default false.");

export type InstanceGroupSettings = z.output<typeof instanceGroup>;
export type VersionPolicySettings = z.output<typeof versionPolicy>;
export type WarmUpSettings = z.output<typeof warmUp>;
export type ModelResourcesSettings = z.output<typeof modelResources>;
