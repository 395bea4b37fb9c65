import type { Cpu } from "../../catalog/cpus";
import type { ResolvedModel } from "../../catalog/model-names";
import type { Model } from "../../catalog/models";
import type { Source } from "../../catalog/fact";
import { bytesPerGiB } from "../../catalog/units";
import { activeParameters, checkpointBytes } from "../memory";
import { depth } from "../memory/shape";
import type { FitAnswer } from "./answer";
import { loadOf, usual } from "./load";
import type { FitQuestion, Part, QuestionProblem } from "./question";

/** An encoder on one socket of a machine without GPUs. */
export interface OnCpu {
  readonly on: "cpu";
  readonly model: Model;
  readonly cpu: Cpu;
  /** Tokens of the longest text. */
  readonly context: number;
}

/** What of the processor's peaks an engine reaches. */
export const cpuShares = { bandwidth: 0.7, arithmetic: 0.5 } as const;
export const cpuSharesSource: Source = {
  source: "usual shares of STREAM and of matrix products in 32 bits on servers",
  date: "2026-11-21",
  standing: "recalled",
};

/** Texts that a processor works on together. */
const most = 32;

/** An encoder on a processor, or why that is not answered. */
export function onCpu(question: FitQuestion, { model }: ResolvedModel, cpu: Cpu): Part<OnCpu> {
  const context = question.maxModelLen ?? model.maxContext;
  const problem = (wrong: boolean, key: QuestionProblem["key"], message: string): readonly QuestionProblem[] =>
    wrong ? [{ key, message }] : [];
  const { gpus, tensorParallel, pipelineParallel, dataParallel, quantization, inputTokens = 1 } = question;
  const several = [gpus, tensorParallel, pipelineParallel, dataParallel].some((count) => (count ?? 1) > 1);
  const problems = [
    ...problem(
      model.kind === "decoder",
      "gpu",
      `${model.id} generates text, which on a processor is not computed; allowed: a GPU, or an encoder`,
    ),
    ...problem(several, "gpus", `${cpu.id} is one processor; allowed: 1`),
    ...problem(
      quantization !== undefined && quantization !== "fp32",
      "quantization",
      `on a processor weights in ${quantization ?? ""} are not computed; allowed: fp32`,
    ),
    ...problem(
      context > model.maxContext,
      "maxModelLen",
      `a context of ${context} tokens is beyond the ${model.maxContext} that ${model.id} allows; allowed: 1 to ${model.maxContext}`,
    ),
    ...problem(
      inputTokens > context,
      "inputTokens",
      `${inputTokens} input tokens exceed the context of ${context}; allowed: ${context} together`,
    ),
  ];
  return problems.length > 0 ? { problems } : { on: "cpu", model, cpu, context };
}

/** How fast a processor encodes: the longer of reading the weights and of computing, for each batch. */
export function fitOnCpu({ model, cpu, context }: OnCpu, question: FitQuestion): FitAnswer {
  const load = loadOf(context, model.kind, question);
  const weightsBytes = checkpointBytes(model, "fp32");
  const batch = Math.min(most, load.concurrency ?? 1);
  const seconds = secondsOfBatch(model, cpu, batch, load.inputTokens);
  const rounds = Math.ceil((load.concurrency ?? 1) / batch);
  const textsPerSecond = batch / seconds;
  return {
    fits: true,
    reasons: [
      `nothing was measured on ${cpu.id}: ${cpuShares.bandwidth * 100} % of its bandwidth and ${cpuShares.arithmetic * 100} % of its arithmetic are assumed`,
    ],
    weightsGibPerGpu: weightsBytes / bytesPerGiB,
    overheadGibPerGpu: 0,
    kvGibPerGpu: 0,
    kvBytesPerTokenPerGpu: 0,
    kvTokens: 0,
    maxConcurrencyAtFullLength: null,
    concurrencyLimit: most,
    decode: null,
    ttftMs: seconds * rounds * 1000,
    offlineCeilingTokensPerSecondPerGpu: null,
    usdPerHour: null,
    usdPerMillionOutputTokens: null,
    confidence: "needs-profile-run",
    encode: { textsPerSecond, inputTokensPerSecond: textsPerSecond * load.inputTokens },
    resolved: {
      model: model.id,
      gpu: cpu.id,
      gpus: 1,
      replicas: 1,
      tensorParallel: 1,
      pipelineParallel: 1,
      dataParallel: 1,
      expertParallel: false,
      quantization: "fp32",
      kvCacheDtype: "fp32",
      maxModelLen: context,
      maxNumSeqs: most,
      maxNumBatchedTokens: most * context,
      gpuMemoryUtilization: null,
      engine: "cpu",
      engineVersion: null,
      interconnect: "none",
      cudaTotalGib: null,
      ...load,
      region: question.region ?? usual.region,
      instance: null,
    },
  };
}

function secondsOfBatch(model: Model, cpu: Cpu, texts: number, tokensOfText: number): number {
  const tokens = texts * tokensOfText;
  const parameters = activeParameters(model);
  // Every token sees all of its text: scores and weighted values, two operations each.
  const attention = 4 * model.attentionHeads * model.headDim * depth(model) * tokensOfText;
  const computing = (tokens * (2 * parameters + attention)) / (cpu.fp32Tflops * 1e12 * cpuShares.arithmetic);
  const reading = (4 * parameters) / (cpu.memoryBandwidthGBps * 1e9 * cpuShares.bandwidth);
  return Math.max(reading, computing);
}
