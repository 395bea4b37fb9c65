import type { Cpu } from "../../catalog/cpus";
import type { ResolvedModel } from "../../catalog/model-names";
import type { Model } from "../../catalog/models";
import { bytesPerGiB } from "../../catalog/units";
import { checkpointBytes } from "../memory";
import { encodingSeconds, processorShares } from "../speed/processor";
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
  const seconds = encodingSeconds(model, { cpu, sockets: 1 }, { texts: batch, tokens: load.inputTokens });
  const rounds = Math.ceil((load.concurrency ?? 1) / batch);
  const textsPerSecond = batch / seconds;
  return {
    fits: true,
    reasons: [
      `nothing was measured on ${cpu.id}: ${processorShares.bandwidth * 100} % of its bandwidth and ${processorShares.arithmetic * 100} % of its arithmetic are assumed`,
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
