import type { Replica } from "../replica";
import { gpusOf } from "../replica";
import { offlineCeiling, serveClosed, serveEncoder, serveOpen, speedConfidence, type KvMemory } from "../speed";
import { flowOf } from "../speed/flow";
import type { FitAnswer } from "./answer";
import type { Load } from "./load";

/** How fast replicas that fit answer a load. */
export interface Served extends Pick<
  FitAnswer,
  "concurrencyLimit" | "decode" | "ttftMs" | "offlineCeilingTokensPerSecondPerGpu" | "confidence" | "encode"
> {
  /** What to know of the numbers. */
  readonly notes: readonly string[];
}

/** How fast so many replicas answer a load that they share evenly. The whole KV cache counts, as the engine takes it. */
export function served(replica: Replica, kvGiB: number, load: Load, replicas: number): Served {
  const kv = { kvGiB, marginGiB: 0 };
  if (replica.model.kind !== "decoder") return encoded(replica, load, replicas);
  const concurrencyLimit = Math.floor(flowOf(replica, kv, load).maxRunning) * replicas;
  const offlineCeilingTokensPerSecondPerGpu = offlineCeiling(replica, kv, load).expected;
  const speed =
    load.requestsPerSecond === null ? closed(replica, kv, load, replicas) : open(replica, kv, load, replicas);
  const confidence = speedConfidence(replica);
  return { concurrencyLimit, offlineCeilingTokensPerSecondPerGpu, confidence, encode: null, ...speed };
}

type Speed = Pick<Served, "decode" | "ttftMs" | "notes">;

/** Fewer requests than replicas leave some of them idle. */
function closed(replica: Replica, kv: KvMemory, load: Load, replicas: number): Speed {
  const concurrency = load.concurrency ?? 1;
  const busy = Math.min(replicas, concurrency);
  const speed = serveClosed(replica, kv, { ...load, concurrency: concurrency / busy });
  const { interToken, firstToken, tokensPerSecond, waiting } = speed;
  const waits = Math.round(waiting * busy);
  const notes = waits === 0 ? [] : [`${waits} of ${concurrency} requests wait for others to end`];
  return {
    decode: decodeOf(interToken.mean.expected, tokensPerSecond.expected * busy, gpusOf(replica.parallel) * replicas),
    ttftMs: firstToken.mean.expected * 1000,
    notes,
  };
}

function open(replica: Replica, kv: KvMemory, load: Load, replicas: number): Speed {
  const requestsPerSecond = load.requestsPerSecond ?? 0;
  const speed = serveOpen(replica, kv, { ...load, requestsPerSecond }, replicas);
  if (speed === null) {
    const most = offlineCeiling(replica, kv, load).expected / load.outputTokens;
    const all = most * gpusOf(replica.parallel) * replicas;
    const note = `${requestsPerSecond} requests per second are more than it answers: at most ${all.toPrecision(3)}`;
    return { decode: null, ttftMs: null, notes: [note] };
  }
  const gpus = gpusOf(replica.parallel) * replicas;
  return {
    decode: decodeOf(speed.interToken.p50.expected, requestsPerSecond * load.outputTokens, gpus),
    ttftMs: speed.firstToken.p50.expected * 1000,
    notes: [],
  };
}

function decodeOf(interTokenSeconds: number, outputTokensPerSecond: number, gpus: number): FitAnswer["decode"] {
  return {
    interTokenMs: interTokenSeconds * 1000,
    outputTokensPerSecond,
    perGpuOutputTokensPerSecond: outputTokensPerSecond / gpus,
  };
}

/** Texts go through the model together, as many as one step holds. */
function encoded(replica: Replica, load: Load, replicas: number): Served {
  const { inputTokens, concurrency, requestsPerSecond } = load;
  const held = Math.max(1, Math.min(replica.maxSequences, Math.floor(replica.batchedTokens / inputTokens)));
  const each = Math.max(1, (concurrency ?? 1) / replicas);
  const batch = Math.min(held, each);
  const { textsPerSecond, tokensPerSecond, latency } = serveEncoder(replica, { batch, inputTokens });
  const busy = Math.min(replicas, concurrency ?? replicas);
  const most = serveEncoder(replica, { batch: held, inputTokens }).textsPerSecond.expected * replicas;
  const late = requestsPerSecond !== null && requestsPerSecond > most;
  return {
    concurrencyLimit: held * replicas,
    decode: null,
    ttftMs: late ? null : latency.expected * 1000 * Math.ceil(each / held),
    offlineCeilingTokensPerSecondPerGpu: null,
    confidence: speedConfidence(replica),
    encode: {
      textsPerSecond: textsPerSecond.expected * busy,
      inputTokensPerSecond: tokensPerSecond.expected * busy,
    },
    notes: late
      ? [`${requestsPerSecond} texts per second are more than it encodes: at most ${most.toPrecision(3)}`]
      : [],
  };
}
