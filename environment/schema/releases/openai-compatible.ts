import { z } from "zod";
import { settings } from "../../settings";
import { durationSeconds, perSecond, sizeGiB } from "../../units";
import { count, name, pinnedImage, secretKey, variableName } from "../common";
import { apiKey, everyRelease } from "./common";

const path = z.string().regex(/^\/[\w./-]*$/, "a path of the server begins with a slash, such as /health");
const folder = z
  .string()
  .regex(/^(\/[\w.-]+)+$/, "a folder is an absolute path, such as /var/cache")
  .refine((path) => !path.split("/").includes(".."), "a folder is written without `..`");
const port = z.int().min(1024).max(65535);

const resources = settings({
  cpu: count.describe("CPU that a pod asks for."),
  memory: sizeGiB.describe("Memory of a pod, with what is in `sharedMemory`."),
  disk: sizeGiB.describe("Disk of a pod: everything in `scratch`, and logs."),
  gpus: z.int().min(0).max(16).default(0).describe("GPUs of a pod. Default 0."),
  sharedMemory: sizeGiB.optional().describe("Size of /dev/shm. Default: none is mounted."),
}).refine(({ memory, sharedMemory = 0 }) => sharedMemory < memory, {
  path: ["sharedMemory"],
  message: "shared memory is part of the pod's memory, so it is smaller",
});

const scratch = settings({
  path: folder.describe("Where the container writes."),
  size: sizeGiB.describe("How much it may write; it is gone with the pod."),
});

const volume = settings({
  claim: name.describe("Name of a PersistentVolumeClaim in the serving namespace."),
  path: folder.describe("Where the container reads it."),
});

const metricName = z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, "not the name of a metric");

const metrics = settings({
  port: port.optional().describe("Port of the metrics. Default: that of the requests."),
  path: path.default("/metrics").describe("Path of the metrics. Default `/metrics`."),
  waiting: metricName.optional().describe("The gauge of requests that wait for room. Default: not known."),
  running: metricName.optional().describe("The gauge of requests that are worked on. Default: not known."),
});

export const openaiCompatibleRelease = settings({
  engine: z
    .literal("openai-compatible")
    .describe("Any container that serves OpenAI's API: SGLang, TGI, BentoML, one of your own."),
  image: pinnedImage.describe("The container's image by tag and digest."),
  version: z
    .string()
    .regex(/^[\w][\w.-]{0,62}$/, "a version is letters, digits, dots and dashes")
    .describe("The version of what is in the image, as people call it."),
  servedModel: z.string().min(1).max(200).describe("The name by which requests name the model."),
  command: z.array(z.string().min(1)).min(1).optional().describe("In place of the image's own entry point."),
  args: z.array(z.string()).default([]).describe("Arguments of the container. Default: none."),
  variables: z
    .record(variableName, z.string())
    .default({})
    .describe("Environment variables that are not secret. Default: none."),
  secretVariables: z
    .record(variableName, secretKey)
    .default({})
    .describe("Environment variables whose values are in Secrets. Default: none."),
  user: settings({
    id: count.describe("User id that the container runs as; never root."),
    group: count.optional().describe("Its group. Default: the user id."),
  }).describe("Who the container runs as."),
  port: port.default(8000).describe("Port of the API. Default 8000."),
  probes: settings({
    ready: path.describe("Answers 200 once the model is loaded and requests are served."),
    live: path.optional().describe("Answers 200 as long as the process works. Default: `ready`."),
  }).describe("Paths that say how the container is."),
  metrics: metrics.optional().describe("Metrics of the container. Default: none are read."),
  resources: resources.describe(
    "What one pod asks of its machine. Nothing of it is computed for a container that we do not know.",
  ),
  scratch: z
    .array(scratch)
    .default([])
    .describe("Folders that the container writes; the rest is read-only. Default: none."),
  volumes: z.array(volume).default([]).describe("Volumes that it reads, such as one with weights. Default: none."),
  start: durationSeconds.describe("From the container's start to the first request, as measured."),
  drains: z
    .boolean()
    .default(false)
    .describe("Whether the container finishes its requests after SIGTERM within the pod's grace. Default false."),
  capacity: perSecond
    .optional()
    .describe(
      "Requests that one pod serves while it keeps the promises of its routes, as measured. Default: not known.",
    ),
  ...everyRelease,
  apiKey: settings({
    variable: variableName.describe("The environment variable by which the container takes the key."),
    key: apiKey,
  })
    .optional()
    .describe(
      "The key that the container asks of its clients. Default: it asks for none, and the network policy alone protects it.",
    ),
});

export type OpenaiCompatibleSettings = z.output<typeof openaiCompatibleRelease>;
