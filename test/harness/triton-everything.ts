import {
  builtFor,
  languageModel,
  llmapiInside,
  openaiInside,
  referenceRelease,
  tensorrtLlm,
  tritonImage,
  vllmInside,
} from "./triton";

type Written = Readonly<Record<string, unknown>>;

const encoderTensors = {
  inputs: [
    { name: "input_ids", type: "TYPE_INT64", dims: [-1] },
    { name: "attention_mask", type: "TYPE_INT64", dims: [-1] },
  ],
  outputs: [{ name: "last_hidden_state", type: "TYPE_FP32", dims: [-1, 768] }],
};

/** Models that between them have a value for every setting of models. */
export const everyModel = {
  bert: {
    backend: "onnxruntime",
    ...encoderTensors,
    maxBatchSize: 32,
    dynamicBatching: {
      preferredBatchSizes: [8, 16],
      maxQueueDelay: "5ms",
      queue: { timeoutAction: "delay", timeout: "2s", requestsMaySetTimeout: true, maxSize: 256 },
      priorities: {
        levels: 2,
        default: 2,
        queues: { "1": { timeoutAction: "reject", timeout: "500ms", requestsMaySetTimeout: false, maxSize: 32 } },
      },
    },
    instanceGroups: [
      {
        count: 2,
        gpus: [0, 1],
        rateLimiter: {
          resources: [
            { name: "copies", global: true, count: 1 },
            { name: "slots", count: 2 },
          ],
          priority: 2,
        },
      },
    ],
    versions: [1, 2, 5],
    versionPolicy: { latest: 2 },
    file: "bert.onnx",
    size: "450MiB",
    responseCache: true,
    warmUp: [
      {
        name: "one-short-text",
        batchSize: 8,
        count: 3,
        inputs: [
          { name: "input_ids", dims: [16], data: "zero" },
          { name: "attention_mask", dims: [16], data: "random" },
        ],
      },
    ],
    parameters: { intra_op_thread_count: "4", note: 'quotes "and" \\ and ü' },
    accelerator: { name: "tensorrt", parameters: { precision_mode: "FP16" } },
    resources: { cpu: 2, memory: "1GiB", gpuMemory: "2GiB" },
  },
  classifier: {
    backend: "pytorch",
    inputs: [{ name: "INPUT__0", type: "TYPE_FP16", dims: [3, 224, 224], reshape: [3, 50176], ragged: true }],
    outputs: [{ name: "OUTPUT__0", type: "TYPE_FP32", dims: [1000], labels: "labels.txt" }],
    maxBatchSize: 8,
    versions: [3, 4],
    versionPolicy: { specific: [4] },
    size: "100MiB",
    resources: { cpu: 1, memory: "1GiB" },
  },
  speech: {
    backend: "python",
    inputs: [
      { name: "chunk", type: "TYPE_FP32", dims: [-1] },
      { name: "language", type: "TYPE_STRING", dims: [1], optional: true },
    ],
    outputs: [{ name: "words", type: "TYPE_STRING", dims: [-1] }],
    maxBatchSize: 4,
    sequenceBatching: {
      strategy: {
        kind: "oldest",
        maxCandidateSequences: 64,
        preferredBatchSizes: [4],
        maxQueueDelay: "10ms",
        preserveOrdering: true,
      },
      maxIdle: "30s",
      controls: [
        { input: "START", kind: "start", type: "TYPE_BOOL" },
        { input: "READY", kind: "ready", type: "TYPE_INT32" },
        { input: "END", kind: "end", type: "TYPE_FP32" },
        { input: "CORRID", kind: "correlation-id", type: "TYPE_UINT64" },
      ],
      iterative: true,
      states: [{ input: "HIDDEN_IN", output: "HIDDEN_OUT", type: "TYPE_FP32", dims: [128], zeroed: true }],
    },
    instanceGroups: [{ count: 1, kind: "cpu" }],
    decoupled: true,
    size: "2GiB",
    resources: { cpu: 1.5, memory: "3GiB" },
  },
  ranker: {
    backend: "tensorrt",
    inputs: [{ name: "features", type: "TYPE_FP32", dims: [64] }],
    outputs: [{ name: "score", type: "TYPE_FP32", dims: [1], reshape: [] }],
    maxBatchSize: 64,
    sequenceBatching: { strategy: { kind: "direct", maxQueueDelay: "1ms", minimumSlotUtilization: 0.5 } },
    instanceGroups: [{ count: 1, gpus: [1], profiles: [0, 1] }],
    size: "64MiB",
    builtFor: {
      ...builtFor,
      model: "ranker-7",
      maxBatchSize: 64,
      profiles: [{ input: "features", min: [1, 64], opt: [8, 64], max: [64, 64] }],
    },
    resources: { cpu: 1, memory: "1GiB", gpuMemory: "1GiB" },
  },
  old: {
    backend: "tensorflow",
    inputs: [{ name: "x", type: "TYPE_FP64", dims: [2] }],
    outputs: [{ name: "y", type: "TYPE_FP64", dims: [1] }],
    maxBatchSize: 0,
    size: "10MiB",
    resources: { cpu: 1, memory: "1GiB" },
  },
  both: {
    backend: "ensemble",
    ...encoderTensors,
    maxBatchSize: 16,
    steps: [
      {
        model: "bert",
        version: 5,
        inputs: { input_ids: "input_ids", attention_mask: "attention_mask" },
        outputs: { last_hidden_state: "last_hidden_state" },
      },
    ],
    responseCache: true,
    maxInflightRequests: 64,
  },
};

