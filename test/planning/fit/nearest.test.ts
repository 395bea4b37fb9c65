import { expect, it } from "vitest";
import fc from "fast-check";
import { gpuIds } from "../../../catalog/gpus";
import { modelIds } from "../../../catalog/models";
import { fit, replicaOf, type FitQuestion } from "../../../planning/fit";
import { nearestChanges, type Change } from "../../../planning/fit/nearest";

function changesOf(question: FitQuestion): readonly Change[] | null {
  const found = replicaOf(question);
  if (!("replica" in found) || fit(found.replica, question, found.replicas).fits) return null;
  return nearestChanges(found.replica, question);
}

function fitsNow(question: FitQuestion): boolean {
  const found = replicaOf(question);
  return "replica" in found && fit(found.replica, question, found.replicas).fits;
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const questions: fc.Arbitrary<FitQuestion> = fc.record({
  model: fc.constantFrom(...modelIds),
  gpu: fc.constantFrom(...gpuIds),
  gpus: optional(fc.constantFrom(1, 2, 4, 8)),
  tensorParallel: optional(fc.constantFrom(1, 2, 4)),
  quantization: optional(fc.constantFrom("fp8" as const, "awq" as const)),
  kvCacheDtype: optional(fc.constantFrom("fp8" as const, "auto" as const)),
  engine: optional(fc.constantFrom("vllm" as const, "tensorrt-llm" as const)),
  engineVersion: optional(fc.constantFrom("0.6.6", "0.10.2", "0.19.1", "0.31.0")),
  maxNumSeqs: optional(fc.constantFrom(8, 256)),
  gpuMemoryUtilization: optional(fc.constantFrom(0.5, 0.95)),
  inputTokens: optional(fc.constantFrom(100, 3000)),
});

it("every change that is proposed makes the question fit when it is asked so", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(questions, (question) => {
      for (const { keys, text } of changesOf(question) ?? []) {
        seen.add(Object.keys(keys).sort().join());
        expect(fitsNow({ ...question, ...keys }), text).toBe(true);
      }
    }),
    { numRuns: 300, seed: 7 },
  );
  // Of each kind some were proposed.
  for (const kind of [
    "maxModelLen",
    "kvCacheDtype",
    "quantization",
    "dataParallel,gpus,pipelineParallel,tensorParallel",
  ])
    expect([...seen]).toContain(kind);
  expect([...seen].some((keys) => keys.includes("gpu,"))).toBe(true);
});

it("a shorter context is the longest that fits, in steps of 256 tokens", () => {
  const question = { model: "Llama-3.1-8B", gpu: "RTX 3090", engineVersion: "0.28.0" };
  const [shorter] = changesOf(question) ?? [];
  const context = shorter?.keys.maxModelLen ?? 0;
  expect(shorter?.text).toBe(`a context of ${context} tokens would fit`);
  expect(context % 256).toBe(0);
  expect(fitsNow({ ...question, maxModelLen: context })).toBe(true);
  expect(fitsNow({ ...question, maxModelLen: context + 256 })).toBe(false);
});

it("a shorter context still holds the requests that are asked about", () => {
  const question = {
    model: "Llama-3.1-8B",
    gpu: "RTX 3090",
    engineVersion: "0.28.0",
    inputTokens: 60_000,
    outputTokens: 2000,
  };
  expect(changesOf(question)?.some(({ keys }) => keys.maxModelLen !== undefined)).toBe(false);
});

it("what one GPU of no kind holds is proposed for several of another", () => {
  const texts = changesOf({ model: "DeepSeek-V3", gpu: "L4", maxModelLen: 8192 })?.map(({ text }) => text) ?? [];
  expect(texts.at(-1)).toMatch(/^\d+ × \S+ \(tensor parallel \d+\) would fit$/);
});
