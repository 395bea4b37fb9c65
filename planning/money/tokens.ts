import { secondsPerHour } from "../../catalog/units";
import type { Arithmetic } from "../plan";
import type { Range } from "../replica";
import type { Amount } from "./amount";
import type { Bound } from "./explained";

/**
 * How fast one replica is, at the batch it runs with: prompt tokens per second while it does nothing but read
 * prompts, answer tokens per second of all its requests together while it does nothing but write.
 */
export interface ReplicaSpeed {
  readonly prefillTokensPerSecond: Range;
  readonly decodeTokensPerSecond: Range;
}

/** Requests, and their tokens that have to be computed: of a prompt, those that no cache has. */
export interface Load {
  readonly requestsPerSecond: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Dollars per million tokens. */
export interface TokenPrice {
  readonly input: Amount;
  readonly output: Amount;
}

/**
 * What tokens cost on a replica. Time on the GPU is what is paid, so a token costs the time it takes: an input token
 * its part of reading prompts, an output token its part of writing answers. Both together are the time that the
 * replica is busy; the time that it is not is paid by the same tokens, which is what dividing by `busy` does. So what
 * a load's tokens cost adds up to what the replicas cost.
 *
 * Cheapest is the lowest price of the machine at the highest speed, and the other way round.
 *
 * @param usdPerHour - of one replica
 * @param busy - share of its time that the replica works, above 0 up to 1; 1 is the price at full use
 */
export function tokenPrice(usdPerHour: Amount, speed: ReplicaSpeed, busy: number): TokenPrice {
  return {
    input: perMillion(usdPerHour, speed.prefillTokensPerSecond, busy),
    output: perMillion(usdPerHour, speed.decodeTokensPerSecond, busy),
  };
}

function perMillion(usdPerHour: Amount, tokensPerSecond: Range, busy: number): Amount {
  if (usdPerHour === null || busy <= 0) return null;
  const of = (usd: number, speed: number) => (usd / secondsPerHour / speed / busy) * 1e6;
  return {
    low: of(usdPerHour.low, tokensPerSecond.high),
    expected: of(usdPerHour.expected, tokensPerSecond.expected),
    high: of(usdPerHour.high, tokensPerSecond.low),
  };
}

/** How many replicas a load keeps busy all the time: replica-seconds per second. */
export function busyReplicas(load: Load, { prefillTokensPerSecond, decodeTokensPerSecond }: ReplicaSpeed): Range {
  const of = (prefill: number, decode: number) =>
    load.requestsPerSecond * (load.inputTokens / prefill + load.outputTokens / decode);
  return {
    low: of(prefillTokensPerSecond.high, decodeTokensPerSecond.high),
    expected: of(prefillTokensPerSecond.expected, decodeTokensPerSecond.expected),
    high: of(prefillTokensPerSecond.low, decodeTokensPerSecond.low),
  };
}

/** Dear is slow. */
const opposite = { low: "high", expected: "expected", high: "low" } as const;

/** The arithmetic of the price of a million tokens, or of one of its bounds. */
export function explainTokenPrice(
  kind: "input" | "output",
  usdPerHour: Amount,
  speed: ReplicaSpeed,
  busy: number,
  bound: Bound = "expected",
): Arithmetic {
  const rate = kind === "input" ? speed.prefillTokensPerSecond : speed.decodeTokensPerSecond;
  return {
    formula: "dollars per hour of a replica ÷ 3600 ÷ tokens per second ÷ share of time it works × 1,000,000",
    terms: [
      { name: "replica", value: usdPerHour?.[bound] ?? "unknown", unit: "$/h" },
      {
        name: kind === "input" ? "reading prompts" : "writing answers",
        value: rate[opposite[bound]],
        unit: "tokens/s",
      },
      { name: "share of time it works", value: busy },
    ],
    result: tokenPrice(usdPerHour, speed, busy)[kind]?.[bound] ?? "unknown",
    unit: "$/1M tokens",
  };
}
