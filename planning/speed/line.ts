import type { Term } from "../plan";

/** A line of requests that arrive by chance before one who answers them one after the other, each in the same time. */
export interface Line {
  /** Of one request. */
  readonly seconds: number;
  readonly requestsPerSecond: number;
}

/** Share of its time that whoever answers works. */
export function utilizationOf({ seconds, requestsPerSecond }: Line): number {
  return seconds * requestsPerSecond;
}

/**
 * Seconds within which 95 of 100 requests are answered, waiting included: the mean wait of M/D/1, and the exponential
 * tail that it has. Null where more come than can be answered.
 */
export function answered95(line: Line): number | null {
  const utilization = utilizationOf(line);
  if (utilization >= 1) return null;
  // Of requests that wait, the wait is exponential: its mean is that of all ÷ the share that waits at all.
  const meanOfWaiting = line.seconds / (2 * (1 - utilization));
  return line.seconds + meanOfWaiting * Math.max(0, Math.log(utilization / 0.05));
}

/** How those seconds come about. */
export function answered95Terms(line: Line): { readonly formula: string; readonly terms: readonly Term[] } {
  return {
    formula: "s + s ÷ (2 × (1 − u)) × ln(u ÷ 0.05): requests arrive by chance, each takes the same time (M/D/1)",
    terms: [
      { name: "s: one request alone", value: line.seconds, unit: "s" },
      { name: "requests", value: line.requestsPerSecond, unit: "requests/s" },
      { name: "u: share of time that a pod works", value: utilizationOf(line) },
    ],
  };
}
