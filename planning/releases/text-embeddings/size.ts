import { resolveCpu, type Cpu } from "../../../catalog/cpus";
import type { Model } from "../../../catalog/models";
import { textEmbeddingsRuntimes, tokenizerCopy } from "../../../catalog/text-embeddings-inference";
import { bytesPerGiB } from "../../../catalog/units";
import type { TextEmbeddingsSettings } from "../../../environment";
import type { ReleaseLoad } from "../../load";
import { checkpointBytes } from "../../memory";
import type { PoolPlan } from "../../plan";
import { encodingSeconds, type Processors, type Texts } from "../../speed/processor";
import type { HostMemory, TextBatch } from "./plan";
import { podsNeeded } from "./pods";
import {
  concurrency,
  cpuPerTokenizer,
  processGiB,
  scoreCopies,
  shareOfPromise,
  usualAnswer,
  usualText,
  weightsCopies,
  widthsPerToken,
} from "./rules";

/** What decides the size of a pod. */
export interface SizeQuestion {
  readonly settings: TextEmbeddingsSettings;
  readonly model: Model;
  readonly pool: PoolPlan;
  readonly load: ReleaseLoad | null;
}

/** One pod: what it has, what it computes at once, and how fast. */
export interface PodSize {
  readonly cpu: number;
  readonly processors: Processors;
  /** Workers that tokenise. */
  readonly tokenizers: number;
  readonly batch: TextBatch;
  readonly memory: HostMemory;
  readonly memoryGiB: number;
  readonly concurrentTexts: number;
  /** The texts of one request. */
  readonly request: Texts;
  /** One request alone. */
  readonly requestSeconds: number;
}

export function sizePod(question: SizeQuestion): PodSize {
  const { settings, model } = question;
  const limits = batchLimits(question);
  const request = requestOf(question);
  const cpu = settings.cpu ?? chooseCpu(question);
  const processors = processorsOf(question.pool, cpu);
  const requestSeconds = secondsOfTexts(model, processors, request);
  const batch = { ...limits, seconds: encodingSeconds(model, processors, fullBatch(limits)) };
  const tokenizers = Math.ceil(cpu / cpuPerTokenizer);
  const memory = hostMemory(model, batch, tokenizers);
  const { weightsGiB, activationsGiB, tokenizersGiB } = memory;
  return {
    cpu,
    processors,
    tokenizers,
    batch,
    memory,
    memoryGiB: Math.ceil(weightsGiB + activationsGiB + tokenizersGiB + processGiB),
    concurrentTexts:
      settings.maxConcurrentRequests ?? textsWithin(settings.longestRequest, requestSeconds / request.texts),
    request,
    requestSeconds,
  };
}

/** The longest text is the model's, unless batches are smaller: the engine then takes no longer one. */
export function batchLimits({ settings, model }: Pick<SizeQuestion, "settings" | "model">): Omit<TextBatch, "seconds"> {
  const tokens = settings.maxBatchTokens ?? model.maxContext;
  const { onnx, candle } = textEmbeddingsRuntimes;
  return {
    tokens,
    longestText: Math.min(model.maxContext, tokens),
    texts: Math.max(onnx.mostTexts, candle.mostTexts),
  };
}

/** Texts of full length until the batch is full; the last may count in part. */
export function fullBatch({ tokens, longestText, texts }: Omit<TextBatch, "seconds">): Texts {
  return { texts: Math.min(texts, tokens / longestText), tokens: longestText };
}

/** A request that is longer than the longest text has several texts of that length. */
export function requestOf({ load, ...question }: Pick<SizeQuestion, "settings" | "model" | "load">): Texts {
  const { longestText } = batchLimits(question);
  if (load === null) return { texts: 1, tokens: Math.min(usualText, longestText) };
  const texts = Math.ceil(load.inputTokens / longestText);
  return { texts, tokens: load.inputTokens / texts };
}

/** A number of CPU that a pod may have. */
export interface CpuChoice {
  readonly cpu: number;
  readonly requestSeconds: number;
  /** CPU of all pods that the load needs; null where no number of pods serves it, or no load is known. */
  readonly together: number | null;
}

