import type { Source } from "../../catalog/fact";
import type { Gpu } from "../../catalog/gpus";

/** Where kernels were measured: matrix products, attention, experts and collectives on eight GPUs, with vLLM. */
export const kernelSource: Source = {
  source:
    "ai-dynamo/aiconfigurator 095f58a, aic-core/src/aiconfigurator_core/systems/data/*/{gemm,attention,moe,comm}/vllm",
  date: "2026-08-21",
  standing: "derived",
  note: "medians over matrices of 40 to 400 MB; vLLM 0.14 to 0.24",
};

/** Where bandwidth and operations come from: aiconfigurator's own constants, which single-stream logs of vLLM confirm. */
export const stepSource: Source = {
  source:
    "ai-dynamo/aiconfigurator 095f58a, aic-core/src/aiconfigurator_core/systems/*.yaml: mem_bw_empirical_scaling_factor, mem_empirical_constant_latency",
  date: "2026-08-21",
  standing: "exact",
};

/** Where what the server adds to a request comes from. */
export const serverSource: Source = {
  source: "gpustack/gpustack 47277d7, docs/performance-lab (vLLM on A100, H100, H200), against the kernels",
  date: "2026-08-21",
  standing: "derived",
};

/** Share of the peak bandwidth that reading weights reaches, and that reading the KV cache reaches. */
export const bandwidthShare = { weights: 0.8, cache: 0.75 } as const;

/** Seconds from one kernel to the next when CUDA graphs replay them. */
export const operationSeconds = 3e-6;

/**
 * Seconds that Python takes to launch one operation without CUDA graphs: they bound a step from below. From a single log
 * (vllm-project/vllm issue 20469: Qwen3-14B-AWQ on an A100, 20.6 ms a token).
 */
export const eagerOperationSeconds = 45e-6;

/** Operations of one layer: kernels that take their constant latency, however little they compute. */
export const operations = {
  /** Two norms, queries-keys-values, rotary and cache, attention, its output, gate and up, activation, down. */
  layer: 9,
  /** Routing, sorting tokens by expert, two grouped products, summing up: about 36 µs on A100, H100 and L40S. */
  experts: 12,
  /** On Blackwell of data centres these are fused: 12 µs. */
  fusedExperts: 4,
  /** Turning the input of four products into FP8, INT8 or FP4. */
  quantisation: 4,
  /** Projections to and from the latent vector, with a norm each, and two products to absorb them. */
  latent: 8,
} as const;

/**
 * Seconds of one engine step beside the model: scheduling, input, sampling, output. What Python does for each sequence
 * (vLLM: logs with 1 to 32 requests) a C++ runtime does in less.
 */
export const stepSeconds = { fixed: 0.5e-3, perSequence: { vllm: 25e-6, "tensorrt-llm": 5e-6 } } as const;

/**
 * Seconds that a layer takes longer in steps that compute prompts: attention is launched outside of CUDA graphs there.
 * TensorRT-LLM's numbers of whole GPUs need nothing of the kind.
 */
export const promptLayerSeconds = { vllm: 60e-6, "tensorrt-llm": 0 } as const;

/**
 * Share of the kernels' arithmetic that an engine reaches over a whole run. TensorRT-LLM's published numbers are reached by
 * the kernels alone; full servers with vLLM stayed 3 to 40 % below that.
 */
export const engineShare = { vllm: 0.8, "tensorrt-llm": 1 } as const;

/** Seconds that a request takes beside the engine: HTTP, template, tokens, the way back. */
export const frontendSeconds = 20e-3;

/** Share of the arithmetic that attention of prompts reaches. */
export const attentionShare = 0.5;

/** Share of peak arithmetic that large matrix products reach, by compute capability; and experts' grouped ones. */
export interface ArithmeticShare {
  readonly from: number;
  /** Only these GPUs; else every one from that compute capability on. */
  readonly only?: readonly string[];
  readonly sixteenBit: number;
  readonly eightBit: number;
  readonly fourBit: number;
  /** 16 bits with weights that are turned into 16 bits on the way. */
  readonly dequantised: number;
  /** Of what dense products reach, in grouped products of experts. */
  readonly experts: number;
}

/** The same for experts whose weights are turned into 16 bits on the way, on every GPU that was measured. */
export const dequantisedExpertShare = 0.9;

/** Newest first. Below Ampere nothing was measured: half. */
export const arithmeticShares: readonly ArithmeticShare[] = [
  // GeForce cards of Ampere and Ada: their peak is that of accumulating in 32 bits, which they hold as Blackwell's do.
  {
    from: 8.6,
    only: ["RTX-3090", "RTX-4090"],
    sixteenBit: 0.83,
    eightBit: 0.78,
    fourBit: 0.65,
    dequantised: 0.6,
    experts: 0.5,
  },
  { from: 12, sixteenBit: 0.83, eightBit: 0.78, fourBit: 0.65, dequantised: 0.6, experts: 0.5 },
  { from: 10, sixteenBit: 0.69, eightBit: 0.47, fourBit: 0.45, dequantised: 0.45, experts: 0.65 },
  { from: 9, sixteenBit: 0.81, eightBit: 0.6, fourBit: 0.6, dequantised: 0.6, experts: 0.55 },
  { from: 8.9, sixteenBit: 0.62, eightBit: 0.49, fourBit: 0.49, dequantised: 0.6, experts: 0.75 },
  { from: 8, sixteenBit: 0.86, eightBit: 0.65, fourBit: 0.65, dequantised: 0.65, experts: 0.4 },
  { from: 0, sixteenBit: 0.5, eightBit: 0.4, fourBit: 0.4, dequantised: 0.4, experts: 0.4 },
];

/** The shares of a GPU. */
export function arithmeticShareOf({ id, computeCapability }: Pick<Gpu, "id" | "computeCapability">): ArithmeticShare {
  const share =
    arithmeticShares.find(({ from, only }) => computeCapability >= from && (only?.includes(id) ?? true)) ??
    arithmeticShares.at(-1);
  if (share === undefined) throw new Error("the table of arithmetic shares is empty");
  return share;
}
