import { describe, expect, it } from "vitest";
import { AmbiguousNameError } from "../../catalog/ambiguous-name";
import { weightFormatIds } from "../../catalog/formats";
import { modelNames, resolveModel } from "../../catalog/model-names";
import { models } from "../../catalog/models";

describe("resolving the name of a model", () => {
  it.each(models.map((model) => [model.id, model] as const))(
    "finds %s by its id, its aliases and without organisation",
    (id, model) => {
      for (const name of [id, id.toUpperCase(), ` ${id} `, id.split("/")[1] ?? "", ...model.aliases])
        expect(resolveModel(name)).toEqual({ model, format: undefined });
    },
  );

  it.each([
    ["meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B-Instruct", undefined],
    ["meta-llama/Meta-Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct", undefined],
    ["NousResearch/Llama-2-7b-hf", "meta-llama/Llama-2-7b-chat-hf", undefined],
    ["gemma 3 27b it", "google/gemma-3-27b-it", undefined],
    ["google/gemma-3-27b-pt", "google/gemma-3-27b-it", undefined],
    ["google/gemma-4-E2B", "google/gemma-4-E2B-it", undefined],
    ["Qwen3-30B-A3B-Instruct-2507", "Qwen/Qwen3-30B-A3B-Instruct-2507", undefined],
    ["Qwen/Qwen3-14B-AWQ", "Qwen/Qwen3-14B", "awq"],
    ["hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", "meta-llama/Llama-3.1-70B-Instruct", "awq"],
    ["Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", "Qwen/Qwen2.5-7B-Instruct", "gptq"],
    ["Qwen/Qwen2.5-7B-Instruct-GPTQ-Int8", "Qwen/Qwen2.5-7B-Instruct", "gptq-int8"],
    ["TheBloke/Llama-2-7B-Chat-GPTQ", "meta-llama/Llama-2-7b-chat-hf", "gptq"],
    ["RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "meta-llama/Llama-3.1-8B-Instruct", "gptq"],
    ["RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", "meta-llama/Llama-3.1-8B-Instruct", "int8"],
    ["RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "meta-llama/Llama-3.3-70B-Instruct", "fp8"],
    ["Qwen/Qwen3-235B-A22B-FP8", "Qwen/Qwen3-235B-A22B", "fp8"],
    ["nvidia/DeepSeek-R1-0528-NVFP4", "deepseek-ai/DeepSeek-R1", "nvfp4"],
    ["nvidia/Llama-4-Scout-17B-16E-Instruct-FP4", "meta-llama/Llama-4-Scout-17B-16E-Instruct", "nvfp4"],
    ["unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", "meta-llama/Llama-3.1-8B-Instruct", "nf4"],
    ["Qwen/Qwen3-8B-MXFP4", "Qwen/Qwen3-8B", "mxfp4"],
    ["Qwen3-8B-INT4", "Qwen/Qwen3-8B", "gptq"],
    ["Qwen3-8B-INT8", "Qwen/Qwen3-8B", "int8"],
    ["Qwen3-8B-BF16", "Qwen/Qwen3-8B", "bf16"],
  ])("takes %s for %s in the format %s", (name, id, format) => {
    const resolved = resolveModel(name);
    expect(resolved?.model.id).toBe(id);
    expect(resolved?.format).toBe(format);
    if (format !== undefined) expect(weightFormatIds).toContain(format);
  });

  it.each([
    ["llama-3.1", ["meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-70B-Instruct"]],
    ["Mistral-7B-Instruct", ["mistralai/Mistral-7B-Instruct-v0.1", "mistralai/Mistral-7B-Instruct-v0.3"]],
    ["Qwen/Qwen3-4B-Instruct", ["Qwen/Qwen3-4B", "Qwen/Qwen3-4B-Base"]],
  ])("refuses %s, which several are called, and says which", (name, some) => {
    expect(() => resolveModel(name)).toThrow(AmbiguousNameError);
    try {
      resolveModel(name);
    } catch (error) {
      expect(error).toMatchObject({ candidates: expect.arrayContaining(some), written: name });
      expect(String(error)).toContain(`${name} is the name of several models: write which one, of `);
    }
  });

  it("shortens a long list of candidates in words, not in the error's list", () => {
    expect(() => resolveModel("qwen3")).toThrow(/ and \d+ more$/);
  });

  it.each(["", "llama", "gpt-4o", "Qwen3-8B-Q4_K_M", "someone/Llama-3.1-8B-Instruct-abliterated", "Qwen3-8B-4bit"])(
    "does not guess what %j is",
    (name) => {
      let found: unknown;
      try {
        found = resolveModel(name);
      } catch (error) {
        expect(error).toBeInstanceOf(AmbiguousNameError);
      }
      expect(found).toBeUndefined();
    },
  );

  it("offers every name for suggestions", () => {
    expect(modelNames).toContain("Qwen/Qwen2.5-Coder-7B-Instruct");
    expect(new Set(modelNames).size).toBe(modelNames.length);
  });
});
