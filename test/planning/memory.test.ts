import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { findGpu, gpus, type Gpu } from "../../catalog/gpus";
import { findModel, models, type Model } from "../../catalog/models";
import { memoryUnknown, splitMemory, type MemoryQuestion } from "../../planning/memory";

function gpu(id: string): Gpu {
  const found = findGpu(id);
  if (found === undefined) throw new Error(`no GPU ${id}`);
  return found;
}

function model(id: string): Model {
  const found = findModel(id);
  if (found === undefined) throw new Error(`no model ${id}`);
  return found;
}

/** Qwen3-14B on one L40S with vLLM 0.28, as its start-up log was published. */
const published: MemoryQuestion = {
  model: model("Qwen/Qwen3-14B"),
  gpu: gpu("L40S"),
  tensorParallel: 1,
  gpuMemoryUtilization: 0.92,
  context: 40960,
  maxSequences: 256,
  batchedTokens: 2048,
  kvCache: "auto",
};

describe("against a published start-up log of vLLM (Qwen3-14B, L40S)", () => {
  const { split } = splitMemory(published);

  test.each([
    ["weights", split.weightsGiB, 27.52],
    ["KV cache", split.kvGiB, 11.57],
  ])("%s agree within 5 %%", (_, planned, logged) => {
    expect(Math.abs(planned - logged) / logged).toBeLessThan(0.05);
  });

  test("the logged KV cache holds the logged number of tokens", () => {
    const tokens = (11.57 * 2 ** 30) / split.kvBytesPerToken;
    expect(Math.abs(tokens - 75824) / 75824).toBeLessThan(0.005);
  });
});

test.each([
  ["meta-llama/Llama-3.1-8B-Instruct", 1, 131072],
  ["meta-llama/Llama-3.1-70B-Instruct", 4, 81920],
  ["meta-llama/Llama-3.1-70B-Instruct", 8, 40960],
  ["Qwen/Qwen2.5-7B-Instruct", 1, 57344],
  ["Qwen/Qwen2.5-7B-Instruct", 4, 14336],
  ["Qwen/Qwen2.5-7B-Instruct", 8, 14336],
])(
  "a token of %s on %d GPUs takes %d bytes of KV cache on each; heads are replicated, never halved",
  (id, tensorParallel, bytes) => {
    expect(splitMemory({ ...published, model: model(id), tensorParallel }).split.kvBytesPerToken).toBe(bytes);
  },
);

const planned = models.filter((candidate) => memoryUnknown(candidate) === undefined);
const question: fc.Arbitrary<MemoryQuestion> = fc.record({
  model: fc.constantFrom(...planned),
  gpu: fc.constantFrom(...gpus),
  tensorParallel: fc.constantFrom(1, 2, 4, 8),
  gpuMemoryUtilization: fc.double({ min: 0.5, max: 0.98, noNaN: true }),
  context: fc.integer({ min: 128, max: 131072 }),
  maxSequences: fc.integer({ min: 1, max: 4096 }),
  batchedTokens: fc.integer({ min: 256, max: 131072 }),
  kvCache: fc.constantFrom("auto" as const, "fp8" as const),
});

test("the parts of the budget always add up to it", () => {
  fc.assert(
    fc.property(question, (asked) => {
      const { split } = splitMemory(asked);
      expect(split.weightsGiB + split.overheadGiB + split.kvGiB).toBeCloseTo(split.budgetGiB, 6);
      expect(split.budgetGiB).toBeLessThanOrEqual(split.totalGiB);
    }),
  );
});

test("tokens counted on never need more than the KV cache has, and never are negative", () => {
  fc.assert(
    fc.property(question, (asked) => {
      const { split } = splitMemory(asked);
      expect(split.kvTokens).toBeGreaterThanOrEqual(0);
      if (split.kvTokens > 0) expect((split.kvTokens * split.kvBytesPerToken) / 2 ** 30).toBeLessThan(split.kvGiB);
    }),
  );
});

test("more GPUs never hold fewer tokens, and fp8 holds twice as many as bf16", () => {
  fc.assert(
    fc.property(question, (asked) => {
      const one = splitMemory({ ...asked, tensorParallel: 2 }).split;
      const more = splitMemory({ ...asked, tensorParallel: 4 }).split;
      expect(more.kvTokens).toBeGreaterThanOrEqual(one.kvTokens);
      const wide = splitMemory({ ...asked, kvCache: "auto" }).split;
      const narrow = splitMemory({ ...asked, kvCache: "fp8" }).split;
      expect(Math.abs(narrow.kvTokens - 2 * wide.kvTokens)).toBeLessThanOrEqual(1);
    }),
  );
});

test.each([
  ["google/gemma-3-12b-it", "mixes full attention with windows"],
  ["Qwen/Qwen3.5-27B", "mixes full attention with windows or linear attention"],
  ["deepseek-ai/DeepSeek-V3", "quantised (float8_e4m3)"],
  ["BAAI/bge-m3", "an encoder, not a decoder"],
])("%s is refused instead of guessed", (id, reason) => {
  expect(memoryUnknown(model(id))).toContain(reason);
});

test("every number has its arithmetic, and the arithmetic ends in that number", () => {
  const { split, why } = splitMemory(published);
  expect(Object.keys(why).sort()).toEqual([
    "budgetGiB",
    "kvBytesPerToken",
    "kvGiB",
    "kvTokens",
    "overheadGiB",
    "weightsGiB",
  ]);
  for (const [name, arithmetic] of Object.entries(why))
    expect(Object.entries(split)).toContainEqual([name, arithmetic.result]);
  const overhead = why["overheadGiB"]?.terms.reduce((sum, term) => sum + Number(term.value), 0);
  expect(overhead).toBeCloseTo(split.overheadGiB, 9);
});
