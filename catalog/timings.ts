import type { Source } from "./fact";

/** One measured duration or rate of a cold start, with where it was measured. */
export interface Timing extends Source {
  readonly value: number;
  readonly unit: "s" | "GB/s";
}

const kaito = {
  source: "kaito-project/kaito issue 2325 (Qwen3.8-27B of 51.75 GiB, A100 80 GB on AKS, vLLM 0.25.1, one run)",
  date: "2026-09-07",
  standing: "exact",
} as const;

const tensorfuse = {
  source: "tensorfuse.io, Reducing GPU cold start time when using vLLM (Llama-3.1-8B, L40S)",
  date: "2025-09-01",
} as const;

const sociBlueprint = {
  source: "aws-samples/karpenter-blueprints 1e0c62b, blueprints/soci-snapshotter/README.md (vLLM image of 10.78 GB)",
  date: "2026-11-21",
  standing: "derived",
} as const;

const streamerBenchmark = {
  source: "run-ai/runai-model-streamer 001e588, docs/src/benchmarks.md (Llama-3-8B, g5.12xlarge)",
  date: "2026-11-21",
  standing: "exact",
} as const;

/**
 * What a cold start of an engine is made of. Each is one published measurement, not a guarantee: what is
 * derived from them carries a margin. Where several were published, the slowest of them that is not a fault.
 */
export const timings = {
  /** From the wish for a GPU machine to its node object. A machine in Karpenter's hands took 2 to 3 min elsewhere. */
  nodeProvisioning: { value: 284, unit: "s", ...kaito },
  /** From the node object to GPUs that pods can ask for: driver, device plugin, runtime. */
  nodeInitialisation: { value: 126, unit: "s", ...kaito },
  /** Pulling the engine's image onto a machine that does not have it, where its size is not known. */
  imagePull: { value: 101, unit: "s", ...kaito },
  /** Pulling and unpacking an image, layer by layer. The karpenter-blueprints measured 0.096 GB/s. */
  imagePullThroughput: {
    value: 0.055,
    unit: "GB/s",
    ...kaito,
    standing: "derived",
    note: "5.60 GB / 101 s, compressed",
  },
  /** The same with parallel pull and unpack (SOCI) on Amazon Linux 2023. */
  parallelPullThroughput: { value: 0.18, unit: "GB/s", ...sociBlueprint, note: "10.78 GB / 59.8 s" },
  /** The same on Bottlerocket; EKS Auto Mode has it on always. */
  bottlerocketPullThroughput: { value: 0.24, unit: "GB/s", ...sociBlueprint, note: "10.78 GB / 45.0 s" },
  /** Starting Python, importing the engine, reading the configuration, before weights are read. */
  engineBootstrap: { value: 95, unit: "s", ...kaito, standing: "derived", note: "framework 74 s + engine 21 s" },
  /** Engine initialisation, compilation and CUDA graph capture of a 27B model, after the weights are loaded. */
  engineStart: { value: 195, unit: "s", ...kaito },
  /** Compiling a model of 32 layers: tracing and code generation. */
  compile: { value: 52, unit: "s", ...tensorfuse, standing: "derived", note: "10 s tracing + 42 s compiling" },
  /** The same where the compile cache is kept: tracing is done all the same. */
  compileCached: { value: 23, unit: "s", ...tensorfuse, standing: "derived", note: "10 s tracing + 13 s loading" },
  /** Capturing the CUDA graphs of a model of 32 layers, at all batch sizes. */
  graphCapture: { value: 54, unit: "s", ...tensorfuse, standing: "exact" },
  /** Profiling memory, making the KV cache and the first requests. */
  warmUp: {
    value: 48,
    unit: "s",
    source: "dirien/what-is-ai-platform-engineering-and-why-should-you-care, STARTUP_OPTIMIZATION.md (8B, A10G)",
    date: "2026-11-21",
    standing: "exact",
  },
  /** Start of a Triton server whose TensorRT engines are built. */
  tritonStart: {
    value: 65,
    unit: "s",
    source: "triton-inference-server/server issue 6014 (23.05, TensorRT plans, mean of 10 runs)",
    date: "2023-07-03",
    standing: "exact",
  },
  /** The same where ONNX models are optimised by TensorRT when they load. */
  tritonOptimisingStart: {
    value: 750,
    unit: "s",
    source: "triton-inference-server/server issue 6014 (23.05, ONNX with TensorRT optimisation, mean of 10 runs)",
    date: "2023-07-03",
    standing: "exact",
  },
  /** Weights from the Hugging Face hub to the GPU. Elsewhere 0.17 to 0.9 GB/s: the hub promises nothing. */
  hubThroughput: {
    value: 0.064,
    unit: "GB/s",
    source:
      "dirien/what-is-ai-platform-engineering-and-why-should-you-care, STARTUP_OPTIMIZATION.md (8B in bf16 in 250 s)",
    date: "2026-11-21",
    standing: "derived",
    note: "16.06 GB / 250 s",
  },
  /** Weights from a shared volume to the GPU. */
  volumeThroughput: {
    value: 0.5,
    unit: "GB/s",
    source: "vllm-project/vllm issue 15862, comment (180 GB in about 6 min at 0.5 GB/s)",
    date: "2026-11-21",
    standing: "exact",
    note: "the slower of the two disks named there",
  },
  /** Weights copied from S3 to the machine's disk and loaded from there. */
  s3Throughput: {
    value: 0.52,
    unit: "GB/s",
    source: "discussion 37871241 at Hacker News of a provider's report (Llama 2 70B on p4de in 4 min 25 s)",
    date: "2026-11-21",
    standing: "derived",
    note: "138 GB / 265 s, which has the engine's start in it",
  },
  /** Weights streamed from S3 to the GPU by many connections (Run:ai Model Streamer). */
  s3StreamThroughput: { value: 3.77, unit: "GB/s", ...streamerBenchmark, note: "3.51 GiB/s; 4 × A10G, 40 Gbit/s" },
  /** Weights streamed from an EBS gp3 volume by many threads. */
  volumeStreamThroughput: { value: 1.1, unit: "GB/s", ...streamerBenchmark, note: "1.03 GiB/s" },
  /** Weights from an OCI image that the machine has. */
  ociThroughput: {
    value: 3.49,
    unit: "GB/s",
    source:
      "dirien/what-is-ai-platform-engineering-and-why-should-you-care, STARTUP_OPTIMIZATION.md (8B in bf16 in 4.6 s)",
    date: "2026-11-21",
    standing: "derived",
    note: "16.06 GB / 4.6 s",
  },
  /** Weights that the machine's memory still holds, or a fast local disk. */
  pageCacheThroughput: {
    value: 7.2,
    unit: "GB/s",
    source: "vllm-project/vllm issue 15862, comment (180 GB in about 25 s from a disk of 7 GB/s)",
    date: "2026-11-21",
    standing: "derived",
    note: "memory is at least as fast as that disk",
  },
  /** From the notice to the end of a spot machine. */
  spotNotice: {
    value: 120,
    unit: "s",
    source: "Amazon EC2 user guide, Spot Instance interruption notices (best effort)",
    date: "2026-11-21",
    standing: "exact",
  },
} as const satisfies Readonly<Record<string, Timing>>;

