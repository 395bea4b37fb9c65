import type { Flow } from "../../../planning/speed/flow";
import { mixedStep } from "../../../planning/speed/flow";

/** What a simulated replica did, in seconds. */
export interface Simulated {
  readonly firstToken: readonly number[];
  readonly endToEnd: readonly number[];
}

interface Request {
  readonly arrival: number;
  promptLeft: number;
  stepsLeft: number;
  firstToken: number;
}

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Steps an engine through requests that arrive at random, with answers of exponential length: slots are given in order
 * of arrival, every step decodes all that have their prompt and fills the rest of its budget with prompts. What the
 * front end takes is left out.
 */
export function simulate(flow: Flow, requestsPerSecond: number, count: number, seed: number): Simulated {
  const random = randomNumbers(seed);
  const exponential = (mean: number) => -mean * Math.log(1 - random());
  const waiting: Request[] = [];
  let running: Request[] = [];
  const firstToken: number[] = [];
  const endToEnd: number[] = [];
  const slots = Math.floor(flow.maxRunning);
  let now = 0;
  let nextArrival = exponential(1 / requestsPerSecond);
  let previousStart = 0;
  while (endToEnd.length < count) {
    // A step that is scheduled ahead has only requests that came before the one under way began.
    const cutoff = flow.stepsAhead === 0 || running.length === 0 ? now : previousStart;
    while (nextArrival <= now) {
      const stepsLeft = Math.max(1, Math.round(exponential(flow.decodeSteps)));
      waiting.push({ arrival: nextArrival, promptLeft: flow.promptTokens, stepsLeft, firstToken: 0 });
      nextArrival += exponential(1 / requestsPerSecond);
    }
    while (running.length < slots && (waiting[0]?.arrival ?? Infinity) <= cutoff) {
      const next = waiting.shift();
      if (next !== undefined) running.push(next);
    }
    if (running.length === 0) {
      now = waiting.length > 0 ? now : nextArrival;
      previousStart = now;
      continue;
    }
    const decoding = running.filter(({ promptLeft }) => promptLeft === 0);
    let room = Math.max(1, flow.budget - decoding.length);
    let prompt = 0;
    const served: Request[] = [];
    for (const request of running) {
      if (request.promptLeft === 0 || room === 0) continue;
      const part = Math.min(room, request.promptLeft);
      request.promptLeft -= part;
      room -= part;
      prompt += part;
      if (request.promptLeft === 0) served.push(request);
    }
    previousStart = now;
    now += mixedStep(flow, decoding.length, prompt);
    for (const request of decoding) request.stepsLeft--;
    for (const request of served) {
      request.firstToken = now;
      firstToken.push(now - request.arrival);
    }
    for (const request of running) {
      if (request.promptLeft === 0 && request.stepsLeft <= 0) endToEnd.push(now - request.arrival);
    }
    running = running.filter(({ promptLeft, stepsLeft }) => promptLeft > 0 || stepsLeft > 0);
  }
  return { firstToken, endToEnd };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The value that a share of all stays below. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
}
