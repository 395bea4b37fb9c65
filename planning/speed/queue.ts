import type { Confidence, Range, Replica } from "../replica";
import { type Occupancy, occupancy, waitQuantile } from "./birth-death";
import { speedConfidence, spreadOf } from "./confidence";
import { type Curve, curveOf, pointAt, promptQueue, type Rows, valueAt } from "./curve";
import { flowOf, type KvMemory, type Lengths } from "./flow";

/** Requests that arrive by themselves, at random times. */
export interface OpenLoad extends Lengths {
  readonly requestsPerSecond: number;
}

/** Seconds at the median and at the 95th percentile. */
export interface Percentiles {
  readonly p50: Range;
  readonly p95: Range;
}

/** How fast replicas answer requests that arrive by themselves. */
export interface OpenSpeed {
  readonly firstToken: Percentiles;
  readonly interToken: Percentiles;
  readonly endToEnd: Percentiles;
  /** Share of what the replicas can do at most, over all of them. */
  readonly utilization: Range;
  /** Requests inside one replica, on average. */
  readonly running: number;
  /** Share of requests that wait for a slot. */
  readonly waitingShare: number;
  readonly confidence: Confidence;
}

/** A replica with requests of one kind, ready for any number of them. */
export interface Station {
  readonly curve: Curve;
  /** Requests that end per second with n inside, n up to the slots. */
  readonly departures: Float64Array;
  /** Steps of an answer after its first token, and tokens. */
  readonly decodeSteps: number;
  readonly outputTokens: number;
  readonly confidence: Confidence;
}

/** Seconds of one percentile. */
export interface Point {
  readonly firstToken: number;
  readonly interToken: number;
  readonly endToEnd: number;
}

/** What holds of a replica at one load. */
export interface OperatingPoint {
  readonly p50: Point;
  readonly p95: Point;
  /** Computed when it is read. */
  readonly mean: Point;
  readonly running: number;
  readonly waitingShare: number;
}

/** Prepares a replica for requests of these lengths. */
export function stationOf(replica: Replica, kv: KvMemory, lengths: Lengths): Station | null {
  const flow = flowOf(replica, kv, lengths);
  if (flow.maxRunning < 1) return null;
  const curve = curveOf(flow, replica, lengths);
  const { decodeSteps, outputTokens } = flow;
  const confidence = speedConfidence(replica);
  return { curve, departures: departuresOf(curve), decodeSteps, outputTokens, confidence };
}

function departuresOf({ rows, slots }: Curve): Float64Array {
  const departures = new Float64Array(slots + 1);
  for (let n = 1, point = 0; n <= slots; n++) {
    point = pointAt(rows, n, point);
    departures[n] = valueAt(rows, "rate", n, point);
  }
  return departures;
}

/** Speed of `replicas` equal replicas that share a load evenly; null when they cannot keep up with it, or cannot start. */
export function serveOpen(replica: Replica, kv: KvMemory, load: OpenLoad, replicas = 1): OpenSpeed | null {
  const station = stationOf(replica, kv, load);
  return station === null ? null : speedAt(station, load.requestsPerSecond / replicas);
}

/** Speed of a station at so many requests per second. */
export function speedAt(station: Station, requestsPerSecond: number): OpenSpeed | null {
  const factor = spreadOf(station.confidence);
  const expected = operate(station, requestsPerSecond, 1);
  if (expected === null) return null;
  const low = operate(station, requestsPerSecond, 1 / factor);
  const high = operate(station, requestsPerSecond, factor);
  const bounds = { low, expected, high };
  const utilization = requestsPerSecond / station.curve.capacity;
  return {
    firstToken: percentilesOf("firstToken", bounds),
    interToken: percentilesOf("interToken", bounds),
    endToEnd: percentilesOf("endToEnd", bounds),
    utilization: { low: utilization / factor, expected: utilization, high: utilization * factor },
    running: expected.running,
    waitingShare: expected.waitingShare,
    confidence: station.confidence,
  };
}

/** What holds when the station is as fast as it may be, as expected, and as slow as it may be: null where it gives up. */
interface Bounds {
  readonly low: OperatingPoint | null;
  readonly expected: OperatingPoint;
  readonly high: OperatingPoint | null;
}

function percentilesOf(name: keyof Point, bounds: Bounds): Percentiles {
  return { p50: rangeOf("p50", name, bounds), p95: rangeOf("p95", name, bounds) };
}

