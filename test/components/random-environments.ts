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
  }),
};

const weights = pick<Written>(
  { from: "hub", token: { secret: "hf-token", key: "token" } },
  { from: "pvc", claim: "weights", path: "model" },
);

/** Settings that the arbitraries leave out keep their defaults. */
const vllm = fc.record(
  {
    engine: fc.constant("vllm"),
    model: pick("Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B", "Qwen/Qwen3-32B", "meta-llama/Llama-3.1-70B-Instruct"),
    revision: fc.constant(commit),
    weights,
    pool: pick("l40s", "a100"),
    context: pick(2048, 8192, 32768),
    replicas: pick<unknown>(1, 2, 3),
    tensorParallel: pick(1, 2, 4, 8),
    pipelineParallel: pick(1, 2),
    maxSequences: pick(4, 64, 512),
    batchedTokens: pick(2048, 16384),
    kvCache: pick("auto", "fp8"),
    gpuMemoryUtilization: pick(0.6, 0.9, 0.95),
    quantization: pick("native", "auto", "fp8"),
    enforceEager: fc.boolean(),
    longestRequest: pick("10s", "5m", "1h"),
  },
  { requiredKeys: ["engine", "model", "revision", "weights", "pool", "context"] },
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

/** Environments of one to three releases of any engine, about half of which can be planned. */
export const environments: fc.Arbitrary<Written> = fc.record({
  clusters: fc.constant({ here: { kind: "existing", context: "here" } }),
  pools: fc.record(pools),
  releases: fc
    .array(fc.oneof(vllm, openaiCompatible), { minLength: 1, maxLength: 3 })
    .map((releases) => Object.fromEntries(releases.map((release, index) => [`release-${index}`, release]))),
});
