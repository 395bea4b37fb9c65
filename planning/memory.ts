import type { Gpu } from "../catalog/gpus";
import type { Model } from "../catalog/models";
import { bytesPerGiB } from "../catalog/units";
import type { Arithmetic, By, MemorySplit } from "./plan";

/** What decides how one GPU's memory is spent. */
export interface MemoryQuestion {
  readonly model: Model;
  readonly gpu: Gpu;
  readonly tensorParallel: number;
  readonly gpuMemoryUtilization: number;
  readonly context: number;
  readonly maxSequences: number;
  readonly batchedTokens: number;
  readonly kvCache: "auto" | "fp8";
}

const fit = "fitted on published start-up logs of vLLM 0.28 on L40S, about ±3 % there (2026-11-21)";

/** Bytes of one parameter as vLLM holds it when nothing is quantised: 16 bits, whatever the checkpoint has. */
const bytesPerParameter = 2;

/**
 * Why a model's memory cannot be computed with the formulas below, in words; undefined when it can.
 * What is not known is refused instead of guessed.
 */
export function memoryUnknown(model: Model): string | undefined {
  if (model.kind !== "decoder") return `it is ${article(model.kind)} ${model.kind}, not a decoder that generates text`;
  if (!["bfloat16", "float16", "float32"].includes(model.nativeDtype)) {
    return `its weights come quantised (${model.nativeDtype}), which planning does not compute yet`;
  }
  if (model.layers.sliding > 0 || model.layers.linear > 0) {
    return "it mixes full attention with windows or linear attention, whose KV cache planning does not compute yet";
  }
  if (model.mla !== null) return "it compresses its KV cache (MLA), which planning does not compute yet";
  return undefined;
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}

/** How one GPU's memory is spent by a replica, and the arithmetic of each part. */
export function splitMemory(question: MemoryQuestion): { split: MemorySplit; why: By<Arithmetic> } {
  const weights = weightsGiB(question);
  const overhead = overheadGiB(question);
  const perToken = kvBytesPerToken(question);
  const totalGiB = question.gpu.cudaTotalGiB;
  const budgetGiB = totalGiB * question.gpuMemoryUtilization;
  const kvGiB = budgetGiB - weights.value - overhead.value;
  const marginGiB = Math.max(0.05 * kvGiB, 0.5);
  const kvTokens = Math.max(0, Math.floor(((kvGiB - marginGiB) * bytesPerGiB) / perToken.value));
  const split: MemorySplit = {
    totalGiB,
    budgetGiB,
    weightsGiB: weights.value,
    overheadGiB: overhead.value,
    kvGiB,
    marginGiB,
    kvBytesPerToken: perToken.value,
    kvTokens,
    fullLengthRequests: kvTokens / question.context,
  };
  const why: By<Arithmetic> = {
    budgetGiB: {
      formula: "GPU memory that CUDA reports × gpuMemoryUtilization",
      terms: [
        { name: "GPU memory that CUDA reports", value: totalGiB, unit: "GiB", source: `catalogue: ${question.gpu.id}` },
        { name: "gpuMemoryUtilization", value: question.gpuMemoryUtilization },
      ],
      result: budgetGiB,
      unit: "GiB",
    },
    weightsGiB: weights.why,
    overheadGiB: overhead.why,
    kvBytesPerToken: perToken.why,
    kvGiB: {
      formula: "budget − weights − overhead",
      terms: [
        { name: "budget", value: budgetGiB, unit: "GiB" },
        { name: "weights", value: weights.value, unit: "GiB" },
        { name: "overhead", value: overhead.value, unit: "GiB" },
      ],
      result: kvGiB,
      unit: "GiB",
    },
    kvTokens: {
      formula: "(KV cache − margin) ÷ bytes per token",
      terms: [
        { name: "KV cache", value: kvGiB, unit: "GiB" },
        {
          name: "margin",
          value: marginGiB,
          unit: "GiB",
          source: "the larger of 5 % and 0.5 GiB: the overhead is an estimate",
        },
        { name: "bytes per token", value: perToken.value, unit: "B" },
      ],
      result: kvTokens,
      unit: "tokens",
    },
  };
  return { split, why };
}

interface Explained {
  readonly value: number;
  readonly why: Arithmetic;
}

function weightsGiB({ model, tensorParallel }: MemoryQuestion): Explained {
  const value = (model.totalParameters * bytesPerParameter) / tensorParallel / bytesPerGiB;
  const terms = [
    { name: "parameters", value: model.totalParameters, source: `catalogue: ${model.id}` },
    { name: "bytes per parameter", value: bytesPerParameter, unit: "B", source: "16-bit weights" },
    { name: "tensor parallel", value: tensorParallel },
  ];
  return {
    value,
    why: { formula: "parameters × bytes per parameter ÷ tensor parallel", terms, result: value, unit: "GiB" },
  };
}

/** Activations of the profile run, sampling buffers, CUDA graphs and what CUDA itself takes. */
function overheadGiB({ model, tensorParallel, maxSequences, batchedTokens }: MemoryQuestion): Explained {
  const base = tensorParallel === 1 ? 0.25 : 0.6;
  const sampling = (maxSequences * model.vocabularySize * 16) / bytesPerGiB;
  const activations =
    (batchedTokens * (20 * model.hiddenSize + (6 * model.intermediateSize) / tensorParallel)) / bytesPerGiB;
  const experts = model.moe === null ? 0 : 0.5;
  const graphs = maxSequences <= 8 ? 0.2 : 0.5;
  const value = base + sampling + activations + experts + graphs;
  const terms = [
    { name: "CUDA and communication", value: base, unit: "GiB", source: fit },
    { name: "sampling (sequences × vocabulary × 16 B)", value: sampling, unit: "GiB", source: fit },
    {
      name: "activations (batched tokens × (20 × hidden + 6 × intermediate ÷ tensor parallel) B)",
      value: activations,
      unit: "GiB",
      source: fit,
    },
    { name: "expert routing", value: experts, unit: "GiB", source: fit },
    { name: "CUDA graphs", value: graphs, unit: "GiB", source: fit },
  ];
  return { value, why: { formula: "sum of the terms", terms, result: value, unit: "GiB" } };
}

function kvBytesPerToken({ model, tensorParallel, kvCache }: MemoryQuestion): Explained {
  const heads = Math.max(1, model.kvHeads / tensorParallel);
  const bytes = kvCache === "fp8" ? 1 : 2;
  const value = 2 * model.layers.full * heads * model.headDim * bytes;
  const terms = [
    { name: "layers", value: model.layers.full, source: `catalogue: ${model.id}` },
    { name: "KV heads on one GPU", value: heads, source: "KV heads ÷ tensor parallel, at least one" },
    { name: "head dimension", value: model.headDim },
    { name: "bytes per element", value: bytes, unit: "B" },
  ];
  return { value, why: { formula: "2 × layers × KV heads × head dimension × bytes", terms, result: value, unit: "B" } };
}
