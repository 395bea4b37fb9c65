import type { Cpu } from "../../catalog/cpus";
import type { Source } from "../../catalog/fact";
import type { Model } from "../../catalog/models";
import { activeParameters } from "../memory";
import { depth } from "../memory/shape";
import type { Term } from "../plan";

/** What of a processor's peaks an engine reaches. */
export const processorShares = { bandwidth: 0.7, arithmetic: 0.5 } as const;
export const processorSharesSource: Source = {
  source: "usual shares of STREAM and of matrix products in 32 bits on servers",
  date: "2026-11-21",
  standing: "recalled",
};

/** What computes: so many sockets, or a share of one. */
export interface Processors {
  readonly cpu: Cpu;
  readonly sockets: number;
}

/** Texts that are computed together, each of so many tokens. */
export interface Texts {
  readonly texts: number;
  readonly tokens: number;
}

/** How long processors encode a batch in 32 bits: the longer of reading the weights and of computing. */
export function encodingSeconds(model: Model, processors: Processors, batch: Texts): number {
  const { operations, bytes } = encodingWork(model, batch);
  const { arithmetic, bandwidth } = reached(processors);
  return Math.max(bytes / bandwidth, operations / arithmetic);
}

/** How those seconds come about. */
export function encodingTerms(
  model: Model,
  processors: Processors,
  batch: Texts,
): { readonly formula: string; readonly terms: readonly Term[] } {
  const { operations, bytes } = encodingWork(model, batch);
  const { arithmetic, bandwidth } = reached(processors);
  const { source } = processorSharesSource;
  const terms = [
    { name: `texts of ${Math.round(batch.tokens)} tokens`, value: batch.texts },
    { name: "operations", value: operations / 1e9, unit: "GFLOP" },
    {
      name: `${processorShares.arithmetic * 100} % of the arithmetic`,
      value: arithmetic / 1e9,
      unit: "GFLOP/s",
      source,
    },
    { name: "weights", value: bytes / 1e9, unit: "GB" },
    { name: `${processorShares.bandwidth * 100} % of the bandwidth`, value: bandwidth / 1e9, unit: "GB/s", source },
  ];
  return { formula: "the larger of operations ÷ arithmetic and weights ÷ bandwidth", terms };
}

/** Operations and bytes of one pass through the model. */
function encodingWork(model: Model, { texts, tokens }: Texts) {
  const parameters = activeParameters(model);
  // Every token sees all of its text: scores and weighted values, two operations each.
  const attention = 4 * model.attentionHeads * model.headDim * depth(model) * tokens;
  return { operations: texts * tokens * (2 * parameters + attention), bytes: 4 * parameters };
}

/** Operations and bytes per second that an engine reaches. */
function reached({ cpu, sockets }: Processors) {
  return {
    arithmetic: sockets * cpu.fp32Tflops * 1e12 * processorShares.arithmetic,
    bandwidth: sockets * cpu.memoryBandwidthGBps * 1e9 * processorShares.bandwidth,
  };
}
