import type { Source } from "./fact";

/** What routes may name as their objective. */
export const sloClassIds = [
  "interactive",
  "llama3.1-8b-interactive",
  "llama2-70b-interactive",
  "llama3.1-8b-server",
  "llama3.1-405b-server",
  "deepseek-r1-server",
] as const;
export type SloClassId = (typeof sloClassIds)[number];

/** A promise with a name. */
export interface SloClass {
  readonly id: SloClassId;
  /** Seconds to the first token, for 95 of 100 requests. */
  readonly ttftP95Seconds?: number;
  /** Seconds between two tokens, for 95 of 100. */
  readonly interTokenP95Seconds?: number;
  /** Output tokens per second that one replica has to be able to deliver within the other limits. */
  readonly tokensPerSecondPerReplica?: number;
  readonly source: Source;
}

function mlperf(id: SloClassId, ttftMs: number, perTokenMs: number): SloClass {
  return {
    id,
    ttftP95Seconds: ttftMs / 1000,
    interTokenP95Seconds: perTokenMs / 1000,
    source: {
      source: "MLPerf Inference v5.1, server scenarios",
      date: "2025-09-09",
      standing: "recalled",
      note: "MLPerf limits the 99th percentile, and the mean time per output token of each request",
    },
  };
}

/** Promises that others make: a start where there is none. */
export const sloClasses: readonly SloClass[] = [
  {
    id: "interactive",
    ttftP95Seconds: 0.2,
    tokensPerSecondPerReplica: 100,
    source: {
      source: "the reference platform: first token below 200 ms, more than 100 tokens per second",
      date: "2026-11-21",
      standing: "exact",
      note: "taken as the 95th percentile, and for each replica",
    },
  },
  mlperf("llama3.1-8b-server", 2000, 100),
  mlperf("llama3.1-8b-interactive", 500, 30),
  mlperf("llama2-70b-interactive", 450, 40),
  mlperf("llama3.1-405b-server", 6000, 175),
  mlperf("deepseek-r1-server", 2000, 80),
];

/** The class of this name. */
export function sloClass(id: SloClassId): SloClass {
  const found = sloClasses.find((slo) => slo.id === id);
  if (found === undefined) throw new Error(`the catalogue names an objective that it does not describe: ${id}`);
  return found;
}
