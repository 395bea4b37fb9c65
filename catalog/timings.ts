import type { Source } from "./fact";

/** One measured duration or rate of a cold start, with where it was measured. */
export interface Timing extends Source {
  readonly value: number;
  readonly unit: "s" | "GB/s";
}

/**
 * What a cold start of an engine is made of. Each is one published measurement, not a guarantee: what is
 * derived from them carries a margin.
 */
export const timings = {
  /** Pulling the engine's image onto a machine that does not have it. */
  imagePull: {
    value: 101,
    unit: "s",
    source: "kaito-project/kaito issue 2325 (27B model, A100 80 GB, vLLM 0.25.1)",
    date: "2026-11-21",
    standing: "exact",
  },
  /** Engine initialisation, compilation and CUDA graph capture, after the weights are loaded. */
  engineStart: {
    value: 195,
    unit: "s",
    source: "kaito-project/kaito issue 2325 (27B model, A100 80 GB, vLLM 0.25.1)",
    date: "2026-11-21",
    standing: "exact",
  },
  /** Weights from the Hugging Face hub to the GPU. */
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
} as const satisfies Readonly<Record<string, Timing>>;