function rangeOf(percentile: "p50" | "p95", name: keyof Point, { low, expected, high }: Bounds): Range {
  return {
    low: low === null ? 0 : low[percentile][name],
    expected: expected[percentile][name],
    high: high === null ? Infinity : high[percentile][name],
  };
}

/** A station whose every second takes `slower` seconds; null when it cannot keep up. */
export function operate(station: Station, requestsPerSecond: number, slower: number): OperatingPoint | null {
  const state = occupancy(Math.max(1e-9, requestsPerSecond * slower), station.departures);
  if (state === null) return null;
  return {
    p50: medianPoint(station, state, requestsPerSecond, slower),
    p95: latePoint(station, state, requestsPerSecond, slower),
    get mean() {
      return meanPoint(station, state, requestsPerSecond, slower);
    },
    running: state.meanInside,
    waitingShare: state.waitingShare,
  };
}

/** The 95th percentiles alone. */
export function late95(station: Station, requestsPerSecond: number): Point | null {
  const state = occupancy(Math.max(1e-9, requestsPerSecond), station.departures);
  return state === null ? null : latePoint(station, state, requestsPerSecond, 1);
}

/** Means by Little's law: time with a slot is requests with one ÷ requests per second. */
function meanPoint(station: Station, state: Occupancy, requestsPerSecond: number, slower: number): Point {
  const { curve, decodeSteps, outputTokens } = station;
  const { rows } = curve;
  const inside = Math.max(1, state.meanInside);
  const rate = Math.max(1e-9, requestsPerSecond * slower);
  const queued = promptQueue(rate, valueAt(rows, "turn", inside)).mean;
  const before = valueAt(rows, "before", inside) + state.meanWait;
  const prompt = valueAt(rows, "prompt", inside) + queued;
  const decoding = Math.max(state.meanInside / rate - prompt, valueAt(rows, "plainStep", 1) * decodeSteps);
  return {
    firstToken: (before + prompt) * slower,
    interToken: (decoding / Math.max(1, outputTokens - 1)) * slower,
    endToEnd: (before + prompt + decoding) * slower,
  };
}

function medianPoint(station: Station, state: Occupancy, requestsPerSecond: number, slower: number): Point {
  const { rows } = station.curve;
  const inside = Math.max(1, state.medianInside);
  const at = pointAt(rows, inside);
  const queue = promptQueue(requestsPerSecond * slower, valueAt(rows, "turn", inside, at));
  const queued = queue.share > 0.5 ? Math.log(queue.share / 0.5) * queue.whenWaiting : 0;
  const first = withSlot(rows, inside, at) + queued + waitQuantile(state, 0.5);
  return point(station, first, valueAt(rows, "plainStep", inside, at), valueAt(rows, "meanStep", inside, at), slower);
}

/** Seconds to the first token of a request that has a slot, but for prompts before its own. */
function withSlot(rows: Rows, inside: number, at: number): number {
  return valueAt(rows, "before", inside, at) + valueAt(rows, "prompt", inside, at);
}

/** The 95th percentile of each: of the requests inside, of prompts before one's own, of the line for a slot. */
function latePoint(station: Station, state: Occupancy, requestsPerSecond: number, slower: number): Point {
  const { rows } = station.curve;
  const inside = Math.max(1, state.p95Inside);
  const at = pointAt(rows, inside);
  const step = valueAt(rows, "meanStep", inside, at);
  const queue = promptQueue(requestsPerSecond * slower, valueAt(rows, "turn", Math.max(1, state.meanInside)));
  const queued = queue.share > 0.05 ? Math.log(queue.share / 0.05) * queue.whenWaiting : 0;
  // Within the step under way a request arrives anywhere: the 95th percentile waits almost all of it.
  const late = 0.45 * step * Math.min(1, inside - 1);
  const first = withSlot(rows, inside, at) + Math.max(late, queued) + waitQuantile(state, 0.95);
  const withPrompts = valueAt(rows, "promptShare", inside, at) > 0.05;
  return point(station, first, withPrompts ? valueAt(rows, "promptStep", inside, at) : step, step, slower);
}

function point(
  { decodeSteps, outputTokens }: Station,
  first: number,
  gap: number,
  step: number,
  slower: number,
): Point {
  return {
    firstToken: first * slower,
    interToken: ((gap * decodeSteps) / Math.max(1, outputTokens - 1)) * slower,
    endToEnd: (first + step * decodeSteps) * slower,
  };
}
