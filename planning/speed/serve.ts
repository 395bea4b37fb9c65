import type { Confidence, Range, Replica } from "../replica";
import { gpusOf } from "../replica";
import { speedConfidence, spread, spreadOf, spreadWhenFull } from "./confidence";
import {
  beforeSeconds,
  type Flow,
  flowOf,
  type KvMemory,
  type Lengths,
  maxDecoding,
  promptSeconds,
  promptTurn,
  type Steady,
  steadyAt,
} from "./flow";
import { measuredCeiling } from "./measured-ceiling";

/** Requests that are always in flight: each that ends is followed by the next. */
export interface ClosedLoad extends Lengths {
  readonly concurrency: number;
}

/** How fast a replica answers. Times in seconds, tokens per second are output tokens. */
export interface Speed {
  readonly firstToken: Latency;
  /** Between two tokens of one answer. */
  readonly interToken: Latency;
  readonly endToEnd: Latency;
  readonly tokensPerSecond: Range;
  readonly tokensPerSecondPerGpu: Range;
  readonly requestsPerSecond: number;
  /** Requests worked on at once; the others wait. */
  readonly running: number;
  readonly waiting: number;
  readonly limitedBy: "load" | "sequences" | "cache" | "ceiling";
  readonly confidence: Confidence;
}

export interface Latency {
  readonly mean: Range;
  readonly p95: Range;
}

/** Bisections have so many steps: one part in a thousand of their interval. */
const bisectionSteps = 12;

/** Speed with a constant number of requests in flight, in steady state. */
export function serveClosed(replica: Replica, kv: KvMemory, load: ClosedLoad): Speed {
  const flow = flowOf(replica, kv, load);
  const running = Math.max(0, Math.min(load.concurrency, flow.maxRunning));
  if (running < 1) return notRunning(replica, load.concurrency);
  const steady = balance(flow, running);
  return speedOf(replica, load, flow, steady, running);
}

/** So many sequences decode that the others are just those whose prompts are computed or wait for it (Little's law). */
function balance(flow: Flow, running: number): Steady {
  const most = Math.min(running, maxDecoding(flow));
  const upper = steadyAt(flow, most);
  if (most + upper.rate * closedFirstToken(flow, upper, running) <= running) return upper;
  let low = 0;
  let high = most;
  let steady = upper;
  for (let step = 0; step < bisectionSteps; step++) {
    const middle = (low + high) / 2;
    steady = steadyAt(flow, middle);
    if (middle + steady.rate * closedFirstToken(flow, steady, running) > running) high = middle;
    else low = middle;
  }
  return steady;
}

/** Busier than this with prompts an engine is not taken to be: the wait would have no end. */
const busiest = 0.999;

/**
 * Seconds to the first token of a request that has a slot. It finds as many prompts before its own as there are on average
 * with one request less (arrival theorem of closed networks).
 */
function closedFirstToken(flow: Flow, steady: Steady, running: number): number {
  const withoutOne = (running - 1) / running;
  const others = steady.decoding * withoutOne;
  const busy = Math.min(busiest, steady.rate * promptTurn(flow, steady) * withoutOne);
  return beforeSeconds(flow, steady, others) + promptSeconds(flow, others) / (1 - busy);
}

/**
 * Seconds by which first tokens come later, and the others that much faster, because answers of similar length end
 * together: their followers' prompts come in bursts. Together neither takes longer. A burst is half of the others' prompts,
 * the more likely the more of the time goes into prompts.
 */
function burst({ rate, plainStep, meanStep }: Steady, running: number): number {
  if (rate === 0) return 0;
  const share = 1 - plainStep / meanStep;
  return (share * share * (running - 1)) / (2 * rate);
}

function speedOf(replica: Replica, load: ClosedLoad, flow: Flow, steady: Steady, running: number): Speed {
  const gpus = gpusOf(replica.parallel);
  const confidence = speedConfidence(replica);
  const full = load.concurrency > running;
  const factor = full ? spreadWhenFull(confidence) : spreadOf(confidence);
  const perGpu = (steady.rate * load.outputTokens) / gpus;
  const ceiling = measuredCeiling(flow, replica, perGpu, load);
  const slower = Math.max(1, perGpu / ceiling);
  const rate = steady.rate / slower;
  const tokens = Math.max(1, load.outputTokens - 1);
  const mixed = steady.meanStep * flow.decodeSteps * slower;
  const shift = Math.min(burst(steady, running) * slower, mixed - steady.plainStep * flow.decodeSteps * slower);
  const decode = load.outputTokens > 1 ? mixed - shift : 0;
  const interToken = (mixed - shift) / tokens;
  const inner = Math.max(0, running / rate - decode);
  const waited = (load.concurrency - running) / rate;
  const first = inner + waited;
  const late = shift + (waited > 0 ? 0.1 * waited : 0.5 * steady.meanStep * slower);
  const slowGap = gapP95(flow, steady) * slower;
  const throughput = rate * load.outputTokens;
  return {
    firstToken: { mean: spread(first, factor), p95: spread(first + late, factor) },
    interToken: { mean: spread(interToken, factor), p95: spread(Math.max(interToken, slowGap), factor) },
    endToEnd: { mean: spread(first + decode, factor), p95: spread(first + late + decode, factor) },
    tokensPerSecond: capped(throughput, factor, ceiling * gpus),
    tokensPerSecondPerGpu: capped(throughput / gpus, factor, ceiling),
    requestsPerSecond: rate,
    running,
    waiting: load.concurrency - running,
    limitedBy: slower > 1 ? "ceiling" : full ? flow.limitedBy : "load",
    confidence,
  };
}

/** The 95th percentile of the time between tokens: a step with prompts, where those are more than one in twenty. */
export function gapP95(flow: Flow, steady: Steady): number {
  const perStep = flow.profile.draft?.perStep ?? 1;
  return (steady.promptShare > 0.05 ? steady.promptStep : steady.plainStep) / perStep;
}

/** Throughput between its bounds, none of which is above what was measured at best. */
export function capped(value: number, factor: number, ceiling: number): Range {
  return {
    low: Math.min(ceiling, value / factor),
    expected: Math.min(ceiling, value),
    high: Math.min(ceiling, value * factor),
  };
}

function notRunning(replica: Replica, waiting: number): Speed {
  const never = { low: Infinity, expected: Infinity, high: Infinity };
  const latency = { mean: never, p95: never };
  const nothing = { low: 0, expected: 0, high: 0 };
  return {
    firstToken: latency,
    interToken: latency,
    endToEnd: latency,
    tokensPerSecond: nothing,
    tokensPerSecondPerGpu: nothing,
    requestsPerSecond: 0,
    running: 0,
    waiting,
    limitedBy: "cache",
    confidence: speedConfidence(replica),
  };
}
