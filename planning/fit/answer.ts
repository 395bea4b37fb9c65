import type { RentedGpus } from "./price";
import type { Confidence } from "../replica";

/** The answer to a question. Its keys are stable; numbers that there are not are null. */
export interface FitAnswer {
  /** Whether the engine starts and serves at least one request of full length. */
  readonly fits: boolean;
  /** Why it does not fit and the nearest changes that would; or what to know of an answer that fits. */
  readonly reasons: readonly string[];
  readonly weightsGibPerGpu: number;
  /** Activations, sampling, communication, CUDA graphs inside the budget. */
  readonly overheadGibPerGpu: number;
  /** Below zero where weights and overhead alone are too much; 0 for encoders. */
  readonly kvGibPerGpu: number;
  /** Null where it depends on the request: windows, chunks, linear attention. */
  readonly kvBytesPerTokenPerGpu: number | null;
  /** Tokens that the KV cache of one replica, or of one data-parallel rank, holds: what its start-up log says. */
  readonly kvTokens: number;
  /** Requests of full length that those hold at once; null for encoders, which keep nothing. */
  readonly maxConcurrencyAtFullLength: number | null;
  /** Requests of the asked lengths that all GPUs work on at once: the engine's limit or what the cache holds. */
  readonly concurrencyLimit: number;
  /** Null for encoders, and where it does not fit. */
  readonly decode: Decode | null;
  /** Mean time to the first token, milliseconds; of encoders, to the answer. */
  readonly ttftMs: number | null;
  /** Output tokens per second and GPU at saturation, without a limit on latency. */
  readonly offlineCeilingTokensPerSecondPerGpu: number | null;
  /** What the GPUs cost on EC2, on demand; null where nobody sells them there at a known price. */
  readonly usdPerHour: number | null;
  readonly usdPerMillionOutputTokens: number | null;
  readonly confidence: Confidence;
  /** What encoders do; null for decoders. */
  readonly encode: Encode | null;
  /** Everything that was filled in, as the engine would get it. */
  readonly resolved: Resolved;
}

export interface Decode {
  /** Mean time between two tokens of one answer; the median where requests arrive by themselves. */
  readonly interTokenMs: number;
  /** Of all requests together. */
  readonly outputTokensPerSecond: number;
  readonly perGpuOutputTokensPerSecond: number;
}

export interface Encode {
  readonly textsPerSecond: number;
  readonly inputTokensPerSecond: number;
}

/** The question with its defaults. */
export interface Resolved {
  readonly model: string;
  readonly gpu: string;
  /** All of them: replicas × tensor × pipeline × data parallel. */
  readonly gpus: number;
  /** Independent replicas, each as the other numbers say. */
  readonly replicas: number;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly dataParallel: number;
  readonly expertParallel: boolean;
  readonly quantization: string;
  readonly kvCacheDtype: string;
  readonly maxModelLen: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  /** Null on a processor. */
  readonly gpuMemoryUtilization: number | null;
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly interconnect: string;
  readonly cudaTotalGib: number | null;
  /** Null where requests arrive by themselves. */
  readonly concurrency: number | null;
  readonly requestsPerSecond: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly prefixHit: number;
  readonly region: string;
  readonly instance: RentedGpus["instance"]["type"] | null;
}
