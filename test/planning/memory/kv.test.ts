import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesPerGiB } from "../../../catalog/units";
import { kvBytesOfRequest, kvBytesPerTokenPerGpu, kvTokens, maxConcurrency } from "../../../planning/memory/index";
import { kvBlocks } from "../../../planning/memory/kv-groups";
import { linearStateBytes } from "../../../planning/memory/kv-layers";
import { replica, type ReplicaChange } from "./replicas";

describe("bytes of a token", () => {
  it.each<{ model: string; change?: ReplicaChange; bytes: number | null }>([
    { model: "meta-llama/Llama-3.1-8B-Instruct", bytes: 131_072 },
    { model: "meta-llama/Llama-3.1-70B-Instruct", bytes: 327_680 },
    { model: "meta-llama/Llama-3.1-70B-Instruct", change: { parallel: { tensor: 8 } }, bytes: 40_960 },
    { model: "Qwen/Qwen2.5-7B-Instruct", change: { parallel: { tensor: 8 } }, bytes: 14_336 },
    { model: "Qwen/Qwen3-30B-A3B", bytes: 98_304 },
    { model: "Qwen/Qwen3-14B", change: { kv: "fp8" }, bytes: 81_920 },
    { model: "Qwen/Qwen3-14B", change: { parallel: { pipeline: 3 } }, bytes: 57_344 },
    { model: "deepseek-ai/DeepSeek-V3", bytes: 70_272 },
    { model: "deepseek-ai/DeepSeek-V3", change: { parallel: { tensor: 8 } }, bytes: 70_272 },
    { model: "deepseek-ai/DeepSeek-V3", change: { parallel: { tensor: 8, decodeContext: 8 } }, bytes: 8_784 },
    { model: "deepseek-ai/DeepSeek-V3", change: { parallel: { data: 8 } }, bytes: 70_272 },
    { model: "google/gemma-3-27b-it", bytes: null },
    { model: "openai/gpt-oss-20b", bytes: null },
    { model: "Qwen/Qwen3.5-27B", bytes: null },
    { model: "BAAI/bge-m3", bytes: 0 },
  ])("$model on one of its GPUs ($change): $bytes", ({ model, change, bytes }) => {
    expect(kvBytesPerTokenPerGpu(replica({ model, ...change }))).toBe(bytes);
  });

  it("a draft's layer counts like one more of the model", () => {
    const draft = { layers: 1, parameters: 0.25e9, tokens: 3, acceptance: 0.7 };
    const drafted = replica({ model: "meta-llama/Llama-3.1-8B-Instruct", rest: { draft } });
    expect(kvBytesPerTokenPerGpu(drafted)).toBe(33 * 4096);
  });

  it("engines that do not know windows keep every token of every layer", () => {
    const old = replica({ model: "google/gemma-3-27b-it", vllm: { version: "0.8.5" } });
    expect(kvBytesPerTokenPerGpu(old)).toBe(62 * 2 * 16 * 128 * 2);
  });
});

describe("groups of layers", () => {
  it.each<{ model: string; version?: string; groups: unknown; bytesPerBlock: number }>([
    {
      model: "google/gemma-3-27b-it",
      groups: [
        { kind: "full", groups: 1, blockTokens: 16 },
        { kind: "sliding", groups: 6, blockTokens: 16 },
      ],
      bytesPerBlock: 10 * 16 * 8192,
    },
    {
      model: "openai/gpt-oss-20b",
      groups: [
        { kind: "full", groups: 1, blockTokens: 16 },
        { kind: "sliding", groups: 1, blockTokens: 16 },
      ],
      bytesPerBlock: 12 * 16 * 2048,
    },
    {
      model: "google/gemma-4-26B-A4B-it",
      groups: [
        { kind: "full", groups: 1, blockTokens: 32 },
        { kind: "sliding", groups: 5, blockTokens: 16 },
      ],
      bytesPerBlock: 5 * 16 * 8192,
    },
    {
      model: "meta-llama/Llama-4-Scout-17B-16E-Instruct",
      groups: [
        { kind: "full", groups: 1, blockTokens: 16 },
        { kind: "chunked", groups: 3, blockTokens: 16 },
      ],
      bytesPerBlock: 12 * 16 * 4096,
    },
    {
      // Blocks of 784 tokens, because a page must hold a state of 3.2 MB.
      model: "Qwen/Qwen3.5-27B",
      groups: [
        { kind: "full", groups: 1, blockTokens: 784 },
        { kind: "linear", groups: 3, blockTokens: 784 },
      ],
      bytesPerBlock: 16 * 784 * 4096,
    },
  ])("$model", ({ model, groups, bytesPerBlock }) => {
    expect(kvBlocks(replica({ model }))).toEqual({ bytesPerBlock, groups });
  });

  it("kinds that differ by less than half are padded to the commoner, since 0.11", () => {
    const draft = { layers: 1, parameters: 0.2e9, tokens: 3, acceptance: 0.7 };
    const blocks = (version: string) =>
      kvBlocks(replica({ model: "openai/gpt-oss-20b", vllm: { version }, rest: { draft } }))?.bytesPerBlock;
    expect(blocks("0.31.0")).toBe(13 * 16 * 2048);
    expect(blocks("0.10.2")).toBe(12 * 16 * 2048);
  });

  it("a state in 32 bits is nearly twice one in 16", () => {
    expect(linearStateBytes(replica({ model: "Qwen/Qwen3.5-27B" }))).toBe(10_240 * 3 * 2 + 48 * 128 * 128 * 4);
  });
});

