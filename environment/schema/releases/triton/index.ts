import { z } from "zod";
import { settings } from "../../../settings";
import { durationSeconds, perSecond, sizeGiB } from "../../../units";
import { count, innerPath, name, pinnedImage } from "../../common";
import { apiKey, everyRelease } from "../common";
import { bucketSettings } from "../weights";
import { tritonModel, tritonModelName } from "./models";

const repository = z.discriminatedUnion("from", [
  settings({
    from: z.literal("pvc").describe("A PersistentVolumeClaim."),
    claim: name.describe("Name of the PersistentVolumeClaim in the serving namespace."),
    path: innerPath("the volume")
      .optional()
      .describe("The repository's directory inside the volume. Default: its root."),
  }),
  settings({
    from: z.literal("oci").describe("An image that the machine pulls and mounts as a volume."),
    image: pinnedImage.describe("The image with the repository by tag and digest."),
    path: innerPath("the image").optional().describe("The repository's directory inside the image. Default: its root."),
  }),
  settings({
    from: z.literal("s3").describe("A bucket, mounted by the Mountpoint driver of the cluster."),
    ...bucketSettings,
    path: innerPath("the bucket").optional().describe("The repository's directory in the bucket. Default: its root."),
  }),
]);

const openai = settings({
  tokenizer: innerPath("the repository")
    .optional()
    .describe(
      "Directory of the tokenizer with its chat template, in the repository. Default: that of the model's own weights.",
    ),
  chatTemplate: innerPath("the repository")
    .optional()
    .describe("File of another chat template, in the repository. Default: the tokenizer's own."),
  toolCallParser: z
    .enum(["llama3", "mistral"])
    .optional()
    .describe("How the model writes calls of tools. Default: it calls none."),
  defaultMaxTokens: count
    .max(1_000_000)
    .default(1024)
    .describe("Longest answer of a request that does not say it. Default 1024; the front end's own is 16."),
});

const rateLimit = settings({
  resources: z
    .array(
      settings({
        name: z
          .string()
          .regex(/^[\w.-]+$/, "letters, digits, dots and dashes")
          .describe("The resource."),
        count: count.describe("How much of it there is."),
        gpu: z.int().min(0).max(15).optional().describe("The GPU that has it. Default: every one."),
      }),
    )
    .max(64)
    .default([])
    .describe("Resources for which runs of instances wait. Default: as much as the largest `rateLimiter` asks."),
});

export const tritonRelease = settings({
  engine: z.literal("triton").describe("NVIDIA Triton Inference Server with a repository of models."),
  models: z
    .record(tritonModelName, tritonModel)
    .refine((models) => Object.keys(models).length > 0, "at least one model")
    .describe(
      "The models of the repository. Their configs are written from this; those of the repository do not count.",
    ),
  serves: tritonModelName
    .optional()
    .describe("The model that clients call. Default: the only model, or the only ensemble."),
  repository: repository
    .optional()
    .describe(
      "Where the models' versions are, as `<model>/<version>/`. Needed where a model has files; configs are not read from it.",
    ),
  image: pinnedImage
    .optional()
    .describe("The image by tag and digest. Default: that of `images`, else the published one of the version."),
  openai: openai
    .optional()
    .describe("OpenAI's API in front of a language model, in place of KServe's. Default: KServe's alone."),
  ...everyRelease,
  capacity: perSecond
    .optional()
    .describe(
      "Requests that one pod serves while it keeps the promises of its routes, as measured. Default: computed for language models, else not known.",
    ),
  start: durationSeconds
    .optional()
    .describe(
      "From the container's start to the first request, as measured. Default: computed from sizes and timings.",
    ),
  responseCache: settings({ size: sizeGiB.describe("Memory of the cache.") })
    .optional()
    .describe("A cache of answers in the pod's memory, for models that use it. Default: none."),
  rateLimit: rateLimit
    .optional()
    .describe("Whether runs of instances wait for resources. Default: a run needs nothing but its instance."),
  latencyHistograms: z
    .boolean()
    .default(true)
    .describe("Whether the metrics have a histogram of the time to the first answer. Default true."),
  sharedMemory: sizeGiB
    .default(1)
    .describe(
      "Size of /dev/shm, through which models in Python exchange tensors. Default 1GiB, as Triton's guides start it.",
    ),
  apiKey,
});

export type TritonSettings = z.output<typeof tritonRelease>;
export type TritonRepositorySettings = z.output<typeof repository>;
export type TritonOpenaiSettings = z.output<typeof openai>;
export type { BuiltForLanguageModelSettings, BuiltForSettings } from "./built-for";
export type { LanguageModelSettings } from "./language-model";
export type {
  InstanceGroupSettings,
  ModelResourcesSettings,
  VersionPolicySettings,
  WarmUpSettings,
} from "./model-parts";
export type {
  EnsembleSettings,
  EnsembleStepSettings,
  TensorrtLlmSettings,
  TensorrtSettings,
  TritonModelSettings,
} from "./models";
export type { DynamicBatchingSettings, QueuePolicySettings, SequenceBatchingSettings } from "./scheduling";
export type { InputTensorSettings, OutputTensorSettings } from "./tensors";
