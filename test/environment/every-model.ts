/** A shape as people write it: Llama 3.1 8B. */
export const shape = {
  layers: { full: 32 },
  hiddenSize: 4096,
  attentionHeads: 32,
  kvHeads: 8,
  intermediateSize: 14336,
  vocabulary: 128256,
  maxContext: 131072,
};

/** The same as its publisher writes it. */
export const publishedConfig = {
  architectures: ["LlamaForCausalLM"],
  hidden_size: 4096,
  intermediate_size: 14336,
  max_position_embeddings: 131072,
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
  vocab_size: 128256,
};

/** Models that between them have a value for every setting of a shape. */
export const everyModel = {
  "my-team/published": { config: "models/published/config.json", gated: true },
  "my-team/experts": {
    ...shape,
    kind: "decoder",
    parameters: "46.7B",
    activeParameters: "12.9B",
    layers: { full: 16, sliding: 12, linear: 4 },
    slidingWindow: 4096,
    linearAttention: {
      keyHeads: 16,
      valueHeads: 32,
      keyHeadDim: 128,
      valueHeadDim: 128,
      convolutionKernel: 4,
      stateDtype: "float32",
    },
    headDim: 128,
    globalAttention: { kvHeads: 4, headDim: 256 },
    gatedFeedForward: true,
    tiedEmbeddings: true,
    dtype: "float16",
    experts: { count: 8, perToken: 2, shared: 0, intermediateSize: 14336, firstDenseLayers: 0, everyNthLayer: 1 },
    gated: false,
  },
  latent: {
    ...shape,
    mla: { queryLoraRank: 1536, kvLoraRank: 512, nopeHeadDim: 128, ropeHeadDim: 64, valueHeadDim: 128 },
  },
};
