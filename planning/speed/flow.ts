import { isVersion, compareVersions } from "../../catalog/compare-versions";
import { bytesPerGiB } from "../../catalog/units";
import { maxConcurrency } from "../memory/kv";
import type { MemorySplit } from "../memory/split";
import type { Replica } from "../replica";
import { frontendSeconds } from "./constants";
import { type SpeedProfile, speedProfile } from "./profile";
import { type StepContext, stepTime } from "./step";

/** What a request is like, on average. */
export interface Lengths {
  /** Tokens of the prompt. */
  readonly inputTokens: number;
  /** Tokens of the answer. */
  readonly outputTokens: number;
  /** Share of the prompt that is found in the prefix cache, 0 to 1. @default 0 */
  readonly prefixHit?: number;
}

/** The memory for the KV cache, as `splitMemory` says. */
export type KvMemory = Pick<MemorySplit, "kvGiB" | "marginGiB">;

/** Requests of one kind on one replica: everything that does not depend on how many there are. */
export interface Flow extends StepContext {
  readonly profile: SpeedProfile;
  /** Tokens of a prompt that are computed. */
  readonly promptTokens: number;
  /** Steps of an answer after its first token: fewer than tokens with speculative decoding. */
  readonly decodeSteps: number;
  readonly outputTokens: number;
  /** Tokens of one step at most, over all ranks. */
  readonly budget: number;
  /** Requests that the engine works on at once: its limit, or what the KV cache holds. */
  readonly maxRunning: number;
  readonly limitedBy: "sequences" | "cache";
  /** Steps that are already on their way when a request arrives. */
  readonly stepsAhead: number;
}

/** Asynchronous scheduling has the next step ready while one runs; the default since this version. */
const asynchronousSince = "0.14.0";

/** Requests of these lengths on a replica. */
export function flowOf(replica: Replica, kv: KvMemory, lengths: Lengths): Flow {
  const profile = speedProfile(replica);
  const { parallel, engine } = replica;
  const inputTokens = Math.max(1, lengths.inputTokens);
  const outputTokens = Math.max(1, lengths.outputTokens);
  const cached = inputTokens * Math.min(1, Math.max(0, lengths.prefixHit ?? 0));
  const promptTokens = Math.max(1, inputTokens - cached);
  const contextTokens = inputTokens + outputTokens / 2;
  const kvBytes = Math.max(0, kv.kvGiB - kv.marginGiB) * bytesPerGiB;
  const heldTokens = engine.kind === "vllm" ? contextTokens : inputTokens + outputTokens;
  const held = maxConcurrency(replica, kvBytes, Math.ceil(heldTokens)) * parallel.data;
  const sequences = replica.maxSequences * parallel.data;
  const synchronous =
    engine.kind === "vllm" && isVersion(engine.version) && compareVersions(engine.version, asynchronousSince) < 0;
  return {
    profile,
    promptTokens,
    promptContext: cached + promptTokens / 2,
    contextTokens,
    decodeSteps: Math.max(1, outputTokens - 1) / (profile.draft?.perStep ?? 1),
    outputTokens,
    budget: Math.max(1, replica.batchedTokens) * parallel.data * parallel.pipeline,
    maxRunning: Math.min(held, sequences),
    limitedBy: held < sequences ? "cache" : "sequences",
    stepsAhead: synchronous ? 0 : 1,
  };
}

/** Seconds of a step in which so many sequences decode and so many prompt tokens are computed. */
export function mixedStep(flow: Flow, sequences: number, promptTokens: number): number {
  return stepTime(flow.profile, flow, sequences, promptTokens);
}

/** Prompt tokens of one step beside so many decoding sequences: the prompt, or what the budget leaves. */
export function chunkOf({ promptTokens, budget }: Flow, sequences: number): number {
  return Math.min(promptTokens, Math.max(1, budget - sequences));
}

/** A flow with so many sequences decoding all the time. */
export interface Steady {
  readonly decoding: number;
  /** Seconds of a step: without prompts, with one (or as much of it as fits), with as many as come, on average. */
  readonly plainStep: number;
  readonly chunkStep: number;
  readonly promptStep: number;
  readonly meanStep: number;
  /** Share of steps that compute prompts. */
  readonly promptShare: number;
  /** Requests per second. */
  readonly rate: number;
}

/**
 * The steady state in which so many sequences decode. Each step ends some answers, and as many new prompts come in: where
 * that is less than one chunk a step, some steps have a chunk and the others none.
 */
export function steadyAt(flow: Flow, decoding: number): Steady {
  const finished = decoding / flow.decodeSteps;
  const arriving = finished * flow.promptTokens;
  const chunk = chunkOf(flow, decoding);
  const plainStep = mixedStep(flow, decoding, 0);
  const chunkStep = mixedStep(flow, decoding, chunk);
  const promptStep = arriving <= chunk ? chunkStep : mixedStep(flow, decoding, arriving);
  const promptShare = Math.min(1, arriving / chunk);
  // One's own prompt is computed before one decodes: only those of others come between two tokens.
  const ofOthers = decoding > 1 ? 1 - 1 / decoding : 0;
  const meanStep = plainStep + promptShare * ofOthers * (promptStep - plainStep);
  return { decoding, plainStep, chunkStep, promptStep, meanStep, promptShare, rate: finished / meanStep };
}

/** Most sequences that can decode all the time: each step's prompts have to fit beside them. */
export function maxDecoding(flow: Flow): number {
  const { budget, promptTokens, decodeSteps, maxRunning } = flow;
  return Math.max(1e-6, Math.min(maxRunning, budget / (1 + promptTokens / decodeSteps)));
}

/**
 * Seconds from a request's arrival until it is in a step, where a slot is free: the front end, what is left of the step
 * under way, and steps ahead. `others` are sequences beside it. Long steps are more likely to be met: half of E[s²] ÷ E[s].
 */
export function beforeSeconds(flow: Flow, steady: Steady, others: number): number {
  const { promptShare, promptStep, plainStep, meanStep } = steady;
  const square = promptShare * promptStep * promptStep + (1 - promptShare) * plainStep * plainStep;
  return frontendSeconds + (square / (2 * meanStep) + flow.stepsAhead * meanStep) * Math.min(1, others);
}

/**
 * Seconds by which one prompt keeps the next from being computed: its own work, and its part of the decoding in the steps
 * that it takes.
 */
export function promptTurn(flow: Flow, steady: Steady): number {
  const { chunkStep, plainStep, decoding } = steady;
  const chunks = flow.promptTokens / chunkOf(flow, decoding);
  const perStep = flow.promptTokens / Math.max(1, flow.budget - decoding);
  return chunks * (chunkStep - plainStep) + perStep * plainStep;
}

/** Seconds of the steps that compute one prompt beside other sequences. */
export function promptSeconds(flow: Flow, others: number): number {
  const chunk = chunkOf(flow, others);
  const steps = flow.promptTokens / chunk;
  const whole = Math.floor(steps);
  const rest = flow.promptTokens - whole * chunk;
  const full = whole === 0 ? 0 : whole * mixedStep(flow, others, chunk);
  return full + (rest < 1 ? 0 : mixedStep(flow, others, rest));
}
