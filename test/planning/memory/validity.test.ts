import { describe, expect, it } from "vitest";
import { hostNeeds, type ImpossibilityId, impossible, loadsInto } from "../../../planning/memory/index";
import { replica, type ReplicaChange } from "./replicas";

const ids = (change: ReplicaChange) => impossible(replica(change)).map(({ id }) => id);

describe("what cannot work", () => {
  it.each<{ change: ReplicaChange; id: ImpossibilityId }>([
    { change: { model: "Qwen/Qwen2.5-7B-Instruct", parallel: { tensor: 8 } }, id: "tensor-parallel-heads" },
    { change: { model: "microsoft/phi-4", parallel: { tensor: 4 } }, id: "tensor-parallel-kv-heads" },
    { change: { parallel: { pipeline: 41 } }, id: "pipeline-layers" },
    { change: { parallel: { tensor: 0 } }, id: "parallel-whole" },
    { change: { parallel: { tensor: 1.5 } }, id: "parallel-whole" },
    { change: { parallel: { data: 2 } }, id: "data-parallel-dense" },
    { change: { parallel: { expert: true } }, id: "expert-parallel-dense" },
    {
      change: {
        model: "deepseek-ai/DeepSeek-V3",
        gpu: "H200",
        weights: "fp8",
        parallel: { tensor: 8, decodeContext: 3 },
      },
      id: "decode-context-tensor",
    },
    { change: { parallel: { tensor: 8, decodeContext: 2 } }, id: "decode-context-heads" },
    {
      change: { model: "openai/gpt-oss-20b", weights: "mxfp4", parallel: { tensor: 8, decodeContext: 8 } },
      id: "decode-context-windows",
    },
    { change: { gpu: "T4" }, id: "weight-format-gpu" },
    { change: { gpu: "B200", weights: "int8" }, id: "weight-format-gpu" },
    { change: { gpu: "T4", weights: "mxfp4", model: "openai/gpt-oss-20b" }, id: "weight-format-gpu" },
    { change: { weights: "mxfp4" }, id: "weight-format-model" },
    { change: { gpu: "T4", weights: "fp16", kv: "fp8" }, id: "kv-format-gpu" },
    { change: { model: "deepseek-ai/DeepSeek-V3", gpu: "A100-80GB", weights: "fp8", kv: "fp8" }, id: "kv-format-gpu" },
    { change: { kv: "fp32" }, id: "kv-format-type" },
    { change: { gpu: "V100-16GB", weights: "fp16", kv: "fp16" }, id: "gpu-too-old" },
    { change: { vllm: { gpuMemoryUtilization: 0 } }, id: "utilisation-range" },
    { change: { vllm: { gpuMemoryUtilization: 1.2 } }, id: "utilisation-range" },
    { change: { rest: { context: 50_000 } }, id: "context-range" },
    { change: { rest: { maxSequences: 4096 } }, id: "sequences-range" },
  ])("$change: $id", ({ change, id }) => {
    expect(ids(change)).toContain(id);
  });

  it.each<{ change: ReplicaChange }>([
    { change: {} },
    { change: { vllm: { gpuMemoryUtilization: 1 } } },
    { change: { rest: { context: 40_960 } } },
    { change: { model: "Qwen/Qwen2.5-7B-Instruct", parallel: { tensor: 4 } } },
    { change: { model: "microsoft/phi-4", parallel: { tensor: 2 } } },
    {
      change: {
        model: "deepseek-ai/DeepSeek-V3",
        gpu: "H200",
        weights: "fp8",
        parallel: { tensor: 8, decodeContext: 8 },
      },
    },
    { change: { model: "Qwen/Qwen3-235B-A22B", parallel: { tensor: 8, decodeContext: 2 } } },
    { change: { model: "Qwen/Qwen3-30B-A3B", parallel: { tensor: 2, data: 4, expert: true } } },
    { change: { gpu: "T4", weights: "fp16", kv: "fp16" } },
    { change: { gpu: "A100-80GB", weights: "fp8" } },
    { change: { gpu: "A100-80GB", kv: "fp8" } },
    { change: { gpu: "T4", weights: "awq", kv: "fp16" } },
    { change: { gpu: "V100-16GB", weights: "fp16", kv: "fp16", vllm: { version: "0.6.6" } } },
    { change: { model: "openai/gpt-oss-20b", gpu: "A100-80GB", weights: "mxfp4" } },
    { change: { model: "BAAI/bge-m3", weights: "fp16", kv: "bf16", gpu: "T4" } },
  ])("$change: nothing", ({ change }) => {
    expect(ids(change)).toEqual([]);
  });

  it("names the sizes that would do", () => {
    const [found] = impossible(replica({ model: "Qwen/Qwen2.5-7B-Instruct", parallel: { tensor: 8 } }));
    expect(found).toMatchObject({ allowed: [1, 2, 4], message: "28 attention heads do not divide by tensor 8" });
  });

  it("names the formats that the GPU runs", () => {
    const [found] = impossible(replica({ gpu: "T4", kv: "fp16" }));
    expect(found?.allowed).toEqual(expect.arrayContaining(["fp16", "awq", "gptq"]));
    expect(found?.allowed).not.toContain("bf16");
  });

  it("everything at once, not one after the other", () => {
    expect(ids({ gpu: "T4", parallel: { data: 2 }, vllm: { gpuMemoryUtilization: 2 } })).toEqual([
      "data-parallel-dense",
      "utilisation-range",
      "weight-format-gpu",
      "kv-format-gpu",
    ]);
  });
});

describe("what a pod asks of its host", () => {
  const onDisk = { weights: true, compiled: true };

  it("Qwen3-14B on one GPU from the hub", () => {
    expect(hostNeeds(replica(), onDisk)).toMatchObject({
      memoryGiB: 41,
      shmGiB: 1,
      cacheGiB: 41,
      diskGiB: 43,
      cpu: 6,
      gpus: 1,
    });
  });

  it("weights on a volume need no disk of the pod", () => {
    expect(hostNeeds(replica(), { ...onDisk, weights: false }).cacheGiB).toBe(10);
  });

  it("code that a volume keeps needs no disk of the pod", () => {
    expect(hostNeeds(replica(), { weights: false, compiled: false }).cacheGiB).toBe(2);
  });

  it("a quantised checkpoint needs less to load", () => {
    expect(hostNeeds(replica({ weights: "awq" }), onDisk).memoryGiB).toBeLessThan(20);
  });

  it("workers talk through shared memory, by tensor parallelism", () => {
    expect(hostNeeds(replica({ parallel: { tensor: 4 } }), onDisk)).toMatchObject({ shmGiB: 16, gpus: 4, cpu: 12 });
  });

  it("loads into a host that has what it asks for, and not into a smaller one", () => {
    const one = replica();
    expect(loadsInto(one, hostNeeds(one, onDisk).memoryGiB)).toBe(true);
    expect(loadsInto(one, 32)).toBe(false);
  });
});
