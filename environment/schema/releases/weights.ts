import { z } from "zod";
import { settings } from "../../settings";
import { throughputGBps } from "../../units";
import { innerPath, name, pinnedImage, secretKey } from "../common";

/** Where weights come from, how they reach the GPU, and what of them is kept. */

const throughput = throughputGBps
  .optional()
  .describe("How fast weights come from there onto a GPU, as measured on this site. Default: the catalogue's timing.");

/** Formats that are no data alone: a pickle runs the code that is in it, and vLLM reads GGUF by a plugin of others. */
const refusedFormats = /\.(bin|pt|pth|ckpt|pkl|pickle|gguf|ggml|onnx|npz|tar|zip)$/i;

/** The directory of a model, whose weights are safetensors. */
const directory = (inside: string) =>
  innerPath(inside).refine(
    (path) => !refusedFormats.test(path),
    "the directory of a model whose weights are safetensors: pickles (.bin, .pt) run code when they are loaded, and no other format is",
  );

const load = z
  .enum(["direct", "streaming"])
  .default("direct")
  .describe(
    "How the engine reads them: `direct`, file by file, or `streaming`, over many connections at once (Run:ai Model Streamer). Default `direct`.",
  );

const claim = name.describe(
  "Name of a PersistentVolumeClaim in the serving namespace that pods may write; pods on several machines need one that all of them can mount.",
);

/** What outlives the pods of a release. */
const cache = settings({ claim })
  .optional()
  .describe(
    "A volume that keeps weights and compiled code from one pod to the next. Default: none; both are gone with the pod.",
  );

const compiledCache = settings({ claim })
  .optional()
  .describe("A volume that keeps compiled code from one pod to the next. Default: none; it is gone with the pod.");

const prefetch = z
  .boolean()
  .default(false)
  .describe(
    "Whether a Job brings the weights into `cache` before pods are replaced; pods then need neither internet nor token. Default false.",
  );

const prefetchNeedsCache = {
  path: ["prefetch"],
  message: "weights are prefetched into a volume: name one, such as `cache: { claim: model-cache }`",
};

const hub = settings({
  from: z.literal("hub").describe("Downloaded from the Hugging Face hub, at the release's `revision`."),
  token: secretKey.optional().describe("The hub token; needed for gated models."),
  load,
  cache,
  prefetch,
  throughput,
}).refine(({ prefetch, cache }) => !prefetch || cache !== undefined, prefetchNeedsCache);

const dataKey = (what: string, usual: string) =>
  z
    .string()
    .regex(/^[-._a-zA-Z0-9]+$/, "not a key of a Secret")
    .default(usual)
    .describe(`The key of the ${what} inside that Secret. Default \`${usual}\`.`);

const credentials = z.union([
  z.literal("identity"),
  settings({
    secret: name.describe("Name of a Secret in the serving namespace that holds keys for the bucket."),
    accessKeyId: dataKey("access key id", "AWS_ACCESS_KEY_ID"),
    secretAccessKey: dataKey("secret access key", "AWS_SECRET_ACCESS_KEY"),
  }),
]);

/** Whose objects they are and where the bucket is: the same for weights and for repositories of models. */
export const bucketSettings = {
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket is 3 to 63 lower-case letters, digits, dots and dashes")
    .describe("Name of the bucket."),
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, "a region is written as us-east-1")
    .describe("The bucket's region; of other stores than AWS, what they are asked with, usually us-east-1."),
};

const network = z.cidrv4("a network is written as 10.20.0.0/16").or(z.cidrv6("a network is written as fd00:1::/64"));

const s3 = settings({
  from: z
    .literal("s3")
    .describe("From a bucket, each file compared with a manifest whose own checksum is written here."),
  ...bucketSettings,
  path: directory("the bucket").describe("The model's directory in the bucket, with its manifest.json."),
  manifest: z
    .string()
    .regex(
      /^[0-9a-f]{64}$/,
      "the SHA-256 of manifest.json as 64 hexadecimal digits, so that what was tested is what is served",
    )
    .describe("SHA-256 of the directory's manifest.json, which names every file with its size and SHA-256."),
  credentials: credentials.describe(
    "Keys for the bucket: the Secret that holds them, or `identity`: what EKS gives the pod's service account.",
  ),
  endpoint: z
    .string()
    .regex(/^https:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:\d{1,5})?$/, "an endpoint is written as https://s3.example.com")
    .optional()
    .describe("Where a store other than AWS answers. Default: AWS in `region`."),
  networks: z
    .array(network)
    .min(1)
    .max(20)
    .optional()
    .describe("Networks that the endpoint's addresses are in, where they are private. Default: the internet."),
  load,
  cache,
  prefetch,
  throughput,
}).refine(({ prefetch, cache }) => !prefetch || cache !== undefined, prefetchNeedsCache);

const pvc = settings({
  from: z.literal("pvc").describe("Read from a PersistentVolumeClaim that holds the model's directory."),
  claim: name.describe("Name of the PersistentVolumeClaim in the serving namespace."),
  path: directory("the volume").describe("The model's directory inside the volume."),
  load,
  cache: compiledCache,
  throughput,
});

const oci = settings({
  from: z.literal("oci").describe("Read from an image that the machine pulls and mounts as a volume."),
  image: pinnedImage.describe("The image with the weights by tag and digest."),
  path: directory("the image").describe("The model's directory inside the image."),
  load,
  cache: compiledCache,
  throughput,
});

export const weights = z.discriminatedUnion("from", [hub, s3, pvc, oci]);

/** Where the weights of a release come from. */
export type WeightsSettings = z.output<typeof weights>;
/** Keys for a bucket. */
export type BucketCredentials = z.output<typeof credentials>;
