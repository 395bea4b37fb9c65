import type { Model } from "../models";
import type { Fields } from "./fields";
import type { SmallParts } from "./parameters";
import { readExperts, readLatentAttention, readLinearAttention, type Pattern } from "./parts";
import { gemma3Tower, gemma4Tower, kimiTower, llama4Tower, qwenTower } from "./towers";

/** What differs between architectures, beside what almost all of them call by the same names. */
export interface Family {
  readonly kind?: Model["kind"];
  /** Kinds of the layers where the file does not list them. */
  readonly layers?: (config: Fields) => Pattern;
  /** Tokens that sliding layers see; null where the family has none, whatever the file says. */
  readonly window?: (config: Fields) => number | null;
  readonly chunked?: boolean;
  readonly headDim?: (config: Fields) => number | undefined;
  readonly width?: (config: Fields) => number;
  readonly tied?: boolean;
  /** Type of the published weights, where the file tells it in a way of its own. */
  readonly nativeDtype?: Model["nativeDtype"];
  /** Positions that no token of a text gets (RoBERTa starts after its padding index). */
  readonly positionOffset?: number;
  readonly shape?: (config: Fields) => Partial<Model>;
  readonly small?: (config: Fields) => Partial<SmallParts>;
  readonly towers?: (whole: Fields, text: Fields) => number;
}

const biases = (config: Fields): Partial<SmallParts> => {
  const attention = config.flag("attention_bias", false);
  return {
    queryKeyValueBias: attention,
    outputBias: attention,
    feedForwardBias: config.flag("mlp_bias", false),
  };
};

const every =
  (interval: number, others: "sliding" | "linear"): Pattern =>
  (layer) =>
    (layer + 1) % interval === 0 ? "full" : others;

const qwenExperts = { experts: "num_experts", perToken: "num_experts_per_tok", width: "moe_intermediate_size" };
const localExperts = { experts: "num_local_experts", perToken: "num_experts_per_tok", width: "intermediate_size" };
const routedExperts = { experts: "n_routed_experts", perToken: "num_experts_per_tok", width: "moe_intermediate_size" };

const llama: Family = { small: biases };
const qwen2: Family = {
  window: (config) => (config.flag("use_sliding_window", false) ? config.countOr("sliding_window", null) : null),
  layers: (config) => {
    const bottom = config.countOr("max_window_layers", 0);
    return (layer) => (config.flag("use_sliding_window", false) && layer >= bottom ? "sliding" : "full");
  },
  small: () => ({ queryKeyValueBias: true }),
};
const qwen3: Family = { ...qwen2, small: (config) => ({ ...biases(config), queryKeyNorm: "head" }) };
const qwen3Moe: Family = {
  ...qwen3,
  shape: (config) => ({
    moe: readExperts(config, qwenExperts, { everyNthLayer: config.countOr("decoder_sparse_step", 1) }),
  }),
};

const hybrid: Family = {
  layers: (config) => every(config.countOr("full_attention_interval", 4), "linear"),
  window: () => null,
  shape: (config) => ({
    linearAttention: readLinearAttention(config),
    attentionOutputGate: config.flag("attn_output_gate", true),
  }),
  small: () => ({ queryKeyNorm: "head" }),
};
const hybridMoe: Family = {
  ...hybrid,
  width: (config) => config.countOr("intermediate_size", config.count("moe_intermediate_size")),
  shape: (config) => ({
    ...hybrid.shape?.(config),
    moe: readExperts(config, qwenExperts, {
      sharedExperts: config.count("shared_expert_intermediate_size") / config.count("moe_intermediate_size"),
    }),
  }),
  small: () => ({ queryKeyNorm: "head", sharedExpertGate: true }),
};

const mixtral: Family = { shape: (config) => ({ moe: readExperts(config, localExperts) }) };
const miniMax: Family = { ...mixtral, small: () => ({ queryKeyNorm: "all heads", routerBias: true }) };

