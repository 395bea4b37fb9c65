import { smallest } from "./environments";

type Written = Readonly<Record<string, unknown>>;

/** An image by tag and digest: of most of Triton's images nobody knows the digest. */
export const tritonImage = `nvcr.io/nvidia/tritonserver:26.07-py3@sha256:${"7".repeat(64)}`;

const host = { cpu: 1, memory: "2GiB" };
const text = { name: "text", type: "TYPE_STRING", dims: [1] };
const inputIds = { name: "input_ids", type: "TYPE_INT64", dims: [-1] };
const logits = { name: "logits", type: "TYPE_FP32", dims: [-1, 128256] };
const output = { name: "output", type: "TYPE_STRING", dims: [1] };

/** What the engine of the reference was built for: FP16, batches of 1 to 16 texts of 1 to 2048 tokens, on an A100. */
export const builtFor = {
  model: "meta-llama/Llama-3.1-8B-Instruct@0e9e39f249a16976918f6564b8830bc894c89659",
  dataType: "float16",
  computeCapability: "8.0",
  container: "26.07",
  maxBatchSize: 16,
  profiles: [{ input: "input_ids", min: [1, 1], opt: [8, 512], max: [16, 2048] }],
};

/** The models of the reference ensemble, its steps last first: the order of the file is not the order of running. */
export const referenceModels = {
  llama_8b_ensemble: {
    backend: "ensemble",
    maxBatchSize: 16,
    inputs: [text],
    outputs: [output],
    steps: [
      { model: "postprocessor", inputs: { logits: "logits" }, outputs: { output: "output" } },
      { model: "llama_8b_tensorrt", inputs: { input_ids: "input_ids" }, outputs: { logits: "logits" } },
      { model: "tokenizer", inputs: { text: "text" }, outputs: { input_ids: "input_ids" } },
    ],
  },
  tokenizer: { backend: "python", maxBatchSize: 16, inputs: [text], outputs: [inputIds], resources: host },
  llama_8b_tensorrt: {
    backend: "tensorrt",
    maxBatchSize: 16,
    inputs: [inputIds],
    outputs: [logits],
    dynamicBatching: { preferredBatchSizes: [16], maxQueueDelay: "100ms" },
    size: "16GiB",
    builtFor,
    resources: { ...host, gpuMemory: "24GiB" },
  },
  postprocessor: { backend: "python", maxBatchSize: 16, inputs: [logits], outputs: [output], resources: host },
};

export const referenceRelease = {
  engine: "triton",
  pool: "gpus",
  image: tritonImage,
  repository: { from: "pvc", claim: "triton-models", path: "llama_8b" },
  models: referenceModels,
};

/** The reference ensemble on machines with A100s of 40 GB. */
export function withTriton(changes: Written = {}, more: Written = {}): Written {
  const gpus = { ...smallest.pools.gpus, accelerator: "A100-40GB", gpusPerNode: 4, nodes: { max: 2 } };
  return { ...smallest, pools: { gpus }, releases: { ensemble: { ...referenceRelease, ...changes } }, ...more };
}

/** The reference ensemble with one of its models changed. */
export function withModel(name: keyof typeof referenceModels, changes: Written): Written {
  return withTriton({ models: { ...referenceModels, [name]: { ...referenceModels[name], ...changes } } });
}

/** A language model inside Triton. */
export const languageModel = {
  model: "Qwen/Qwen3-8B",
  revision: "b968826d9c46dd6066d109eabc6255188de91218",
  weights: { from: "hub" },
  context: 8192,
};

export const vllmInside = {
  engine: "triton",
  pool: "gpus",
  models: { qwen: { backend: "vllm", ...languageModel } },
};

export const llmapiInside = {
  engine: "triton",
  pool: "gpus",
  image: tritonImage,
  repository: { from: "oci", image: `registry.example.com/models:1@sha256:${"8".repeat(64)}` },
  models: { qwen: { backend: "llmapi", ...languageModel } },
};

export const tensorrtLlm = {
  engine: "triton",
  pool: "gpus",
  image: tritonImage,
  repository: { from: "pvc", claim: "triton-models" },
  models: {
    llama: {
      backend: "tensorrtllm",
      maxBatchSize: 64,
      dynamicBatching: { maxQueueDelay: "1ms", preserveOrdering: true },
      versions: [1],
      size: "16GiB",
      parameters: { max_beam_width: "1" },
      decoupled: true,
      logits: "TYPE_FP16",
      kvCacheShare: 0.85,
      kvCacheReuse: true,
      chunkedContext: true,
      schedulerPolicy: "max_utilization",
      builtFor: {
        model: "meta-llama/Llama-3.1-8B-Instruct",
        dataType: "float16",
        computeCapability: "8.0",
        container: "26.07",
        maxBatchSize: 64,
        tensorParallel: 2,
        pipelineParallel: 1,
        maxSequenceLength: 8192,
      },
      resources: { cpu: 8, memory: "24GiB", gpuMemory: "12GiB" },
    },
  },
};

/** OpenAI's API in front of a language model whose tokenizer is in the repository. */
export const openaiInside = {
  ...vllmInside,
  repository: { from: "pvc", claim: "triton-models" },
  openai: { tokenizer: "tokenizer", chatTemplate: "chat.jinja", toolCallParser: "llama3", defaultMaxTokens: 512 },
};

/** An environment with this release alone, on machines with A100s of 40 GB unless it says others. */
export function only(release: Written, more: Written = {}): Written {
  return withTriton({}, { releases: { ensemble: release }, ...more });
}

/** Machines without GPUs in place of those with A100s. */
export const onProcessors = {
  pools: {
    gpus: {
      cluster: "here",
      processor: "EPYC-7763",
      machine: { cpu: 64, memory: "256GiB" },
      nodes: { max: 2 },
      price: "$1/machine-hour",
    },
  },
};

/** An encoder that runs wherever it is put. */
export const onnxEncoder = {
  backend: "onnxruntime",
  inputs: [{ name: "input_ids", type: "TYPE_INT64", dims: [-1] }],
  outputs: [{ name: "embedding", type: "TYPE_FP32", dims: [768] }],
  maxBatchSize: 32,
  size: "450MiB",
  resources: { cpu: 8, memory: "2GiB" },
};

export const onnxRelease = {
  engine: "triton",
  pool: "gpus",
  image: tritonImage,
  serves: "bert",
  repository: { from: "pvc", claim: "triton-models" },
  models: { bert: onnxEncoder },
  capacity: "20/s",
  start: "2m",
};
