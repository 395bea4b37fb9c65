import type { Source } from "./fact";
import type { Timing } from "./timings";

/** The newest version of text-embeddings-inference that this program is made for. */
export const pinnedTextEmbeddingsVersion = "1.9.3";

/** Versions that an environment may name. */
export const textEmbeddingsVersions = [pinnedTextEmbeddingsVersion] as const;

const repository = "huggingface/text-embeddings-inference v1.9.3 0667015";
const read = (path: string, note?: string): Source => ({
  source: `${repository}, ${path}`,
  date: "2026-03-23",
  standing: "exact",
  ...(note === undefined ? {} : { note }),
});

/** The image for processors: of x86-64 alone, with ONNX Runtime and Candle on Intel's MKL. Its entry point is the router. */
export const textEmbeddingsImage = {
  repository: "ghcr.io/huggingface/text-embeddings-inference",
  tag: (version: string): string => `cpu-${version}`,
} as const;

interface ImageDigest extends Source {
  readonly version: string;
  readonly digest: string;
}

/** The digest of a version's image, as other public repositories pin it; undefined where we know none. */
export function textEmbeddingsImageDigest(version: string): ImageDigest | undefined {
  return digests.find((digest) => digest.version === version);
}

const digests: readonly ImageDigest[] = [
  {
    version: "1.9.3",
    digest: "sha256:ad950d30878eceb72aaf32024d26fa2b1d04a75304fa0b4776b49aa1941fea07",
    source: "public compose files, charts and packaging notes that pin cpu-1.9.3 and cpu-1.9",
    date: "2026-11-21",
    standing: "recalled",
    note: "more than ten pin the same, one of which ran it and read 1.9.3; one pins another; the registry itself was not asked",
  },
];

/** The server of the HTTP image. */
export const textEmbeddingsServer = {
  /** Ours: the image's own is 80, which a user without rights cannot listen on. */
  port: 8080,
  /** 200 while the model computes; asked of the thread that computes, so it waits for the batch there. Needs no key. */
  healthPath: "/health",
  /** On the port of requests: the HTTP image does not listen on `--prometheus-port`. Needs no key. */
  metricsPath: "/metrics",
  /** The image has root alone; what runs is readable for all and writes to the cache and /tmp only. */
  user: 1000,
  group: 1000,
  source: read("router/src/http/server.rs, router/src/lib.rs, Dockerfile", "user and group are ours"),
} as const;

/** How the server stops: axum's graceful shutdown ends the process once every request that it has is answered. */
export const textEmbeddingsShutdown: Source = read("router/src/shutdown.rs, router/src/http/server.rs");

/** From the container's start to the warm-up, the model being on disk. */
export const textEmbeddingsStart: Timing = {
  value: 7,
  unit: "s",
  source: "public packaging notes of the image for Cloudron (bge-small-en-v1.5, first start with its download)",
  date: "2026-11-21",
  standing: "recalled",
  note: "3 s from the cache; the notes were read, the repository they are in is not known",
};

/**
 * What computes: ONNX Runtime where the model's directory has `model.onnx` or `onnx/model.onnx`, else Candle. Both
 * compute in 32 bits, one batch at a time, in which every text is as long as the longest.
 */
export const textEmbeddingsRuntimes = {
  onnx: { mostTexts: 8, source: read("backends/ort/src/lib.rs: max_batch_size, OrtBackend::new") },
  candle: { mostTexts: 4, source: read("backends/candle/src/lib.rs: max_batch_size") },
} as const;

/** Both runtimes and the tokenizers start a thread for every CPU that they see; a limit of CPU is what they see. */
export const textEmbeddingsThreads: Source = read(
  "backends/ort/src/lib.rs: with_intra_threads, router/src/lib.rs: tokenization_workers, Dockerfile",
  "num_cpus 1.16 reads the quota of the control group; Candle's threads are set by OMP_NUM_THREADS and RAYON_NUM_THREADS",
);

/** Every worker that tokenises has a copy of the tokenizer. */
export const tokenizerCopy = {
  /** For each entry of the vocabulary. */
  kibPerEntry: 1,
  source: {
    source: "huggingface/text-embeddings-inference issue 280 (11 GB with bge-reranker-v2-m3, a tokenizer a core)",
    date: "2024-06-17",
    standing: "derived",
    note: "about 150 MB for each of 64 workers and 250,002 entries are 0.6 KiB an entry; the number of workers is a guess",
  },
} as const;

