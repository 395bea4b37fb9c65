import type { ReleaseLoad } from "../../load";
import { headroom } from "../../sizing";
import { answered95, utilizationOf } from "../../speed/line";
import type { Encoding, EncodingAt } from "./plan";
import { mostPods, mostUtilization } from "./rules";
import type { PodSize } from "./size";

/** Pods that a load needs at each of its levels. */
export interface PodsNeeded {
  readonly expected: number;
  readonly most: number;
}

/**
 * Pods that keep what routes promise; null where no number of them does.
 *
 * @param requestSeconds - one request alone on one pod
 */
export function podsNeeded(requestSeconds: number, load: ReleaseLoad): PodsNeeded | null {
  const expected = podsFor(requestSeconds, load, load.requestsPerSecond * (1 + headroom));
  const peak = podsFor(requestSeconds, load, load.peakRequestsPerSecond);
  return expected === null || peak === null ? null : { expected, most: Math.max(expected, peak) };
}

function podsFor(seconds: number, { objectives }: ReleaseLoad, requests: number): number | null {
  const promised = objectives.ttftP95;
  if (promised !== undefined && seconds > promised) return null;
  const keeps = (pods: number): boolean => {
    const line = { seconds, requestsPerSecond: requests / pods };
    if (promised === undefined) return utilizationOf(line) <= mostUtilization;
    return (answered95(line) ?? Infinity) <= promised;
  };
  // No fewer pods can keep up at all.
  for (let pods = Math.max(1, Math.floor(seconds * requests)); pods <= mostPods; pods++) if (keeps(pods)) return pods;
  return null;
}

/** What so many pods do under a load; null where they cannot keep up with it. */
export function encodingUnder(
  size: PodSize,
  load: ReleaseLoad,
  needed: PodsNeeded,
  pods: { readonly expected: number; readonly max: number },
): Encoding | null {
  const { request, requestSeconds } = size;
  const { requestsPerSecond, peakRequestsPerSecond } = load;
  const expected = at(requestSeconds, requestsPerSecond / pods.expected);
  const peak = at(requestSeconds, peakRequestsPerSecond / pods.max);
  if (expected === null || peak === null) return null;
  return {
    requestsPerSecond,
    peakRequestsPerSecond,
    texts: request.texts,
    textTokens: request.tokens,
    requestSeconds,
    needed: needed.most,
    expected,
    peak,
    confidence: "needs-profile-run",
  };
}

function at(seconds: number, requestsPerSecond: number): EncodingAt | null {
  const line = { seconds, requestsPerSecond };
  const answered = answered95(line);
  return answered === null ? null : { utilization: utilizationOf(line), answered95: answered };
}
