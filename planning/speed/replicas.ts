import type { Replica } from "../replica";
import { type KvMemory, type Lengths } from "./flow";
import { late95, type OpenLoad, type OpenSpeed, operate, speedAt, type Station, stationOf } from "./queue";
import type { Slo } from "./slo";

/** Where one replica ends. */
export interface Saturation {
  /** Requests per second above which the waiting line grows without end. */
  readonly unstableAt: number;
  /** Most requests per second within the objective; 0 when not even a single request is. */
  readonly withinSlo: number;
}

/** How many replicas there have to be, or why no number of them will do. */
export type ServersNeeded =
  | {
      readonly replicas: number;
      /** Share by which the load may grow before more are needed. */
      readonly headroom: number;
    }
  | { readonly replicas: null; readonly reason: string };

/** How many replicas a load needs, and what they do under it. */
export type ReplicasNeeded =
  | {
      readonly replicas: number;
      readonly headroom: number;
      readonly saturation: Saturation;
      /** Speed at the load as it is, without headroom. */
      readonly speed: OpenSpeed;
    }
  | { readonly replicas: null; readonly reason: string };

export interface ReplicaLimits {
  /** Share by which the load may grow. @default 0.2 */
  readonly headroom?: number;
  /** @default 1000 */
  readonly most?: number;
}

/** One part in 250,000 of what the replica does at most. */
const bisectionSteps = 18;

/** A replica with requests of one kind that an objective is promised for, ready for any number of them. */
export interface Server {
  /** Null where no request fits the KV cache. */
  readonly station: Station | null;
  readonly saturation: Saturation;
  readonly outputTokens: number;
  readonly slo: Slo;
}

/** Prepares a replica; what is asked of it afterwards takes little time. */
export function serverOf(replica: Replica, kv: KvMemory, lengths: Lengths, slo: Slo): Server {
  const station = stationOf(replica, kv, lengths);
  const limits = station === null ? { unstableAt: 0, withinSlo: 0 } : saturationOf(station, slo);
  return { station, saturation: limits, outputTokens: lengths.outputTokens, slo };
}

/** The requests per second at which one replica becomes unstable, and at which it breaks the objective. */
export function saturation(replica: Replica, kv: KvMemory, lengths: Lengths, slo: Slo): Saturation {
  return serverOf(replica, kv, lengths, slo).saturation;
}

function saturationOf(station: Station, slo: Slo): Saturation {
  const unstableAt = station.curve.capacity;
  if (!meets(station, 0, slo)) return { unstableAt, withinSlo: 0 };
  let low = 0;
  let high = unstableAt;
  for (let step = 0; step < bisectionSteps; step++) {
    const middle = (low + high) / 2;
    if (meets(station, middle, slo)) low = middle;
    else high = middle;
  }
  return { unstableAt, withinSlo: low };
}

/** Whether a replica keeps the latencies of an objective at so many requests per second. */
function meets(station: Station, requestsPerSecond: number, slo: Slo): boolean {
  const late = late95(station, requestsPerSecond);
  if (late === null) return false;
  const { firstToken, interToken } = late;
  return firstToken <= (slo.ttftP95Seconds ?? Infinity) && interToken <= (slo.interTokenP95Seconds ?? Infinity);
}

/** The smallest number of replicas that keeps an objective with headroom, or the reason why none does. */
export function replicasNeeded(
  replica: Replica,
  kv: KvMemory,
  load: OpenLoad,
  slo: Slo,
  limits: ReplicaLimits = {},
): ReplicasNeeded {
  const server = serverOf(replica, kv, load, slo);
  const { requestsPerSecond } = load;
  const needed = serversNeeded(server, requestsPerSecond, limits);
  if (needed.replicas === null) return needed;
  const speed = server.station && speedAt(server.station, requestsPerSecond / needed.replicas);
  if (speed === null) return { replicas: null, reason: "the replicas cannot keep up with the load" };
  return { ...needed, saturation: server.saturation, speed };
}

/** How many replicas that are prepared a load needs, or the reason why no number does. */
export function serversNeeded(
  server: Server,
  requestsPerSecond: number,
  { headroom = 0.2, most = 1000 }: ReplicaLimits = {},
): ServersNeeded {
  const { station, saturation: limits } = server;
  if (station === null)
    return { replicas: null, reason: "no request of these lengths fits the KV cache: shorten them, or take more GPUs" };
  const reason = refusal(station, server);
  if (reason !== null) return { replicas: null, reason };
  const wanted = requestsPerSecond * (1 + headroom);
  const replicas = Math.max(1, Math.ceil(wanted / limits.withinSlo - 1e-9));
  if (replicas > most) {
    return { replicas: null, reason: `it would take ${String(replicas)} replicas, more than ${String(most)}` };
  }
  return { replicas, headroom };
}

function refusal(station: Station, { slo, saturation: limits, outputTokens }: Server): string | null {
  if (limits.withinSlo === 0) return aloneTooSlow(station, slo);
  const tokens = limits.withinSlo * outputTokens;
  const wanted = slo.tokensPerSecondPerReplica ?? 0;
  if (tokens >= wanted) return null;
  return `a replica delivers ${tokens.toFixed(0)} output tokens per second within the limits, ${String(wanted)} are wanted: take a faster GPU, more GPUs a replica or fewer bits`;
}

function aloneTooSlow(station: Station, slo: Slo): string {
  const point = operate(station, 0, 1);
  if (point === null) return "the replica cannot answer a single request";
  const { firstToken, interToken } = point.p95;
  const parts: string[] = [];
  if (firstToken > (slo.ttftP95Seconds ?? Infinity))
    parts.push(limitText("the first token", firstToken, slo.ttftP95Seconds));
  if (interToken > (slo.interTokenP95Seconds ?? Infinity))
    parts.push(limitText("a token", interToken, slo.interTokenP95Seconds));
  return `${parts.join(" and ")} of a request that is alone: take a faster GPU, more GPUs a replica, fewer bits or a shorter prompt`;
}

function limitText(what: string, seconds: number, limit = 0): string {
  return `${what} takes ${(seconds * 1000).toFixed(0)} ms where ${(limit * 1000).toFixed(0)} ms are promised`;
}