/** Powers of two on one socket, of which the one is taken that needs the fewest CPU over all pods, and has the fewest. */
export function cpuChoices(question: SizeQuestion): readonly CpuChoice[] {
  const { model, pool, load } = question;
  const request = requestOf(question);
  return cpuCandidates(pool).map((cpu) => {
    const requestSeconds = secondsOfTexts(model, processorsOf(pool, cpu), request);
    const needed = load === null ? null : podsNeeded(requestSeconds, load);
    return { cpu, requestSeconds, together: needed === null ? null : needed.most * cpu };
  });
}

/** Of those with which one request alone is quick enough; the largest there is where none is. */
function chooseCpu(question: SizeQuestion): number {
  const choices = cpuChoices(question);
  const quick = choices.filter(({ requestSeconds }) => requestSeconds <= quickEnough(question));
  const fewest = Math.min(...quick.map(({ together }) => together ?? Infinity));
  const taken = quick.find(({ together }) => (together ?? Infinity) === fewest) ?? choices.at(-1);
  return taken?.cpu ?? 1;
}

/** Seconds that one request alone may take. */
export function quickEnough({ load }: Pick<SizeQuestion, "load">): number {
  const promised = load?.objectives.ttftP95;
  return promised === undefined ? usualAnswer : promised * shareOfPromise;
}

/** Powers of two on one socket: the memory of another is farther away. */
function cpuCandidates({ allocatable, capacity, processor }: PoolPlan): readonly number[] {
  const most = Math.min(allocatable.cpu, capacity.cpu / (processor?.sockets ?? 1));
  return Array.from({ length: Math.max(1, Math.floor(Math.log2(most)) + 1) }, (_, power) => 2 ** power);
}

/** The share of the machine's processors that so many CPU are: of its threads, or of its cores where they run one each. */
export function processorsOf({ processor, capacity }: PoolPlan, cpu: number): Processors {
  if (processor === null) throw new RangeError("machines that are not known by their processor");
  const model = cpuNamed(processor.id);
  const whole = Math.max(capacity.cpu, processor.sockets * model.cores);
  return { cpu: model, sockets: (processor.sockets * cpu) / whole };
}

function cpuNamed(id: string): Cpu {
  const cpu = resolveCpu(id);
  if (cpu === undefined) throw new RangeError(`not in the catalogue: ${id}`);
  return cpu;
}

/** Texts in batches of the runtime that takes fewer. */
export function secondsOfTexts(model: Model, processors: Processors, { texts, tokens }: Texts): number {
  const most = Math.min(textEmbeddingsRuntimes.onnx.mostTexts, textEmbeddingsRuntimes.candle.mostTexts);
  const rest = texts % most;
  const full = Math.floor(texts / most) * encodingSeconds(model, processors, { texts: most, tokens });
  return full + (rest === 0 ? 0 : encodingSeconds(model, processors, { texts: rest, tokens }));
}

function hostMemory(model: Model, batch: TextBatch, tokenizers: number): HostMemory {
  return {
    weightsGiB: (weightsCopies * checkpointBytes(model, "fp32")) / bytesPerGiB,
    activationsGiB: activationBytes(model, fullBatch(batch)) / bytesPerGiB,
    tokenizersGiB: (tokenizers * model.vocabularySize * tokenizerCopy.kibPerEntry * 1024) / bytesPerGiB,
    processGiB,
  };
}

/** What one layer holds while it is computed, in 32 bits. */
function activationBytes(model: Model, { texts, tokens }: Texts): number {
  return 4 * texts * tokens * (valuesPerToken(model) + scoreCopies * model.attentionHeads * tokens);
}

/** Numbers of one token beside its scores. */
export function valuesPerToken({ hiddenSize, intermediateSize, gatedFeedForward }: Model): number {
  return widthsPerToken * hiddenSize + (gatedFeedForward ? 3 : 2) * intermediateSize;
}

function textsWithin(seconds: number, secondsOfText: number): number {
  return Math.min(concurrency.most, Math.max(concurrency.least, Math.floor(seconds / secondsOfText)));
}
