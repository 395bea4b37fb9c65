import { describe, expect, it } from "vitest";
import { findModel, modelIds, models, parametersSource, termsSource, type Model } from "../../catalog/models";
import { hubParameters, hubParametersNearly } from "./hub-parameters";
import { modelSchema, sourceSchema } from "./schemas";

const byId = models.map((model) => [model.id, model] as const);

/** KV cache bytes of one token in bf16 on one GPU, as published or computed from the published configuration. */
const publishedKvBytes: readonly (readonly [model: string, full: number, sliding: number])[] = [
  ["meta-llama/Llama-3.2-1B-Instruct", 32768, 0],
  ["meta-llama/Llama-3.2-3B-Instruct", 114688, 0],
  ["meta-llama/Llama-3.1-8B-Instruct", 131072, 0],
  ["meta-llama/Llama-3.1-70B-Instruct", 327680, 0],
  ["meta-llama/Llama-3.3-70B-Instruct", 327680, 0],
  ["meta-llama/Llama-3.1-405B-Instruct", 516096, 0],
  ["meta-llama/Llama-4-Scout-17B-16E-Instruct", 49152, 147456],
  ["meta-llama/Llama-4-Maverick-17B-128E-Instruct", 49152, 147456],
  ["mistralai/Mistral-7B-Instruct-v0.3", 131072, 0],
  ["mistralai/Mistral-Small-24B-Instruct-2501", 163840, 0],
  ["mistralai/Mistral-Large-Instruct-2411", 360448, 0],
  ["mistralai/Mixtral-8x7B-Instruct-v0.1", 131072, 0],
  ["mistralai/Mixtral-8x22B-Instruct-v0.1", 229376, 0],
  ["Qwen/Qwen2.5-7B-Instruct", 57344, 0],
  ["Qwen/Qwen2.5-14B-Instruct", 196608, 0],
  ["Qwen/Qwen2.5-72B-Instruct", 327680, 0],
  ["Qwen/Qwen3-0.6B", 114688, 0],
  ["Qwen/Qwen3-1.7B", 114688, 0],
  ["Qwen/Qwen3-8B", 147456, 0],
  ["Qwen/Qwen3-14B", 163840, 0],
  ["Qwen/Qwen3-32B", 262144, 0],
  ["Qwen/Qwen3-30B-A3B", 98304, 0],
  ["Qwen/Qwen3-235B-A22B", 192512, 0],
  ["Qwen/Qwen3.5-27B", 65536, 0],
  ["deepseek-ai/DeepSeek-V3", 70272, 0],
  ["deepseek-ai/DeepSeek-R1", 70272, 0],
  ["moonshotai/Kimi-K2-Instruct", 70272, 0],
  ["openai/gpt-oss-20b", 24576, 24576],
  ["openai/gpt-oss-120b", 36864, 36864],
  ["google/gemma-2-9b-it", 172032, 172032],
  ["google/gemma-2-27b-it", 188416, 188416],
  ["google/gemma-3-4b-it", 20480, 118784],
  ["google/gemma-3-12b-it", 65536, 327680],
  ["google/gemma-3-27b-it", 81920, 425984],
  ["google/gemma-4-26B-A4B-it", 20480, 204800],
  ["google/gemma-3-1b-it", 4096, 22528],
  ["google/gemma-4-31B-it", 81920, 819200],
  ["google/gemma-4-E2B-it", 6144, 12288],
  ["google/gemma-4-E4B-it", 16384, 40960],
  ["google/gemma-2b-it", 18432, 0],
  ["Qwen/Qwen3-4B", 147456, 0],
  ["Qwen/Qwen3-Coder-480B-A35B-Instruct", 253952, 0],
  ["Qwen/Qwen3-Next-80B-A3B-Instruct", 24576, 0],
  ["deepseek-ai/DeepSeek-V2-Lite-Chat", 31104, 0],
  ["meta-llama/Llama-2-7b-chat-hf", 524288, 0],
  ["meta-llama/Llama-2-13b-chat-hf", 819200, 0],
  ["mistralai/Mistral-7B-Instruct-v0.1", 0, 131072],
  ["mistralai/Mistral-Nemo-Instruct-2407", 163840, 0],
  ["zai-org/GLM-4.5", 376832, 0],
  ["MiniMaxAI/MiniMax-M2", 253952, 0],
  ["tiiuae/falcon-7b-instruct", 8192, 0],
  ["facebook/opt-125m", 36864, 0],
  ["microsoft/phi-4", 204800, 0],
  ["microsoft/Phi-4-mini-instruct", 131072, 0],
];

function kvBytes(model: Model): { full: number; sliding: number } {
  const heads = model.globalAttention ?? model;
  const perFullLayer = model.mla
    ? (model.mla.kvLoraRank + model.mla.ropeHeadDim) * 2
    : 2 * heads.kvHeads * heads.headDim * 2;
  return {
    full: perFullLayer * (model.layers.full - model.kvSharedLayers.full),
    sliding: 2 * model.kvHeads * model.headDim * 2 * (model.layers.sliding - model.kvSharedLayers.sliding),
  };
}

