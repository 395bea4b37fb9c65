import { z } from "zod";
import { gpuIds } from "../catalog/gpus";
import { modelIds } from "../catalog/models";
import { pinnedVllmVersion, vllmVersions } from "../catalog/engines";
import type { Stage } from "./review";
import { settings } from "./settings";
import { durationSeconds, sizeGiB, usdPerGpuHour } from "./units";

/** Names become parts of Kubernetes object names: a DNS label, short enough to leave room for a role. */
const name = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    "a name is lower-case letters, digits and dashes, 40 at most, and begins with a letter",
  );

const labelKey = z
  .string()
  .regex(/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, "not a Kubernetes label key");
const labelValue = z
  .string()
  .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/, "not a Kubernetes label value");
const count = z.int().min(1);

const secretKey = settings({
  secret: name.describe("Name of a Secret in the serving namespace; whoever runs the secret store provides it."),
  key: z
    .string()
    .regex(/^[-._a-zA-Z0-9]+$/, "not a key of a Secret")
    .describe("The key inside that Secret."),
});

const override = settings({
  reason: z
    .string()
    .min(20, "a reason has at least 20 characters: it is read at night by somebody who does not know it")
    .describe("Why this is right all the same, for those who read it later."),
  expires: z.iso
    .date("a date is written as 2027-01-31")
    .describe("The last day on which it holds, such as 2027-01-31."),
});

/** By the finding's name; planning knows which there are. */
const overrides = z
  .record(z.string(), override)
  .default({})
  .describe("Findings of planning that do not hold here, by name, each with its reason and its last day.");

const cluster = settings({
  kind: z.literal("existing").describe("A cluster that somebody else made and that a kubeconfig reaches."),
  context: z
    .string()
    .min(1)
    .describe(
      "The kubeconfig context that this environment may touch. No other cluster is ever used, whatever is current.",
    ),
});

const machine = settings({
  cpu: count.describe("CPU cores of one machine."),
  memory: sizeGiB.describe("Memory of one machine."),
  disk: sizeGiB
    .default(200)
    .describe("Disk that pods of one machine share for images, weights and caches. Default 200GiB."),
});

const pool = settings({
  cluster: name.describe("One of `clusters`."),
  accelerator: z.enum(gpuIds).describe("The GPU that every machine of the pool has, by its name in the catalogue."),
  gpusPerNode: count.max(16).describe("GPUs of one machine."),
  nodes: settings({
    max: count.max(5000).describe("Machines that the pool can reach; for an existing cluster: that there are."),
  }).describe("How many machines the pool has."),
  machine: machine.describe("What one machine has beside its GPUs."),
  zones: z
    .array(labelValue.min(1))
    .min(1)
    .default(["a"])
    .describe("Zones over which the machines are spread. Default: one zone, `a`."),
  selector: z
    .record(labelKey, labelValue)
    .optional()
    .describe("Labels that the machines carry. Default: `modelyard.dev/pool: <name of the pool>`."),
  overrides,
  price: usdPerGpuHour
    .optional()
    .describe("What a GPU of this pool costs an hour, amortised where the machines are owned."),
});

const weights = z.discriminatedUnion("from", [
  settings({
    from: z.literal("hub").describe("Downloaded from the Hugging Face hub when a pod starts."),
    token: secretKey.optional().describe("The hub token; needed for gated models."),
  }),
  settings({
    from: z.literal("pvc").describe("Read from a PersistentVolumeClaim that holds the model's directory."),
    claim: name.describe("Name of the PersistentVolumeClaim in the serving namespace."),
    path: z
      .string()
      .regex(/^[\w.-]+(\/[\w.-]+)*$/, "a path inside the volume, without a leading slash")
      .refine((path) => !path.split("/").includes(".."), "a path inside the volume cannot climb out of it")
      .describe("The model's directory inside the volume."),
  }),
]);

const apiKey = z.union([z.literal("generated"), secretKey]);

const vllmRelease = settings({
  engine: z.literal("vllm").describe("The inference engine that serves the model."),
  model: z.enum(modelIds).describe("The model, by its name in the catalogue."),
  revision: z
    .string()
    .regex(
      /^[0-9a-f]{40}$/,
      "a revision is the 40 hexadecimal digits of a commit, so that what was tested is what is served",
    )
    .describe("The commit of the model's repository."),
  weights: weights.describe("Where the weights come from."),
  pool: name.describe("One of `pools`."),
  replicas: count.max(1000).default(1).describe("Pods of this release. Default 1."),
  tensorParallel: z
    .union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)])
    .optional()
    .describe("GPUs that one replica is split over. Default: the smallest number that fits."),
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
  overrides,
  longestRequest: durationSeconds
    .refine((seconds) => seconds <= 3600, "the longest request is at most 1h")
    .default(300)
    .describe("The longest request that must survive a rollout. Default 5m."),
  apiKey: apiKey
    .default("generated")
    .describe(
      "The key that clients of the engine present: `generated` (development), or the Secret that holds it. Default `generated`.",
    ),
});

const release = z.discriminatedUnion("engine", [vllmRelease]);

/** What people may write in `stacks/<environment>.yaml`, after `extends` was followed. Unknown keys are errors. */
export const environmentSchema = settings({
  engines: z
    .strictObject({ vllm: z.enum(vllmVersions).default(pinnedVllmVersion).describe("The version of vLLM.") })
    .prefault({})
    .describe("Versions of the inference engines."),
  images: z
    .strictObject({
      vllm: z
        .string()
        .regex(
          /^[\w.-]+(:\d+)?(\/[\w.-]+)+:[\w.-]+@sha256:[0-9a-f]{64}$/,
          "an image is written as registry/repository:tag@sha256:digest",
        )
        .optional()
        .describe("The vLLM image by tag and digest. Default: the public image of the engine's version."),
    })
    .prefault({})
    .describe("Images to use in place of the public ones, such as a mirror's."),
  clusters: z.record(name, cluster).describe("Clusters that this environment uses."),
  pools: z.record(name, pool).describe("Groups of machines with GPUs."),
  releases: z.record(name, release).describe("Engines serving models."),
  overrides,
});

export type ClusterSettings = z.output<typeof cluster>;
export type PoolSettings = z.output<typeof pool>;
export type VllmSettings = z.output<typeof vllmRelease>;
export type ReleaseSettings = z.output<typeof release>;
export type OverrideSettings = z.output<typeof override>;
export type SecretKeySettings = z.output<typeof secretKey>;

/** One environment as the rest of the program sees it: typed, complete, every unit in its field's name. */
export interface Environment extends z.output<typeof environmentSchema> {
  /** The environment's name: the file's name and the stack's. */
  readonly name: string;
  readonly stage: Stage;
}