/** A release that has a value for every setting of its own. */
export const everySetting = {
  engine: "triton",
  pool: "gpus",
  image: tritonImage,
  serves: "both",
  repository: { from: "s3", bucket: "models", region: "eu-central-1", path: "triton/everything" },
  models: everyModel,
  capacity: "20/s",
  start: "2m",
  responseCache: { size: "2GiB" },
  rateLimit: {
    resources: [
      { name: "copies", count: 4 },
      { name: "slots", count: 2, gpu: 1 },
    ],
  },
  latencyHistograms: false,
  sharedMemory: "4GiB",
  apiKey: { secret: "triton-key", key: "token" },
};

const pinnedWeights = `registry.example.com/weights:1@sha256:${"8".repeat(64)}`;

/** Releases on machines with A100s that between them have a value for every setting of Triton. */
export function everyRelease(pool: string): Readonly<Record<string, Written>> {
  const inside = (weights: Written, more: Written = {}) => ({
    ...openaiInside,
    pool,
    models: { qwen: { ...vllmInside.models.qwen, weights, ...more } },
  });
  const said = {
    quantization: "native",
    tensorParallel: 1,
    pipelineParallel: 1,
    expertParallel: false,
    maxSequences: 32,
    batchedTokens: 4096,
    kvCache: "auto",
    gpuMemoryUtilization: 0.9,
    enforceEager: true,
  };
  const api = { ...languageModel, backend: "llmapi", decoupled: true };
  const hub = { token: { secret: "hf-token", key: "token" }, cache: { claim: "model-cache" }, prefetch: false };
  const bucket = {
    from: "s3",
    bucket: "models",
    region: "us-east-1",
    path: "qwen",
    manifest: "a".repeat(64),
    credentials: { secret: "bucket", accessKeyId: "id", secretAccessKey: "key" },
    endpoint: "https://s3.example.com:9000",
    networks: ["10.1.0.0/16"],
    load: "direct",
    throughput: "1GB/s",
  };
  return {
    "triton-all": { ...everySetting, pool },
    "triton-reference": { ...referenceRelease, pool },
    "triton-engine": { ...tensorrtLlm, pool },
    "triton-hub": { ...llmapiInside, pool, models: { qwen: { ...api, weights: { from: "hub", ...hub } } } },
    "triton-bucket": inside(bucket, said),
    "triton-image": inside({ from: "oci", image: pinnedWeights, path: "qwen" }),
    "triton-volume": inside({ from: "pvc", claim: "weights", path: "qwen" }),
  };
}
