import { type CeilingPoint, ceilingsOf } from "../../catalog/ceilings";
import type { Replica } from "../replica";
import { gpusOf } from "../replica";
import type { Flow, Lengths } from "./flow";
import { stepTime } from "./step";

/**
 * Output tokens per second and GPU that were measured at best with this model, GPU and precision; infinite where nothing
 * was published. For lengths between those measured: the closest measurements, changed as our own model changes between
 * both, and the lowest of those. Of several publications for this number of GPUs the lowest counts, of those for other
 * numbers the highest.
 */
export function measuredCeiling(flow: Flow, replica: Replica, perGpu: number, lengths: Lengths): number {
  const rows = ceilingsOf(replica.model, replica.gpu.id, replica.weights, gpusOf(replica.parallel));
  let lowest = Infinity;
  for (const { points } of rows) {
    for (const point of points) lowest = Math.min(lowest, point.tokensPerSecondPerGpu);
  }
  if (perGpu < lowest * farBelow) return Infinity;
  const own = fullSpeed(flow, lengths);
  const gpus = gpusOf(replica.parallel);
  let lowestRow = Infinity;
  let highestRow = 0;
  for (const { points, gpus: measuredGpus } of rows) {
    const ceiling = rowCeiling(flow, points, lengths, own);
    highestRow = Math.max(highestRow, ceiling);
    if (measuredGpus === gpus) lowestRow = Math.min(lowestRow, ceiling);
  }
  return lowestRow === Infinity ? highestRow : lowestRow;
}

/** Below this share of the lowest measurement of any length no ceiling is near. */
const farBelow = 0.1;

function rowCeiling(flow: Flow, points: readonly CeilingPoint[], lengths: Lengths, own: number): number {
  let nearest = Infinity;
  for (const point of points) nearest = Math.min(nearest, distance(point, lengths));
  let ceiling = Infinity;
  for (const point of points) {
    if (distance(point, lengths) > nearest + tolerance) continue;
    ceiling = Math.min(ceiling, (point.tokensPerSecondPerGpu * own) / fullSpeed(flow, point));
  }
  return ceiling;
}

/** Lengths within this of the nearest, in powers of e, count as equally close. */
const tolerance = 0.1;

function distance(point: CeilingPoint, { inputTokens, outputTokens }: Lengths): number {
  const input = Math.log(point.inputTokens / Math.max(1, inputTokens));
  const output = Math.log(point.outputTokens / Math.max(1, outputTokens));
  return Math.sqrt(input * input + output * output);
}

/** Sequences at once in the benchmarks of whole GPUs. */
const manySequences = 256;

/** How fast our own model is with many requests of these lengths, up to a factor that does not depend on them. */
function fullSpeed({ profile }: Flow, { inputTokens, outputTokens }: Lengths): number {
  const promptTokens = (manySequences * inputTokens) / Math.max(1, outputTokens);
  const contextTokens = inputTokens + outputTokens / 2;
  const seconds = stepTime(profile, { contextTokens, promptContext: inputTokens / 2 }, manySequences, promptTokens);
  return manySequences / seconds;
}
