import type { ReplicaSettings } from "../environment";
import type { ReleaseLoad } from "./load";
import type { MemorySplit } from "./memory";
import type { ReplicaSpeed } from "./money";
import type { ReplicaLevels } from "./room";
import type { Confidence, Replica } from "./replica";
import {
  decodeStep,
  prefill,
  serversNeeded,
  serverOf,
  speedAt,
  speedConfidence,
  type OpenSpeed,
  type Saturation,
  type Server,
  type Slo,
} from "./speed";
import { spread, spreadOf } from "./speed/confidence";

/** How many pods a release has. */
export interface Size {
  readonly levels: ReplicaLevels;
  /** Pods that the worst moment needs, and one of them; null where no route says its load, or none can serve it. */
  readonly need: { readonly pods: number; readonly server: Server } | null;
  /** Why these pods cannot do what routes ask; null where they can. */
  readonly problem: { readonly text: string; readonly fix: string } | null;
}

/** A release under the load of its routes. Times in seconds. */
export interface ReleaseSpeed {
  readonly load: Omit<ReleaseLoad, "objectives" | "routes" | "parts">;
  /** On average over a busy hour. */
  readonly expected: OpenSpeed;
  /** At the worst moment that must be served. */
  readonly peak: OpenSpeed;
  /** Requests per second at which one replica breaks a promise, and at which it no longer keeps up. */
  readonly saturation: Saturation;
  /** Pods that the worst moment needs. */
  readonly needed: number;
  /** One replica with nothing but prompts, and with nothing but answers, at the batch of the expected load. */
  readonly rates: ReplicaSpeed;
  readonly confidence: Confidence;
}

/** Share by which the expected load may grow before more pods are needed. The peak is a peak already. */
export const headroom = 0.2;

/** Counts the pods of a release: as its settings say, or as many as its load needs. */
export function sizeRelease(
  replica: Replica,
  split: MemorySplit,
  settings: ReplicaSettings,
  load: ReleaseLoad | null,
): Size {
  if (load === null) return leastSize(settings);
  const server = serverOf(replica, split, load, sloOf(load));
  const expected = serversNeeded(server, load.requestsPerSecond, { headroom });
  const peak = serversNeeded(server, load.peakRequestsPerSecond, { headroom: 0 });
  const none = expected.replicas === null ? expected : peak.replicas === null ? peak : null;
  if (none !== null || expected.replicas === null || peak.replicas === null) {
    const routes = load.routes.join(", ");
    const text = `no number of pods keeps what the routes ${routes} ask: ${none?.reason ?? ""}`;
    return {
      levels: levelsOf(settings, null),
      need: null,
      problem: { text, fix: "Ask for less in `slo`, or use faster GPUs." },
    };
  }
  const pods = Math.max(expected.replicas, peak.replicas);
  const levels = levelsOf(settings, { expected: expected.replicas, most: pods });
  return { levels, need: { pods, server }, problem: levels.max < pods ? tooFew(load, levels, pods) : null };
}

/** The fewest pods that settings allow, whatever the load. */
export function leastSize(settings: ReplicaSettings): Size {
  return { levels: levelsOf(settings, null), need: null, problem: null };
}

/** Replicas at each level: as the settings say, or as many as the load needs. */
export function levelsOf(
  settings: ReplicaSettings,
  needs: { readonly expected: number; readonly most: number } | null,
): ReplicaLevels {
  if (typeof settings === "number") return { min: settings, expected: settings, max: settings };
  if (settings === "auto") {
    // Without bounds nothing scales pods: what the worst moment needs is always there.
    const most = needs?.most ?? 1;
    return { min: most, expected: most, max: most };
  }
  const { min, max } = settings;
  return { min, expected: Math.min(max, Math.max(1, min, needs?.expected ?? min)), max };
}

function tooFew(load: ReleaseLoad, { max }: ReplicaLevels, needed: number): Size["problem"] {
  const { peakRequestsPerSecond: requests, inputTokens, outputTokens, routes } = load;
  const asked = `${round(requests)} requests/s of ${round(inputTokens)} + ${round(outputTokens)} tokens`;
  const text = `${max === 1 ? "one pod" : `${max} pods`} cannot keep what the routes ${routes.join(", ")} ask (${asked}): that needs ${needed}`;
  return { text, fix: `Write \`replicas: ${needed}\`, or leave it out and let the load decide.` };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** What routes promise, in the words of the speed model. Tokens per second of one answer are a time between tokens. */
export function sloOf({ objectives }: ReleaseLoad): Slo {
  const { ttftP95, interTokenP95, tokensPerSecond, tokensPerSecondPerReplica } = objectives;
  const perToken = Math.min(interTokenP95 ?? Infinity, tokensPerSecond === undefined ? Infinity : 1 / tokensPerSecond);
  return {
    ...(ttftP95 === undefined ? {} : { ttftP95Seconds: ttftP95 }),
    ...(perToken === Infinity ? {} : { interTokenP95Seconds: perToken }),
    ...(tokensPerSecondPerReplica === undefined ? {} : { tokensPerSecondPerReplica }),
  };
}

/** What the pods of a release do under its load; null where there is none, or they cannot keep up with it. */
export function speedUnder(replica: Replica, load: ReleaseLoad | null, { levels, need }: Size): ReleaseSpeed | null {
  const station = need?.server.station ?? null;
  if (load === null || need === null || station === null) return null;
  const { requestsPerSecond, peakRequestsPerSecond, inputTokens, outputTokens, prefixHit } = load;
  const expected = speedAt(station, requestsPerSecond / levels.expected);
  const peak = speedAt(station, peakRequestsPerSecond / levels.max);
  if (expected === null || peak === null) return null;
  return {
    load: { requestsPerSecond, peakRequestsPerSecond, inputTokens, outputTokens, prefixHit },
    expected,
    peak,
    saturation: need.server.saturation,
    needed: need.pods,
    rates: ratesOf(replica, load, expected),
    confidence: speedConfidence(replica),
  };
}

/** One replica with one kind of work alone, at the batch that the expected load makes. */
function ratesOf(
  replica: Replica,
  { inputTokens, outputTokens, prefixHit }: ReleaseLoad,
  { running }: OpenSpeed,
): ReplicaSpeed {
  const reading = prefill(replica, inputTokens, prefixHit);
  const batch = Math.max(1, running);
  const factor = spreadOf(speedConfidence(replica));
  const writing = decodeStep(replica, batch, inputTokens + outputTokens / 2);
  return {
    prefillTokensPerSecond: spread(reading.tokens / reading.seconds, factor),
    decodeTokensPerSecond: spread((batch * writing.tokensPerSequence) / writing.seconds, factor),
  };
}
