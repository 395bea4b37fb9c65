/**
 * A queue whose speed depends on how many are inside: requests arrive at random, up to `slots` are worked on together, the
 * others wait in order.
 *
 * Up to the slots this is processor sharing, whose numbers depend on the mean of the lengths alone (it is insensitive);
 * the line of those that wait is that of exponential service. Both are one chain of births and deaths: the probability
 * of n requests is that of n − 1 times arrivals ÷ departures.
 */
export interface Occupancy {
  /** Requests that are worked on, on average, at the median and at the 95th percentile. */
  readonly meanInside: number;
  readonly medianInside: number;
  readonly p95Inside: number;
  /** Share of requests that wait for a slot, and seconds that a request waits on average. */
  readonly waitingShare: number;
  readonly meanWait: number;
  /** Requests per second by which the full replica outruns arrivals: the line shrinks that fast. */
  readonly drainRate: number;
}

/** Weights are kept below this by dividing all of them. */
const largest = 1e200;

/** One queue is computed dozens of times for one answer: all write into the same weights. */
let overwritten = new Float64Array(0);

function weightsOf(slots: number): Float64Array {
  if (overwritten.length <= slots) overwritten = new Float64Array(slots + 1);
  return overwritten;
}

/** The queue in steady state; null when more arrives than can end. `departures[n]` is per second with n inside. */
export function occupancy(arrivals: number, departures: Float64Array): Occupancy | null {
  const slots = departures.length - 1;
  const capacity = departures[slots] ?? 0;
  if (arrivals >= capacity) return null;
  const weights = weightsOf(slots);
  let weight = 1;
  let total = 1;
  let inside = 0;
  weights[0] = 1;
  for (let n = 1; n <= slots; n++) {
    weight *= arrivals / (departures[n] ?? capacity);
    if (weight > largest) {
      for (let earlier = 0; earlier < n; earlier++) weights[earlier] = (weights[earlier] ?? 0) / largest;
      weight /= largest;
      total /= largest;
      inside /= largest;
    }
    weights[n] = weight;
    total += weight;
    inside += n * weight;
  }
  // Beyond the slots the probabilities fall by the same ratio: a geometric series.
  const ratio = arrivals / capacity;
  const tail = (weight * ratio) / (1 - ratio);
  const all = total + tail;
  const waiting = tail / (1 - ratio);
  return {
    meanInside: (inside + slots * tail) / all,
    medianInside: quantile(weights, slots, all, 0.5),
    p95Inside: quantile(weights, slots, all, 0.95),
    waitingShare: (weight + tail) / all,
    meanWait: waiting / all / arrivals,
    drainRate: capacity - arrivals,
  };
}

function quantile(weights: Float64Array, slots: number, all: number, share: number): number {
  let sum = 0;
  for (let n = 0; n <= slots; n++) {
    const before = sum;
    sum += weights[n] ?? 0;
    // Between two states in proportion, so that a little more load is never a little less.
    if (sum >= share * all) return n === 0 ? 0 : n - 1 + (share * all - before) / (sum - before);
  }
  return slots;
}

/** Seconds that a share of requests waits for a slot at most. */
export function waitQuantile({ waitingShare, drainRate }: Occupancy, share: number): number {
  const late = 1 - share;
  return waitingShare <= late ? 0 : Math.log(waitingShare / late) / drainRate;
}
