import fc from "fast-check";
import type { Written } from "../planning/parsed";

const commit = "b968826d9c46dd6066d109eabc6255188de91218";
const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Pools of every kind, large enough for most of what is put on them and too small for some. */
const pools: Readonly<Record<string, fc.Arbitrary<Written>>> = {
  l40s: fc.record({
    cluster: fc.constant("here"),
    accelerator: fc.constant("L40S"),
    gpusPerNode: pick(1, 2, 4),
    nodes: fc.record({ max: pick(2, 4) }),
    machine: fc.record({ cpu: pick(16, 48), memory: pick("128GiB", "512GiB"), disk: pick("200GiB", "1TiB") }),
    price: fc.constant("$2/GPU-hour"),
  }),
  a100: fc.record({
    cluster: fc.constant("here"),
    accelerator: fc.constant("A100-80GB"),
    gpusPerNode: pick(4, 8),
    nodes: fc.record({ max: pick(2, 6) }),
    machine: fc.record({ cpu: pick(64, 128), memory: pick("512GiB", "2TiB"), disk: pick("1TiB", "4TiB") }),
    price: fc.constant("$2/GPU-hour"),
    fabric: fc.constant({ kind: "ethernet", bandwidth: "100Gbps" }),
  }),
  epyc: fc.record({
    cluster: fc.constant("here"),
    processor: fc.constant("EPYC-7763"),
    nodes: fc.record({ max: pick(1, 3) }),
    machine: fc.record({ cpu: pick(64, 128), memory: pick("64GiB", "256GiB"), disk: fc.constant("500GiB") }),
    price: fc.constant("$0.80/machine-hour"),
  }),
};

/** What the operators of releases with objects of their own are asked for. */
const cluster = {
  kind: "existing",
  context: "here",
  operators: ["keda", "leader-worker-set", "kuberay", "prometheus-operator"],
  prometheus: "http://prometheus.monitoring.svc:9090",
  apiServer: { networks: ["10.0.0.0/28"] },
};

const weights = pick<Written>(
  { from: "hub", token: { secret: "hf-token", key: "token" } },
  { from: "pvc", claim: "weights", path: "model" },
);

/** Settings that the arbitraries leave out keep their defaults. */
const inVllm = fc.record(
  {
    model: pick("Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B", "Qwen/Qwen3-32B", "meta-llama/Llama-3.1-70B-Instruct"),
    revision: fc.constant(commit),
    weights,
    pool: pick("l40s", "a100"),
    context: pick(2048, 8192, 32768),
    replicas: pick<unknown>(1, 2, { min: 1, max: 3 }),
    tensorParallel: pick(1, 2, 4, 8),
    pipelineParallel: pick(1, 2),
    maxSequences: pick(4, 64, 512),
    batchedTokens: pick(2048, 16384),
    kvCache: pick("auto", "fp8"),
    gpuMemoryUtilization: pick(0.6, 0.9, 0.95),
    quantization: pick("native", "auto", "fp8"),
    enforceEager: fc.boolean(),
    longestRequest: pick("10s", "5m", "1h"),
    kvOffload: pick("4GiB", "32GiB"),
    draft: fc.constant({ method: "ngram", tokens: 4 }),
    lora: fc.constant({ maxAdapters: 4, maxRank: 64 }),
    priority: pick("critical", "batch"),
  },
  { requiredKeys: ["model", "revision", "weights", "pool", "context"] },
);

const vllm = inVllm.map((settings): Written => ({ ...settings, engine: "vllm" }));
const rayServe = inVllm.map((settings): Written => {
  const { lora, ...others } = settings;
  return { ...(lora === undefined ? settings : others), engine: "ray-serve" };
});

/** One replica over two machines, each of whose GPUs it takes. */
const group = fc.record({
  engine: fc.constant("vllm"),
  model: fc.constant("meta-llama/Llama-3.1-70B-Instruct"),
  revision: fc.constant(commit),
  weights,
  pool: fc.constant("a100"),
  context: pick(8192, 32768),
  nodes: fc.constant(2),
  tensorParallel: pick(4, 8),
  pipelineParallel: fc.constant(2),
  longestRequest: pick("10s", "5m", "1h"),
});

