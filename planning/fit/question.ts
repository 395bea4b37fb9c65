import type { KvFormatId, WeightFormatId } from "../../catalog/formats";
import type { Interconnect } from "../../catalog/instances";

/**
 * One question to the planner: does this model fit on that GPU, how many tokens, how fast, at what price. A model and a
 * GPU are needed; what else is left out gets the engine's own default for that GPU and version.
 */
export interface FitQuestion {
  /** A model of the catalogue, by any name it is published under, or the name for `config`. */
  readonly model?: string | undefined;
  /** The content of a Hugging Face `config.json`, for a model that the catalogue does not have. */
  readonly config?: unknown;
  /** A GPU of the catalogue; or, for encoders, a processor. */
  readonly gpu?: string | undefined;
  /** GPUs in all. @default tensor × pipeline × data parallel */
  readonly gpus?: number | undefined;
  /** @default all GPUs, divided by pipeline and data parallel */
  readonly tensorParallel?: number | undefined;
  readonly pipelineParallel?: number | undefined;
  /** Of models without experts these are independent replicas. */
  readonly dataParallel?: number | undefined;
  readonly expertParallel?: boolean | undefined;
  readonly decodeContextParallel?: number | undefined;
  /** @default as the model is published */
  readonly quantization?: WeightFormatId | undefined;
  readonly kvCacheDtype?: KvFormatId | "auto" | undefined;
  /** Tokens. @default what the model allows */
  readonly maxModelLen?: number | undefined;
  readonly maxNumSeqs?: number | undefined;
  readonly maxNumBatchedTokens?: number | undefined;
  /** vLLM: of the whole memory. TensorRT-LLM: of what is free after loading. */
  readonly gpuMemoryUtilization?: number | undefined;
  readonly engine?: "vllm" | "tensorrt-llm" | undefined;
  /** Any text with a version in it. @default the pinned one */
  readonly engineVersion?: string | undefined;
  /** GiB that CUDA reports for one GPU. @default the catalogue's */
  readonly cudaTotalGib?: number | undefined;
  readonly enforceEager?: boolean | undefined;
  readonly interconnect?: Interconnect | undefined;
  readonly loraAdapters?: number | undefined;
  readonly loraRank?: number | undefined;
  /** KV layers of a draft model for speculative decoding. */
  readonly draftLayers?: number | undefined;
  /** Requests in flight. @default 1 */
  readonly concurrency?: number | undefined;
  /** Requests per second that arrive, in place of `concurrency`. */
  readonly requestsPerSecond?: number | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** Share of the prompt that is found in the prefix cache, 0 to 1. */
  readonly prefixHit?: number | undefined;
  /** AWS region for the price. */
  readonly region?: string | undefined;
}

/** What is wrong with a question: the key it is about, what is wrong, what is allowed. */
export interface QuestionProblem {
  readonly key: keyof FitQuestion;
  readonly message: string;
  /** A name that nobody knows, and what could have been meant. */
  readonly unknown?: { readonly written: string; readonly known: readonly string[] };
}

/** A part of a question that was understood, or what is wrong with it. */
export type Part<T> = T | { readonly problems: readonly QuestionProblem[] };
