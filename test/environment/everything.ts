import { smallest } from "../harness/environments";

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

const commit = "b968826d9c46dd6066d109eabc6255188de91218";

const overrides = { "price-unknown": { reason: "prices are agreed on next month", expires: "2027-01-31" } };

/** An environment in which every setting there is has a value. */
export const everything = {
  engines: { vllm: "0.31.0" },
  images: { vllm: `mirror.example.com/vllm:v1@sha256:${"0".repeat(64)}` },
  clusters: smallest.clusters,
  pools: {
    gpus: {
      ...smallest.pools.gpus,
      interconnect: "pcie",
      nodes: { min: 1, max: 2 },
      provisioning: "10m",
      zones: ["a", "b"],
      selector: { site: "here" },
      overrides,
    },
    rented: {
      cluster: "here",
      instance: "g6e.12xlarge",
      region: "us-east-1",
      purchase: ["reserved", "on-demand"],
      reservations: 1,
      reservedPrice: "$6.50/hour",
      quota: "384 vCPU",
      disk: "500GiB",
      nodes: { min: 1, max: 4 },
      provisioning: "6m",
    },
    cheapest: {
      cluster: "here",
      instances: ["g6e.12xlarge", "p4d.24xlarge"],
      region: "us-east-1",
      purchase: "spot",
      nodes: { max: 4 },
    },
  },
  models: {
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
  },
  releases: {
    chat: {
      ...smallest.releases.chat,
      weights: { from: "hub", token: { secret: "hf-token", key: "token" }, throughput: "200MB/s" },
      quantization: "fp8",
      replicas: { min: 1, max: 3 },
      tensorParallel: 2,
      pipelineParallel: 1,
      dataParallel: 1,
      expertParallel: false,
      maxSequences: 32,
      batchedTokens: 4096,
      kvCache: "fp8",
      gpuMemoryUtilization: 0.9,
      enforceEager: true,
      lora: { maxAdapters: 4, maxRank: 64 },
      draft: { method: "eagle3", model: "my-team/draft", revision: commit, layers: 1, tokens: 3 },
      longestRequest: "2m",
      apiKey: { secret: "keys", key: "chat" },
      overrides,
    },
    described: {
      ...smallest.releases.chat,
      model: "my-team/published",
      weights: { from: "pvc", claim: "weights", path: "published", throughput: "2GB/s" },
      quantization: "auto",
      replicas: "auto",
      draft: { method: "ngram", tokens: 4 },
      pool: "rented",
    },
    experts: {
      ...smallest.releases.chat,
      model: "my-team/experts",
      pool: "cheapest",
      draft: { method: "mtp", layers: 1, tokens: 1 },
    },
  },
  routes: {
    large: {
      targets: [{ release: "chat", weight: 90 }, { release: "described" }],
      load: { requests: "5/s", peak: "600/min", inputTokens: 1200, outputTokens: 300, prefixHit: "30%" },
      slo: {
        ttftP95: "2s",
        interTokenP95: "80ms",
        tokensPerSecond: 20,
        tokensPerSecondPerReplica: 50,
        availability: "99.9%",
      },
      fallback: [{ external: "claude", share: "5%" }],
      tenants: { search: "60%", support: "40%" },
    },
    small: { targets: [{ release: "experts" }], slo: "interactive" },
  },
  externalModels: {
    claude: {
      provider: "anthropic",
      model: "claude-3-haiku-20240307",
      price: { input: "$0.25/1M-tokens", output: "$0.00125/1K-tokens" },
    },
  },
  budget: { atMaximum: "$95/hour", expected: "$42000/month" },
  overrides,
};

/** Files that it needs beside its own. */
export const filesOfEverything = {
  "stacks/models/published/config.json": JSON.stringify(publishedConfig),
  "stacks/measured/chat.json": JSON.stringify({
    model: "Qwen/Qwen3-8B",
    gpu: "L40S",
    version: "0.31.0",
    quantization: "fp8",
    tensorParallel: 2,
    weightsGiB: 4.6,
    kvGiB: 30.2,
    overheadGiB: 3.1,
    loadSeconds: 41,
    engineStartSeconds: 120,
    source: "log of chat-0",
    date: "2026-11-20",
  }),
};