const routed = (config: Fields) =>
  readExperts(config, routedExperts, {
    sharedExperts: config.countOr("n_shared_experts", 0),
    firstDenseLayers: config.countOr("first_k_dense_replace", 0),
    everyNthLayer: config.countOr("moe_layer_freq", 1),
  });
const deepSeek: Family = {
  headDim: (config) => config.countOr("v_head_dim", undefined),
  shape: (config) => ({ mla: readLatentAttention(config), moe: routed(config) }),
  small: (config) => ({ routerBias: config.text("topk_method") === "noaux_tc" }),
};
const glm4Moe: Family = {
  shape: (config) => ({ moe: routed(config) }),
  small: (config) => ({
    queryKeyValueBias: config.flag("attention_bias", false),
    queryKeyNorm: config.flag("use_qk_norm", false) ? "head" : "none",
    routerBias: true,
  }),
};

const gptOss: Family = {
  layers: () => (layer) => (layer % 2 === 0 ? "sliding" : "full"),
  shape: (config) => ({ moe: readExperts(config, localExperts) }),
  small: () => ({
    queryKeyValueBias: true,
    outputBias: true,
    feedForwardBias: true,
    routerBias: true,
    attentionSinks: true,
  }),
};

const llama4: Family = {
  chunked: true,
  layers: (config) => {
    const rotary = config.list("no_rope_layers");
    return rotary?.length ? (layer) => (rotary[layer] === 0 ? "full" : "sliding") : every(4, "sliding");
  },
  window: (config) => config.countOr("attention_chunk_size", null),
  width: (config) =>
    config.countOr("interleave_moe_layer_step", 1) > 1
      ? config.count("intermediate_size_mlp")
      : config.count("intermediate_size"),
  shape: (config) => ({
    moe: readExperts(config, localExperts, {
      sharedExperts: 1,
      everyNthLayer: config.countOr("interleave_moe_layer_step", 1),
    }),
  }),
  towers: llama4Tower,
};

const gemma: Family = { tied: true };
const gemma2: Family = {
  tied: true,
  layers: () => (layer) => (layer % 2 === 0 ? "sliding" : "full"),
  small: () => ({ norms: 4 }),
};
const gemma3: Family = {
  tied: true,
  layers: (config) => every(config.countOr("sliding_window_pattern", 6), "sliding"),
  small: () => ({ norms: 4, queryKeyNorm: "head" }),
  towers: gemma3Tower,
};

function gemma4Shape(config: Fields): Partial<Model> {
  const width = config.countOr("hidden_size_per_layer_input", 0);
  const moe = config.flag("enable_moe_block", false);
  const kvHeads = config.countOr("num_global_key_value_heads", config.countOr("num_key_value_heads", 1));
  const wide = config.flag("use_double_wide_mlp", false);
  return {
    globalAttention: { kvHeads, headDim: config.count("global_head_dim") },
    perLayerEmbedding: width > 0 ? { vocabularySize: config.count("vocab_size_per_layer_input"), width } : null,
    doubleWidthLayers: wide ? config.countOr("num_kv_shared_layers", 0) : 0,
    moe: moe
      ? readExperts(
          config,
          { ...qwenExperts, perToken: "top_k_experts" },
          { sharedExperts: config.count("intermediate_size") / config.count("moe_intermediate_size") },
        )
      : null,
  };
}
const gemma4: Family = {
  tied: true,
  layers: () => every(6, "sliding"),
  shape: gemma4Shape,
  small: (config) => ({ norms: config.flag("enable_moe_block", false) ? 7 : 4, queryKeyNorm: "head" }),
  towers: gemma4Tower,
};

