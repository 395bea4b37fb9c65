import { describe, expect, it } from "vitest";
import { knownArchitectures, modelFromConfig } from "../../catalog/model-config";
import { findModel, type Model } from "../../catalog/models";
import configs from "./model-configs.json";
import { modelSchema } from "./schemas";

type Config = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Config =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Writes out `layer_types`, which the table of configurations holds as their pattern, where it stands and inside. */
function written(config: Config): Config {
  const depth = Number(config["num_hidden_layers"]);
  const entries = Object.entries(config).map(([name, value]) => {
    if (!isObject(value)) return [name, value] as const;
    if (name !== "layer_types") return [name, written(value)] as const;
    const layers = Array.from({ length: depth }, (_, layer) =>
      (layer + 1) % Number(value["fullEvery"]) === 0 ? "full_attention" : value["others"],
    );
    return [name, layers] as const;
  });
  return Object.fromEntries(entries);
}

const published = Object.entries(configs).map(([name, config]) => [name, written(config)] as const);

const told = new Set(["licence", "gated", "aliases", "source", "remark"]);

/** What a file tells: not the terms, and not where the fact was found. */
const shapeOf = (model: Model): object => Object.fromEntries(Object.entries(model).filter(([name]) => !told.has(name)));

const without = (config: Config, ...names: readonly string[]): Config =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)));

const read = (config: unknown) => modelFromConfig(config, "some/model", "2026-11-21");

const llama = written(configs["meta-llama/Llama-3.1-8B-Instruct"]);
const problemsOf = (config: unknown): readonly string[] => {
  const result = read(config);
  return "problems" in result ? result.problems : [];
};

describe("a model from its config.json", () => {
  it.each(published)("is for %s the row of the catalogue", (name, config) => {
    const result = modelFromConfig(config, name, "2026-11-21");
    const row = findModel(name);
    if (!("model" in result) || row === undefined) throw new Error(JSON.stringify(result));
    expect(modelSchema.parse(result.model)).toEqual(result.model);
    expect(shapeOf(result.model)).toEqual(shapeOf(row));
    expect(result.model.source).toEqual({ source: `config.json of ${name}`, date: "2026-11-21", standing: "exact" });
  });

  it("has an example of nearly every architecture that it knows", () => {
    const shown = new Set(published.map(([, config]) => String(config["architectures"])));
    expect(shown.size).toBeGreaterThan(24);
    for (const architecture of shown) expect(knownArchitectures).toContain(architecture);
  });

  it.each([
    [{ quant_method: "fp8" }, "fp8", "float8_e4m3"],
    [{ quant_method: "awq", bits: 4 }, "awq", "bfloat16"],
    [{ quant_method: "gptq", bits: 8 }, "gptq-int8", "bfloat16"],
    [{ quant_method: "bitsandbytes", load_in_4bit: true }, "nf4", "bfloat16"],
    [{ quant_method: "modelopt", quant_algo: "NVFP4" }, "nvfp4", "bfloat16"],
    [{ quant_method: "modelopt", quant_algo: "FP8_PER_CHANNEL_PER_TOKEN" }, "fp8", "float8_e4m3"],
    [
      { quant_method: "compressed-tensors", config_groups: { group_0: { weights: { num_bits: 4, type: "int" } } } },
      "gptq",
      "bfloat16",
    ],
    [
      {
        quant_method: "compressed-tensors",
        config_groups: { group_0: { weights: { num_bits: 8, type: "int" }, input_activations: {} } },
      },
      "int8",
      "bfloat16",
    ],
    [
      { quant_method: "compressed-tensors", config_groups: { group_0: { weights: { num_bits: 8, type: "float" } } } },
      "fp8",
      "float8_e4m3",
    ],
    [
      {
        quant_method: "compressed-tensors",
        config_groups: { group_0: { weights: { num_bits: 4, type: "float", group_size: 16 } } },
      },
      "nvfp4",
      "bfloat16",
    ],
  ])("reads %j as the format %s", (quantization, format, nativeDtype) => {
    const result = read({ ...llama, quantization_config: quantization });
    expect(result).toMatchObject({ format, model: { nativeDtype, totalParameters: 8_030_261_248 } });
  });

  it.each([
    [{ quant_method: "aqlm" }],
    [{ quant_method: "gptq", bits: 3 }],
    [
      {
        quant_method: "compressed-tensors",
        config_groups: { a: { weights: { num_bits: 8, type: "float" } }, b: { weights: { num_bits: 4, type: "int" } } },
      },
    ],
  ])("refuses %j, whose size it would get wrong", (quantization) => {
    expect(problemsOf({ ...llama, quantization_config: quantization })).toEqual([
      expect.stringContaining("quantization_config is not one that is known"),
    ]);
  });

  it("names everything that is missing or wrong at once", () => {
    const rest = without(llama, "hidden_size", "vocab_size");
    expect(problemsOf({ ...rest, num_attention_heads: "32", torch_dtype: "int3" })).toEqual([
      'num_attention_heads must be a whole number, and is "32"',
      "hidden_size is missing",
      "vocab_size is missing",
      "torch_dtype is int3; known are bfloat16, float16, float32",
    ]);
  });

  it("names fields of the language model with the object they are in", () => {
    const config = written(configs["google/gemma-3-4b-it"]);
    const text = isObject(config["text_config"]) ? config["text_config"] : {};
    expect(problemsOf({ ...config, text_config: { ...text, hidden_size: null } })).toEqual([
      "text_config.hidden_size is missing",
    ]);
  });

  it("refuses an architecture that it does not know, and one that is not named", () => {
    expect(problemsOf({ ...llama, architectures: ["MambaForCausalLM"] })).toEqual([
      expect.stringMatching(/^the architecture MambaForCausalLM is not known; known are LlamaForCausalLM, /),
    ]);
    expect(problemsOf({ ...llama, architectures: null })).toEqual([
      expect.stringContaining("architectures is missing"),
    ]);
    expect(problemsOf([])).toContain("it is not an object");
  });

  it("refuses layers that are not listed as often as they are counted, or of a kind it does not know", () => {
    const types = ["full_attention", "mamba"];
    expect(problemsOf({ ...llama, layer_types: types })).toEqual([
      "layer_types has 2 layers, num_hidden_layers says 32",
      'layer_types has "mamba", which is not known',
    ]);
  });

  it("takes the last layers for those that read the cache of earlier ones", () => {
    const config = written(configs["google/gemma-4-E2B-it"]);
    const text = isObject(config["text_config"]) ? config["text_config"] : {};
    const few = {
      ...text,
      num_hidden_layers: 4,
      num_kv_shared_layers: 1,
      layer_types: ["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"],
    };
    expect(read({ ...config, text_config: few })).toMatchObject({ model: { kvSharedLayers: { full: 1, sliding: 0 } } });
  });

  it("refuses a vision model whose tower is not described", () => {
    const config = without(written(configs["Qwen/Qwen3.5-27B"]), "vision_config");
    expect(problemsOf(config)).toEqual([expect.stringContaining("vision_config is missing")]);
  });

  it("refuses a head dimension that does not follow from the rest", () => {
    expect(problemsOf({ ...llama, num_attention_heads: 30, num_key_value_heads: 30 })).toEqual([
      "head_dim is missing, and hidden_size is no multiple of num_attention_heads",
    ]);
  });
});