const textEmbeddings = fc.record(
  {
    engine: fc.constant("text-embeddings-inference"),
    model: pick("intfloat/multilingual-e5-large", "BAAI/bge-reranker-v2-m3"),
    revision: fc.constant(commit),
    weights: pick<Written>({ from: "hub" }, { from: "pvc", claim: "weights", path: "model" }),
    pool: fc.constant("epyc"),
    cpu: pick(8, 32),
    maxBatchTokens: pick(512, 4096),
    replicas: pick<unknown>(1, 2),
    longestRequest: pick("1m", "5m", "1h"),
  },
  { requiredKeys: ["engine", "model", "revision", "weights", "pool"] },
);

const tritonTensors = {
  maxBatchSize: 16,
  inputs: [{ name: "in", type: "TYPE_INT64", dims: [-1] }],
  outputs: [{ name: "out", type: "TYPE_FP32", dims: [-1, 768] }],
};

const triton = fc.record(
  {
    engine: fc.constant("triton"),
    image: fc.constant(`registry.example.com/tritonserver:26.07-py3@sha256:${"6".repeat(64)}`),
    pool: pick("l40s", "a100", "epyc"),
    repository: pick<Written>(
      { from: "pvc", claim: "models" },
      { from: "oci", image: `registry.example.com/models:v1@sha256:${"6".repeat(64)}` },
    ),
    models: fc
      .record({ count: pick(1, 3), cpu: pick(1, 8), memory: pick("1GiB", "16GiB"), size: pick("450MiB", "10GiB") })
      .map(({ count, cpu, memory, size }) => ({
        encoder: {
          backend: "onnxruntime",
          ...tritonTensors,
          instanceGroups: [{ count, kind: "cpu" }],
          size,
          resources: { cpu, memory },
        },
      })),
    sharedMemory: pick("1GiB", "8GiB"),
    replicas: pick<unknown>(1, 2),
    longestRequest: pick("10s", "5m", "1h"),
  },
  { requiredKeys: ["engine", "image", "pool", "repository", "models"] },
);

const openaiCompatible = fc.record(
  {
    engine: fc.constant("openai-compatible"),
    image: fc.constant(`registry.example.com/sglang:v1@sha256:${"5".repeat(64)}`),
    version: fc.constant("1"),
    servedModel: fc.constant("model"),
    user: fc.constant({ id: 1000 }),
    probes: fc.constant({ ready: "/health" }),
    resources: fc.record({
      cpu: pick(1, 8, 64),
      memory: pick("8GiB", "64GiB"),
      disk: pick("20GiB", "100GiB"),
      gpus: pick(0, 1, 2),
      sharedMemory: pick("1GiB", "4GiB"),
    }),
    scratch: pick<readonly Written[]>([], [{ path: "/tmp", size: "10GiB" }]),
    start: pick("10s", "20m"),
    drains: fc.boolean(),
    replicas: pick<unknown>(1, 2),
    longestRequest: pick("10s", "5m", "1h"),
    pool: pick("l40s", "a100"),
  },
  { requiredKeys: ["engine", "image", "version", "servedModel", "user", "probes", "resources", "start", "pool"] },
);

/** A release of each engine, and of vLLM over several machines. */
export const releases: Readonly<Record<string, fc.Arbitrary<Written>>> = {
  vllm,
  "vllm over machines": group,
  "ray-serve": rayServe,
  triton,
  "text-embeddings-inference": textEmbeddings,
  "openai-compatible": openaiCompatible,
};

/** Environments with one release of a kind, alone or beside one of any other: many of them can be planned. */
export function environmentsWith(release: fc.Arbitrary<Written>): fc.Arbitrary<Written> {
  return fc.record({
    clusters: fc.constant({ here: cluster }),
    images: fc.constant({ "ray-serve": `registry.example.com/ray-llm:2.60.0@sha256:${"7".repeat(64)}` }),
    pools: fc.record(pools),
    releases: fc
      .tuple(release, fc.option(fc.oneof(...Object.values(releases)), { freq: 2 }))
      .map(([first, second]) => (second === null ? { first } : { first, second })),
  });
}
