import type { Range, Replica } from "../replica";
import { speedConfidence, spread, spreadOf } from "./confidence";
import { frontendSeconds } from "./constants";
import { speedProfile } from "./profile";
import { stepTime } from "./step";

/** Texts that are turned into vectors or scores, so many at once. */
export interface EncoderLoad {
  readonly batch: number;
  readonly inputTokens: number;
}

export interface EncoderSpeed {
  readonly textsPerSecond: Range;
  readonly tokensPerSecond: Range;
  /** Seconds of one batch, from arrival to answer. */
  readonly latency: Range;
}

/** How fast a replica encodes: each batch passes the model once, every token sees all of its text. */
export function serveEncoder(replica: Replica, { batch, inputTokens }: EncoderLoad): EncoderSpeed {
  const profile = speedProfile(replica);
  const seconds = stepTime(profile, { contextTokens: 0, promptContext: inputTokens }, 0, batch * inputTokens);
  const factor = spreadOf(speedConfidence(replica));
  return {
    textsPerSecond: spread(batch / seconds, factor),
    tokensPerSecond: spread((batch * inputTokens) / seconds, factor),
    latency: spread(seconds + frontendSeconds, factor),
  };
}