const phi3: Family = { small: biases };
/** GPT-NeoX (Pythia): no gate in the feed-forward layers, biases and LayerNorm everywhere. */
const neox: Family = {
  shape: () => ({ gatedFeedForward: false }),
  small: (config) => {
    const bias = config.flag("attention_bias", true);
    return { normBias: true, queryKeyValueBias: bias, outputBias: bias, feedForwardBias: true };
  },
};
/** Falcon before 3: attention and feed-forward side by side, under one norm; one KV head in the 7B. */
const falcon: Family = {
  tied: true,
  width: (config) => config.countOr("ffn_hidden_size", 4 * config.count("hidden_size")),
  shape: (config) => ({
    gatedFeedForward: false,
    kvHeads: config.flag("new_decoder_architecture", false) ? config.count("num_kv_heads") : 1,
  }),
  small: (config) => ({ norms: config.flag("new_decoder_architecture", false) ? 2 : 1, normBias: true }),
};
const opt: Family = {
  tied: true,
  width: (config) => config.count("ffn_dim"),
  shape: (config) => ({ gatedFeedForward: false, learnedPositions: config.count("max_position_embeddings") + 2 }),
  small: () => ({ normBias: true, queryKeyValueBias: true, outputBias: true, feedForwardBias: true }),
};

/** Parameters of an encoder after its layers: a pooler for vectors, a classifier for scores. */
function encoder(kind: "encoder" | "cross-encoder"): Family {
  return {
    kind,
    tied: true,
    shape: (config) => ({ gatedFeedForward: false, learnedPositions: config.count("max_position_embeddings") }),
    small: (config) => {
      const hidden = config.count("hidden_size");
      const head = hidden * hidden + hidden + (kind === "cross-encoder" ? hidden + 1 : 0);
      const others = head + config.countOr("type_vocab_size", 2) * hidden;
      return { normBias: true, queryKeyValueBias: true, outputBias: true, feedForwardBias: true, others };
    },
  };
}

const roberta = (kind: "encoder" | "cross-encoder"): Family => ({ ...encoder(kind), positionOffset: 2 });

/** Kimi K2.5 and later: experts in INT4 with groups of 32, and the rest as it is. */
const kimi: Family = { ...deepSeek, nativeDtype: "int4", towers: kimiTower };

/** Architectures by the name that stands in a `config.json`. */
export const families: Readonly<Record<string, Family>> = {
  LlamaForCausalLM: llama,
  MistralForCausalLM: llama,
  Qwen2ForCausalLM: qwen2,
  Qwen3ForCausalLM: qwen3,
  Qwen3MoeForCausalLM: qwen3Moe,
  Qwen3NextForCausalLM: hybridMoe,
  Qwen3_5ForConditionalGeneration: { ...hybrid, towers: qwenTower },
  Qwen3_5MoeForConditionalGeneration: { ...hybridMoe, towers: qwenTower },
  MixtralForCausalLM: mixtral,
  MiniMaxM2ForCausalLM: miniMax,
  DeepseekV2ForCausalLM: deepSeek,
  DeepseekV3ForCausalLM: deepSeek,
  DeepseekV32ForCausalLM: deepSeek,
  GlmMoeDsaForCausalLM: deepSeek,
  KimiK25ForConditionalGeneration: kimi,
  Glm4MoeForCausalLM: glm4Moe,
  GptOssForCausalLM: gptOss,
  Llama4ForConditionalGeneration: llama4,
  GemmaForCausalLM: gemma,
  Gemma2ForCausalLM: gemma2,
  Gemma3ForCausalLM: gemma3,
  Gemma3ForConditionalGeneration: gemma3,
  Gemma4ForConditionalGeneration: gemma4,
  Phi3ForCausalLM: phi3,
  FalconForCausalLM: falcon,
  GPTNeoXForCausalLM: neox,
  OPTForCausalLM: opt,
  BertModel: encoder("encoder"),
  BertForMaskedLM: encoder("encoder"),
  BertForPreTraining: encoder("encoder"),
  RobertaModel: roberta("encoder"),
  XLMRobertaModel: roberta("encoder"),
  BertForSequenceClassification: encoder("cross-encoder"),
  RobertaForSequenceClassification: roberta("cross-encoder"),
  XLMRobertaForSequenceClassification: roberta("cross-encoder"),
};