export type TimingName = keyof typeof timings;

/** Layers of the model whose compilation and graph capture were measured; both grow with the layers (arXiv 2606.07362). */
export const measuredLayers = 32;

/** A start that somebody measured after the weights were loaded: what estimates are checked against. */
export interface MeasuredStart extends Source {
  readonly model: string;
  readonly layers: number;
  /** Whether compiled code of an earlier start was there. */
  readonly cached: boolean;
  /** Compilation, graph capture and warm-up. */
  readonly seconds: number;
}

/**
 * Published starts of vLLM. One more is a fault and not here: 37 min of compilation of Nemotron 3 (vllm-project/vllm
 * issue 34399).
 */
export const measuredStarts: readonly MeasuredStart[] = [
  { model: "Qwen3.8-27B on A100", layers: 64, cached: false, seconds: 195, ...kaito },
  {
    model: "8B on A10G",
    layers: 32,
    cached: false,
    seconds: 82,
    source: timings.warmUp.source,
    date: "2026-11-21",
    standing: "derived",
    note: "compilation 34 s + warm-up 48 s",
  },
  {
    model: "Qwen3-32B",
    layers: 64,
    cached: false,
    seconds: 68.5,
    source: "vllm-project/vllm pull request 32191 (whole start, loading in it)",
    date: "2026-01-12",
    standing: "exact",
  },
  {
    model: "Qwen3-32B",
    layers: 64,
    cached: true,
    seconds: 43.9,
    source: "vllm-project/vllm pull request 32191 (whole start, loading in it)",
    date: "2026-01-12",
    standing: "exact",
  },
  {
    model: "27B over two RTX 3090",
    layers: 64,
    cached: false,
    seconds: 387,
    source: "mitchross/talos-argocd-proxmox pull request 1848",
    date: "2026-08-04",
    standing: "derived",
    note: "compilation 166 s + profiling 131 s + graph capture 90 s; the layers are those of a 27B of that family",
  },
  {
    model: "Qwen3.6-35B-A3B-NVFP4 on RTX 5090",
    layers: 40,
    cached: false,
    seconds: 253,
    source: "vllm-project/vllm issue 44881 (a card whose kernels are built at the start)",
    date: "2026-06-08",
    standing: "derived",
    note: "compilation 43 s + profiling and warm-up 210 s; the layers are recalled",
  },
  {
    model: "Llama 3.2 of 3.4 GiB",
    layers: 16,
    cached: true,
    seconds: 34.1,
    source: "vllm-project/vllm issue 20264 (engine's own log)",
    date: "2025-06-30",
    standing: "derived",
    note: "layers are those of the 1B",
  },
];