/** Key and token would stand in the log: at the level info the server writes its arguments, of which it hides the token in part. */
export const textEmbeddingsLogLevel = {
  variable: "LOG_LEVEL",
  value: "warn",
  source: read("router/src/main.rs: Args, router/src/logging.rs"),
} as const;

/** Of the decoders, the kinds that are computed on processors. */
export const decodersOnProcessors = {
  families: ["Qwen3", "Gemma 3"],
  source: read("backends/candle/src/lib.rs: CandleBackend::new"),
} as const;

/** A model whose published tokenizer only Python has: there is no tokenizer.json, without which the server does not start. */
export const withoutFastTokenizer: readonly (Source & { readonly model: string })[] = [
  {
    model: "tohoku-nlp/bert-base-japanese-v3",
    source: "cl-tohoku/bert-japanese issue 14: MeCab's words, which no SentencePiece tokenizer gives",
    date: "2020-07-21",
    standing: "recalled",
    note: "that its repository has no tokenizer.json is from memory",
  },
];

/** An option of the router. A flag takes nothing; a switch takes `=true` or `=false`. */
export interface TextEmbeddingsOption {
  readonly type: "text" | "number" | "flag" | "switch" | readonly string[];
  readonly default?: string | number | boolean;
}

/** Where `textEmbeddingsOptions` comes from. */
export const textEmbeddingsOptionsSource: Source = read("router/src/main.rs: Args, backends/core/src/lib.rs: Pool");

/** Options of the router, which each also have an environment variable: `--max-batch-tokens`, `MAX_BATCH_TOKENS`. */
export const textEmbeddingsOptions: Readonly<Record<string, TextEmbeddingsOption>> = {
  "--model-id": { type: "text" },
  "--revision": { type: "text" },
  "--tokenization-workers": { type: "number" },
  "--dtype": { type: ["float16", "float32"], default: "float32" },
  "--served-model-name": { type: "text" },
  "--pooling": { type: ["cls", "mean", "splade", "last-token"] },
  "--max-concurrent-requests": { type: "number", default: 512 },
  "--max-batch-tokens": { type: "number", default: 16384 },
  "--max-batch-requests": { type: "number" },
  "--max-client-batch-size": { type: "number", default: 32 },
  "--auto-truncate": { type: "switch", default: true },
  "--default-prompt-name": { type: "text" },
  "--default-prompt": { type: "text" },
  "--dense-path": { type: "text" },
  "--hf-token": { type: "text" },
  "--hostname": { type: "text", default: "0.0.0.0" },
  "--port": { type: "number", default: 3000 },
  "--uds-path": { type: "text", default: "/tmp/text-embeddings-inference-server" },
  "--huggingface-hub-cache": { type: "text" },
  "--payload-limit": { type: "number", default: 2_000_000 },
  "--api-key": { type: "text" },
  "--json-output": { type: "flag" },
  "--disable-spans": { type: "flag" },
  "--otlp-endpoint": { type: "text" },
  "--otlp-service-name": { type: "text", default: "text-embeddings-inference.server" },
  "--prometheus-port": { type: "number", default: 9000 },
  "--cors-allow-origin": { type: "text" },
};

/** Metrics of the server by name, as Prometheus shows them; durations in seconds. */
export const textEmbeddingsMetrics: Readonly<Record<string, "counter" | "gauge" | "histogram">> = {
  te_request_count: "counter",
  te_request_success: "counter",
  te_request_failure: "counter",
  te_request_duration: "histogram",
  te_request_tokenization_duration: "histogram",
  te_request_queue_duration: "histogram",
  te_request_inference_duration: "histogram",
  te_request_input_length: "histogram",
  te_embed_count: "counter",
  te_embed_success: "counter",
  te_embed_duration: "histogram",
  te_embed_tokenization_duration: "histogram",
  te_embed_queue_duration: "histogram",
  te_embed_inference_duration: "histogram",
  te_predict_count: "counter",
  te_predict_success: "counter",
  te_predict_duration: "histogram",
  te_predict_tokenization_duration: "histogram",
  te_predict_queue_duration: "histogram",
  te_predict_inference_duration: "histogram",
  te_batch_next_size: "histogram",
  te_batch_next_tokens: "histogram",
  te_queue_size: "gauge",
};

/** Where `textEmbeddingsMetrics` comes from. */
export const textEmbeddingsMetricsSource: Source = read("core/src, router/src, router/src/prometheus.rs");
