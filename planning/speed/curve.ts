import type { Replica } from "../replica";
import { gpusOf } from "../replica";
import { beforeSeconds, type Flow, type Lengths, maxDecoding, promptSeconds, promptTurn, steadyAt } from "./flow";
import { measuredCeiling } from "./measured-ceiling";

/** What is known at each point of a curve. All rows are ordered by `inside` and do not fall. */
export interface Rows {
  /** Requests that hold a slot. */
  readonly inside: readonly number[];
  /** Requests that end per second. */
  readonly rate: readonly number[];
  /** Seconds until a request is in a step when a slot is free; then until its prompt is computed. */
  readonly before: readonly number[];
  readonly prompt: readonly number[];
  /** Seconds by which one prompt keeps the next from being computed. */
  readonly turn: readonly number[];
  /** Seconds of a step on average, of one without prompts and of one with; share of those with. */
  readonly meanStep: readonly number[];
  readonly plainStep: readonly number[];
  readonly promptStep: readonly number[];
  readonly promptShare: readonly number[];
}

/** How fast a replica works with so many requests in it, from none to as many as it takes. */
export interface Curve {
  readonly rows: Rows;
  /** Most requests that are worked on at once. */
  readonly slots: number;
  /** Requests per second above which the waiting line grows without end. */
  readonly capacity: number;
}

type MutableRows = { -readonly [Row in keyof Rows]: number[] };

const firstDecoding = 0.02;
const pointsPerCurve = 16;

/** The curve of a flow. Each point has so many sequences decoding; Little's law says how many requests that makes. */
export function curveOf(flow: Flow, replica: Replica, lengths: Lengths): Curve {
  const slots = Math.max(1, Math.floor(flow.maxRunning));
  const most = maxDecoding(flow);
  const gpus = gpusOf(replica.parallel);
  const outputTokens = Math.max(1, lengths.outputTokens);
  const ceiling = measuredCeiling(flow, replica, (steadyAt(flow, most).rate * outputTokens) / gpus, lengths);
  const highestRate = (ceiling * gpus) / outputTokens;
  const rows = emptyRows();
  const growth = (most / firstDecoding) ** (1 / (pointsPerCurve - 1));
  for (let point = 0, decoding = firstDecoding; point < pointsPerCurve; point++, decoding *= growth) {
    addPoint(rows, flow, Math.min(decoding, most), highestRate);
    if ((rows.inside.at(-1) ?? 0) >= slots) break;
  }
  return { rows, slots, capacity: valueAt(rows, "rate", slots) };
}

function emptyRows(): MutableRows {
  return {
    inside: [],
    rate: [],
    before: [],
    prompt: [],
    turn: [],
    meanStep: [],
    plainStep: [],
    promptStep: [],
    promptShare: [],
  };
}

/** Busier than this prompts are not taken to be: the wait would have no end. */
const busiest = 0.98;

/** Seconds that a prompt waits for those before it, on average, and when it waits at all (M/D/1). */
export function promptQueue(
  rate: number,
  turn: number,
): { readonly mean: number; readonly share: number; readonly whenWaiting: number } {
  const share = Math.min(busiest, rate * turn);
  const whenWaiting = turn / (2 * (1 - share));
  return { mean: share * whenWaiting, share, whenWaiting };
}

function addPoint(rows: MutableRows, flow: Flow, decoding: number, highestRate: number): void {
  const steady = steadyAt(flow, decoding);
  const slower = Math.max(1, steady.rate / highestRate);
  const others = Math.max(0, decoding - 1);
  const rate = steady.rate / slower;
  const turn = promptTurn(flow, steady) * slower;
  const prompt = promptSeconds(flow, others) * slower;
  push(rows.inside, decoding + rate * (prompt + promptQueue(rate, turn).mean));
  push(rows.rate, rate);
  push(rows.before, beforeSeconds(flow, steady, others) * slower);
  push(rows.prompt, prompt);
  push(rows.turn, turn);
  push(rows.meanStep, steady.meanStep * slower);
  push(rows.plainStep, steady.plainStep * slower);
  push(rows.promptStep, steady.promptStep * slower);
  push(rows.promptShare, steady.promptShare);
}

function push(values: number[], value: number): void {
  values.push(Math.max(value, values.at(-1) ?? 0));
}

/** The first point of a curve with at least so many requests inside: from `from` on, or one beyond the last. */
export function pointAt({ inside: positions }: Rows, inside: number, from = 0): number {
  let point = from;
  while (point < positions.length && (positions[point] ?? 0) < inside) point++;
  return point;
}

/**
 * A row at so many requests: between points by a straight line, from none by proportion, beyond the last as there.
 *
 * @param after - the point of `inside`, where it is known
 */
export function valueAt(rows: Rows, row: keyof Rows, inside: number, after = pointAt(rows, inside)): number {
  const positions = rows.inside;
  const values = rows[row];
  if (after === positions.length) return values.at(-1) ?? 0;
  const high = values[after] ?? 0;
  const position = positions[after] ?? 0;
  if (after === 0) return row === "rate" && position > 0 ? (high * inside) / position : high;
  const low = values[after - 1] ?? 0;
  const before = positions[after - 1] ?? 0;
  return position === before ? high : low + ((high - low) * (inside - before)) / (position - before);
}
