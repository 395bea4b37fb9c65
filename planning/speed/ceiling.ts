import type { Range, Replica } from "../replica";
import { gpusOf } from "../replica";
import { speedConfidence, spreadWhenFull } from "./confidence";
import { flowOf, type KvMemory, type Lengths, maxDecoding, steadyAt } from "./flow";
import { measuredCeiling } from "./measured-ceiling";
import { capped } from "./serve";

/**
 * Output tokens per second and GPU at most, with all requests queued at once: never above what was published. More sequences
 * at once are never slower in all, so the best batch is the largest.
 */
export function offlineCeiling(replica: Replica, kv: KvMemory, lengths: Lengths): Range {
  const flow = flowOf(replica, kv, lengths);
  if (flow.maxRunning < 1) return { low: 0, expected: 0, high: 0 };
  const { rate } = steadyAt(flow, maxDecoding(flow));
  const perGpu = (rate * lengths.outputTokens) / gpusOf(replica.parallel);
  return capped(perGpu, spreadWhenFull(speedConfidence(replica)), measuredCeiling(flow, replica, perGpu, lengths));
}