describe("a request", () => {
  it("takes whole blocks", () => {
    const one = replica();
    expect(kvBytesOfRequest(one, 1)).toBe(16 * 163_840);
    expect(kvBytesOfRequest(one, 17)).toBe(32 * 163_840);
  });

  it("stops growing in windows, and goes on in full layers", () => {
    const windows = replica({ model: "google/gemma-3-27b-it", rest: { context: 131_072 } });
    const growth = (from: number, to: number) =>
      (kvBytesOfRequest(windows, to) - kvBytesOfRequest(windows, from)) / (to - from);
    expect(growth(65_536, 131_072)).toBeCloseTo(10 * 8192, 5);
    expect(growth(0, 1024)).toBeGreaterThan(6 * 10 * 8192);
  });

  it("of an encoder keeps nothing, however many there are", () => {
    const encoder = replica({ model: "BAAI/bge-m3", weights: "fp16", kv: "fp16" });
    expect(kvBytesOfRequest(encoder, 512)).toBe(0);
    expect(kvTokens(encoder, bytesPerGiB)).toBeNull();
    expect(maxConcurrency(encoder, bytesPerGiB, 512)).toBe(Infinity);
  });

  it("steps under way double the part of a window from 0.25 on", () => {
    const blocks = (version: string) =>
      kvBytesOfRequest(replica({ model: "google/gemma-3-27b-it", vllm: { version } }), 100_000);
    expect(blocks("0.31.0")).toBeGreaterThan(blocks("0.24.0"));
  });

  const anyModel = fc.constantFrom(
    "Qwen/Qwen3-14B",
    "google/gemma-3-27b-it",
    "openai/gpt-oss-120b",
    "Qwen/Qwen3.5-27B",
    "deepseek-ai/DeepSeek-V3",
    "meta-llama/Llama-4-Scout-17B-16E-Instruct",
  );

  it("of more tokens never takes less, so fewer fit at once", () => {
    fc.assert(
      fc.property(anyModel, fc.nat(200_000), fc.nat(200_000), (id, tokens, more) => {
        const one = replica({ model: id });
        expect(kvBytesOfRequest(one, tokens + more)).toBeGreaterThanOrEqual(kvBytesOfRequest(one, tokens));
        const fit = (count: number) => maxConcurrency(one, 40 * bytesPerGiB, count + 1);
        expect(fit(tokens + more)).toBeLessThanOrEqual(fit(tokens));
      }),
    );
  });

  it("never takes more bytes in fp8 or on more GPUs", () => {
    fc.assert(
      fc.property(anyModel, fc.integer({ min: 1, max: 200_000 }), (id, tokens) => {
        // Blocks of hybrids grow with the state: half of what a token takes can make them twice as long.
        const slack = id.includes("Qwen3.5") ? 1.1 : 1;
        const bytes = (change: ReplicaChange) => kvBytesOfRequest(replica({ model: id, ...change }), tokens);
        expect(bytes({ kv: "fp8" })).toBeLessThanOrEqual(bytes({}) * slack);
        expect(bytes({ parallel: { tensor: 2 } })).toBeLessThanOrEqual(bytes({}) * slack);
      }),
    );
  });
});