describe("the catalogue of models", () => {
  it.each(byId)("describes %s completely, with its source", (_, model) => {
    expect(modelSchema.parse(model)).toEqual(model);
  });

  it("says where parameters, licences and gates come from", () => {
    for (const source of [parametersSource, termsSource]) expect(sourceSchema.parse(source)).toEqual(source);
  });

  it("holds 113 models, each once", () => {
    expect(modelIds).toHaveLength(113);
    expect(new Set(modelIds).size).toBe(113);
  });

  it("gives every name of the hub to one model only, however it is written", () => {
    const names = models.flatMap((model) => [model.id, ...model.aliases]).map((name) => name.toLowerCase());
    expect(names.filter((name, position) => names.indexOf(name) !== position)).toEqual([]);
  });

  it.each(byId)("finds %s by its name", (id, model) => {
    expect(findModel(id)).toBe(model);
  });

  it("finds nothing by a name that is nearly right", () => {
    expect(findModel("meta-llama/llama-3.1-8b-instruct")).toBeUndefined();
  });

  it.each(publishedKvBytes)(
    "has layers and heads of %s that make %d bytes of KV cache a token",
    (id, full, sliding) => {
      const model = findModel(id);
      expect(model && kvBytes(model)).toEqual({ full, sliding });
    },
  );

  it.each(Object.entries(hubParameters))("has as many parameters of %s as the hub shows: %d", (id, parameters) => {
    expect(findModel(id)?.totalParameters).toBe(parameters);
  });

  it.each(Object.entries(hubParametersNearly))(
    "has nearly as many parameters of %s as the hub shows, whose files hold something else",
    (id, [parameters, share]) => {
      const ratio = (findModel(id)?.totalParameters ?? 0) / parameters;
      expect(Math.abs(ratio - 1)).toBeLessThan(share);
    },
  );

  it("has published numbers of parameters to compare with for most of the shapes", () => {
    const compared = Object.keys({ ...hubParameters, ...hubParametersNearly });
    expect(compared.filter((id) => findModel(id) === undefined)).toEqual([]);
    expect(compared.length).toBeGreaterThan(60);
  });

  it.each([
    ["Qwen/Qwen3-30B-A3B", 3.35e9],
    ["Qwen/Qwen3-235B-A22B", 22.2e9],
    ["mistralai/Mixtral-8x7B-Instruct-v0.1", 12.88e9],
    ["deepseek-ai/DeepSeek-V3", 37.55e9],
    ["moonshotai/Kimi-K2-Instruct", 32.9e9],
    ["Qwen/Qwen3-Coder-480B-A35B-Instruct", 35.5e9],
  ])("needs of %s for one token about %d parameters", (id, active) => {
    expect(Math.abs((findModel(id)?.activeParameters ?? 0) / active - 1)).toBeLessThan(0.005);
  });

  it.each(byId)("has a coherent shape of %s", (_, model) => {
    expect(model.attentionHeads % model.kvHeads).toBe(0);
    expect(model.slidingWindow !== null).toBe(model.layers.sliding > 0);
    expect(model.localAttention !== null).toBe(model.layers.sliding > 0);
    expect(model.linearAttention !== null).toBe(model.layers.linear > 0);
    expect(model.kvSharedLayers.full).toBeLessThanOrEqual(model.layers.full);
    expect(model.kvSharedLayers.sliding).toBeLessThanOrEqual(model.layers.sliding);
    expect(model.towerParameters).toBeLessThan(model.totalParameters);
    if (model.moe === null) expect(model.activeParameters).toBe(model.totalParameters);
    else expect(model.activeParameters).toBeLessThan(model.totalParameters);
    if (model.moe !== null) expect(model.moe.expertsPerToken).toBeLessThan(model.moe.experts);
  });

  it("knows that Llama 4 attends in chunks, and which layers of Gemma 4 E2B have no cache of their own", () => {
    const local = models.filter(({ localAttention }) => localAttention === "chunked").map(({ id }) => id);
    expect(local.every((id) => id.includes("Llama-4")) && local.length === 2).toBe(true);
    expect(findModel("google/gemma-4-E2B-it")).toMatchObject({
      layers: { full: 7, sliding: 28 },
      kvSharedLayers: { full: 4, sliding: 16 },
    });
  });

  it("has variants that differ from their row in what they say only", () => {
    const base = findModel("Qwen/Qwen3-30B-A3B");
    const variant = findModel("Qwen/Qwen3-Coder-30B-A3B-Instruct");
    expect(base?.maxContext).toBe(40960);
    expect(variant).toEqual({ ...base, id: variant?.id, maxContext: 262144, remark: null, aliases: [] });
  });
});
