import { describe, expect, it } from "vitest";
import { replicaOf, type FitQuestion, type OnGpus } from "../../../planning/fit";
import type { Parallel, Replica } from "../../../planning/replica";

function understood(question: FitQuestion): OnGpus {
  const found = replicaOf({ model: "Qwen3-14B", gpu: "L40S", ...question });
  if ("replica" in found) return found;
  throw new Error(JSON.stringify(found));
}

const replica = (question: FitQuestion): Replica => understood(question).replica;

describe("what is left out is the engine's own default", () => {
  it("for a model and a GPU alone", () => {
    const { model, gpu, weights, kv, context, engine, maxSequences, batchedTokens, interconnect } = replica({});
    expect({ model: model.id, gpu: gpu.id, weights, kv, context, maxSequences, batchedTokens, interconnect }).toEqual({
      model: "Qwen/Qwen3-14B",
      gpu: "L40S",
      weights: "bf16",
      kv: "bf16",
      context: 40960,
      maxSequences: 256,
      batchedTokens: 2048,
      interconnect: "none",
    });
    expect(engine).toEqual({ kind: "vllm", version: "0.31.0", gpuMemoryUtilization: 0.92, eager: false });
  });

  it.each<[what: string, question: FitQuestion, expected: Partial<Replica>]>([
    ["an H100 has larger steps", { gpu: "H100-SXM" }, { maxSequences: 1024, batchedTokens: 8192 }],
    ["an A100 has not", { gpu: "A100-80GB" }, { maxSequences: 256, batchedTokens: 2048 }],
    ["a B200 has larger ones yet", { gpu: "B200" }, { maxSequences: 1024, batchedTokens: 16384 }],
    ["but not before 0.28", { gpu: "B200", engineVersion: "0.27.0" }, { batchedTokens: 8192 }],
    ["memory that was measured decides it", { gpu: "B200", cudaTotalGib: 100 }, { batchedTokens: 8192 }],
    ["few tokens of a step are few sequences", { maxNumBatchedTokens: 128 }, { maxSequences: 128 }],
    ["few sequences of a short context are few tokens", { maxNumSeqs: 2, maxModelLen: 512 }, { batchedTokens: 1024 }],
    [
      "until 0.8 a step held a whole prompt",
      { engineVersion: "0.6.x V0 (Dec 2024)", maxModelLen: 29000 },
      { maxSequences: 256, batchedTokens: 29000 },
    ],
    ["unless the context was long", { engineVersion: "0.6.6" }, { batchedTokens: 2048 }],
    ["an encoder takes its longest text whole", { model: "bge-m3", gpu: "L4" }, { batchedTokens: 8192 }],
    ["and is held in 16 bits", { model: "bge-m3", gpu: "L4" }, { weights: "fp16", kv: "fp16" }],
    ["a name says the format", { model: "Qwen3-14B-AWQ" }, { weights: "awq", kv: "bf16" }],
    ["which another one overrides", { model: "Qwen3-14B-AWQ", quantization: "gptq" }, { weights: "gptq" }],
    ["GPUs without bfloat16 get float16", { gpu: "T4" }, { weights: "fp16", kv: "fp16" }],
    [
      "also those before Turing, of versions that ran there",
      { gpu: "V100-32GB", engineVersion: "0.11" },
      { weights: "fp16" },
    ],
  ])("%s", (_what, question, expected) => {
    expect(replica(question)).toMatchObject(expected);
  });

  it.each([
    ["0.19.1", 0.9],
    ["0.20.0", 0.92],
    ["0.99.0", 0.92],
  ])("the share of memory of %s is %d", (engineVersion, gpuMemoryUtilization) => {
    expect(replica({ engineVersion }).engine).toMatchObject({ gpuMemoryUtilization });
  });

  it("of TensorRT-LLM is a share of what is free", () => {
    expect(replica({ engine: "tensorrt-llm", gpuMemoryUtilization: 0.8 })).toMatchObject({
      engine: { kind: "tensorrt-llm", freeMemoryFraction: 0.8 },
      batchedTokens: 8192,
    });
  });
});

describe("a version is found in what people write", () => {
  it.each([
    ["0.28.0", "0.28.0"],
    ["v0.28.0", "0.28.0"],
    ["0.6.x", "0.6.0"],
    ["~0.10.2 (Sep 2025)", "0.10.2"],
    ["vLLM 0.23.0", "0.23.0"],
    ["0.31", "0.31.0"],
    ["0.11.0rc2", "0.11.0"],
  ])("%s is %s", (engineVersion, version) => {
    expect(replica({ engineVersion }).engine.version).toBe(version);
  });

  it.each(["Jun 2025 V1", "latest", "7"])("%s has none", (engineVersion) => {
    expect(replicaOf({ model: "Qwen3-14B", gpu: "L40S", engineVersion })).toEqual({
      problems: [
        {
          key: "engineVersion",
          message: `${JSON.stringify(engineVersion)} names no version; allowed: major.minor.patch, such as 0.31.0`,
        },
      ],
    });
  });
});

