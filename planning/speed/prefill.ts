import type { Replica } from "../replica";
import { type SpeedProfile, speedProfile } from "./profile";
import { stepTime } from "./step";

/** A prompt on a replica that has nothing else to do. */
export interface Prefill {
  readonly seconds: number;
  /** Steps that it takes: as many as the engine's limit of tokens per step makes. */
  readonly steps: number;
  /** Tokens that are computed: those that the prefix cache does not have. */
  readonly tokens: number;
}

/**
 * Seconds to compute a prompt of so many tokens, of which a share is in the prefix cache. Every token sees all before
 * it, so attention grows with the square of the prompt.
 */
export function prefill(replica: Replica, inputTokens: number, prefixHit = 0): Prefill {
  return prefillOf(speedProfile(replica), inputTokens, prefixHit);
}

function prefillOf(profile: SpeedProfile, inputTokens: number, prefixHit: number): Prefill {
  const cached = inputTokens * Math.min(1, Math.max(0, prefixHit));
  const tokens = Math.max(1, inputTokens - cached);
  // One prompt is on one data-parallel rank.
  const { parallel, batchedTokens } = profile.replica;
  const share = parallel.data * parallel.pipeline;
  const limit = Math.max(1, batchedTokens);
  let seconds = 0;
  let steps = 0;
  for (let done = 0; done < tokens; done += limit, steps++) {
    const chunk = Math.min(limit, tokens - done);
    const promptContext = cached + done + chunk / 2;
    seconds += stepTime(profile, { contextTokens: 0, promptContext }, 0, chunk * share);
  }
  return { seconds, steps, tokens };
}
