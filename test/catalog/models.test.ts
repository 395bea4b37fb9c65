import { describe, expect, it } from "vitest";
import { findModel, modelIds, models, parametersSource, termsSource, type Model } from "../../catalog/models";
import { modelSchema, sourceSchema } from "./schemas";

const byId = models.map((model) => [model.id, model] as const);
const decoders = models.filter((model) => model.kind === "decoder");

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
  ["microsoft/phi-4", 204800, 0],
  ["microsoft/Phi-4-mini-instruct", 131072, 0],
];

function kvBytes(model: Model): { full: number; sliding: number } {
  const heads = model.globalAttention ?? model;
  const perFullLayer = model.mla
    ? (model.mla.kvLoraRank + model.mla.ropeHeadDim) * 2
    : 2 * heads.kvHeads * heads.headDim * 2;
  return {
    full: perFullLayer * model.layers.full,
    sliding: 2 * model.kvHeads * model.headDim * 2 * model.layers.sliding,
  };
}

function depth(model: Model): number {
  return model.layers.full + model.layers.sliding + model.layers.linear;
}

function attentionParameters({ mla, hiddenSize, attentionHeads, kvHeads, headDim }: Model): number {
  if (mla === null) return hiddenSize * headDim * 2 * (attentionHeads + kvHeads);
  const query = mla.queryLoraRank * (hiddenSize + attentionHeads * (mla.nopeHeadDim + mla.ropeHeadDim));
  const keysAndValues = mla.kvLoraRank * attentionHeads * (mla.nopeHeadDim + mla.valueHeadDim);
  const compression = hiddenSize * (mla.kvLoraRank + mla.ropeHeadDim);
  return query + keysAndValues + compression + attentionHeads * mla.valueHeadDim * hiddenSize;
}

/** Parameters by the shape alone, without norms and biases; `expertsUsed` picks all of them, or those of one token. */
function parametersByShape(model: Model, expertsUsed: "experts" | "expertsPerToken"): number {
  const { hiddenSize, intermediateSize, vocabularySize, tiedEmbeddings, moe } = model;
  const expertLayers = moe === null ? 0 : Math.floor((depth(model) - moe.firstDenseLayers) / moe.everyNthLayer);
  const expertLayer =
    moe === null
      ? 0
      : hiddenSize * (3 * moe.expertIntermediateSize * (moe[expertsUsed] + moe.sharedExperts) + moe.experts);
  const denseLayers = depth(model) - expertLayers;
  const embeddings = vocabularySize * hiddenSize * (tiedEmbeddings ? 1 : 2);
  const feedForward = denseLayers * 3 * hiddenSize * intermediateSize + expertLayers * expertLayer;
  return embeddings + depth(model) * attentionParameters(model) + feedForward;
}

/** Linear layers, vision towers and layers with both kinds of feed-forward are not in `parametersByShape`. */
const otherParts = /Qwen3\.5|gemma-3|gemma-4/;
const shaped = decoders.filter((model) => !otherParts.test(model.id)).map((model) => [model.id, model] as const);

describe("the catalogue of models", () => {
  it.each(byId)("describes %s completely, with its source", (_, model) => {
    expect(modelSchema.parse(model)).toEqual(model);
  });

  it("says where parameters, licences and gates come from", () => {
    for (const source of [parametersSource, termsSource]) expect(sourceSchema.parse(source)).toEqual(source);
  });

  it("holds 43 models, each once", () => {
    expect(modelIds).toHaveLength(43);
    expect(new Set(modelIds).size).toBe(43);
  });

  it.each(byId)("finds %s by its name", (id, model) => {
    expect(findModel(id)).toBe(model);
  });

  it("finds nothing by a name that is nearly right", () => {
    expect(findModel("meta-llama/llama-3.1-8b-instruct")).toBeUndefined();
  });

  it("has published KV cache sizes to compare with for every decoder", () => {
    expect(publishedKvBytes.map(([id]) => id).toSorted()).toEqual(decoders.map((model) => model.id).toSorted());
  });

  it.each(publishedKvBytes)(
    "has layers and heads of %s that make %d bytes of KV cache a token",
    (id, full, sliding) => {
      const model = findModel(id);
      expect(model && kvBytes(model)).toEqual({ full, sliding });
    },
  );

  it.each(shaped)("has a shape of %s that makes its number of parameters, within 1 %", (_, model) => {
    const ratio = parametersByShape(model, "experts") / model.totalParameters;
    expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
  });

  it.each(shaped.filter(([id]) => !id.includes("gpt-oss")))(
    "has a shape of %s that makes its number of active parameters, within 1 %",
    (_, model) => {
      const ratio = parametersByShape(model, "expertsPerToken") / model.activeParameters;
      expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
    },
  );

  it.each(byId)("has a coherent shape of %s", (_, model) => {
    expect(model.attentionHeads % model.kvHeads).toBe(0);
    expect(model.slidingWindow !== null).toBe(model.layers.sliding > 0);
    if (model.moe === null) expect(model.activeParameters).toBe(model.totalParameters);
    else expect(model.activeParameters).toBeLessThan(model.totalParameters);
    if (model.moe !== null) expect(model.moe.expertsPerToken).toBeLessThan(model.moe.experts);
  });
});