const moe = "Qwen3-30B-A3B";

describe("GPUs are shared out", () => {
  it.each<[what: string, question: FitQuestion, parallel: Partial<Parallel>, replicas: number]>([
    ["all of them share each layer", { gpus: 4 }, { tensor: 4, pipeline: 1, data: 1 }, 1],
    ["beside stages", { gpus: 8, pipelineParallel: 2 }, { tensor: 4, pipeline: 2 }, 1],
    ["what is left of a dense model's are replicas", { gpus: 8, tensorParallel: 4 }, { tensor: 4, data: 1 }, 2],
    ["data parallel replicas, too", { dataParallel: 2 }, { tensor: 1, data: 1 }, 2],
    ["and both together", { gpus: 8, tensorParallel: 2, dataParallel: 2 }, { tensor: 2, data: 1 }, 4],
    [
      "what is left of experts' are data parallel",
      { model: moe, gpus: 8, tensorParallel: 4 },
      { tensor: 4, data: 2 },
      1,
    ],
    ["unless it is said otherwise", { model: moe, gpus: 8, tensorParallel: 4, dataParallel: 1 }, { data: 1 }, 2],
    [
      "the rest of data parallel ones is tensor parallel",
      { model: moe, gpus: 8, dataParallel: 4 },
      { tensor: 2, data: 4 },
      1,
    ],
    ["degrees alone say how many", { tensorParallel: 2, pipelineParallel: 2 }, { tensor: 2, pipeline: 2 }, 1],
  ])("%s", (_what, question, parallel, replicas) => {
    const found = understood(question);
    expect(found.replica.parallel).toMatchObject(parallel);
    expect(found.replicas).toBe(replicas);
  });

  it("a product that is not their number is refused with what would do", () => {
    expect(replicaOf({ model: "Qwen3-14B", gpu: "L40S", gpus: 8, tensorParallel: 4, pipelineParallel: 3 })).toEqual({
      problems: [{ key: "gpus", message: "8 GPUs cannot be 4 tensor × 3 pipeline parallel; allowed: multiples of 12" }],
    });
  });
});

describe("all problems are told at once", () => {
  const keysOf = (question: FitQuestion): readonly string[] => {
    const found = replicaOf(question);
    return "problems" in found ? found.problems.map(({ key }) => key) : [];
  };

  it.each<[what: string, question: FitQuestion, keys: readonly string[]]>([
    ["nothing but a question", {}, ["model", "gpu"]],
    ["unknown names", { model: "Qwenn", gpu: "L44", engineVersion: "new" }, ["model", "gpu", "engineVersion"]],
    [
      "a format that the GPU has not, of an unknown model",
      { model: "Qwenn", gpu: "T4", quantization: "fp8" },
      ["model", "quantization"],
    ],
    [
      "degrees that a model has not, on an unknown GPU",
      { model: "Qwen3-14B", gpu: "L44", tensorParallel: 3, maxModelLen: 99_999, quantization: "fp8" },
      ["gpu", "tensorParallel", "maxModelLen"],
    ],
    [
      "several of a question that is understood",
      { model: "Qwen3-14B", gpu: "T4", gpus: 3, quantization: "fp8", kvCacheDtype: "fp8", inputTokens: 50_000 },
      ["gpus", "quantization", "kvCacheDtype", "inputTokens"],
    ],
    [
      "GPUs that do not divide beside a format",
      { model: "Qwen3-14B", gpu: "T4", gpus: 8, tensorParallel: 3, quantization: "fp8" },
      ["gpus", "quantization"],
    ],
    ["a decoder on a processor", { model: "Qwen3-14B", gpu: "EPYC-7763", gpus: 2 }, ["gpu", "gpus"]],
  ])("%s", (_what, question, keys) => {
    expect(keysOf(question)).toEqual(keys);
  });
});

it("a GPU that the engine has left is refused with the GPUs and versions that do", () => {
  const found = replicaOf({ model: "Qwen3-14B", gpu: "V100-32GB" });
  const [problem] = "problems" in found ? found.problems : [];
  expect(problem?.key).toBe("gpu");
  expect(problem?.message).toMatch(
    /is older than 7.5, where this engine starts; allowed: T4, A10G, .*, or vLLM up to 0\.19$/,
  );
});

it("a config.json is as good as a name", () => {
  const config = {
    architectures: ["LlamaForCausalLM"],
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    num_hidden_layers: 32,
    intermediate_size: 14336,
    vocab_size: 128256,
    max_position_embeddings: 131072,
    torch_dtype: "bfloat16",
  };
  const own = replica({ model: "my-llama", config });
  const known = replica({ model: "Llama-3.1-8B" });
  expect(own.model).toMatchObject({ id: "my-llama", totalParameters: known.model.totalParameters });
  expect({ ...own, model: null }).toEqual({ ...known, model: null });
});
