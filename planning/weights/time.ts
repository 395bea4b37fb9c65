import type { WeightsSettings } from "../../environment";
import type { WeightsPlan } from "../plan";
import type { FetchQuestion, TimeQuestion, WeightsQuestion, WeightsSource } from "../time";
import { timesRead, type Readers } from "./pod";

/** What of a release's pods decides how long its weights take. */
export interface Reading extends Readers {
  readonly weights: WeightsSettings;
  readonly plan: WeightsPlan;
  /** Pods at most: after an outage all of them read the shared volume at once. */
  readonly pods: number;
  readonly networkMbps: number | null;
}

/** The weights as the time of a pod's start sees them. */
export function weightsTime(reading: Reading): WeightsQuestion {
  const { weights, plan, pods, networkMbps, weightsGB } = reading;
  const from = sourceOf(plan);
  return {
    gigabytes: weightsGB * timesRead(plan, reading),
    from,
    ...(from === "pvc" || from === "pvc-stream" ? { readersAtOnce: pods } : {}),
    networkMbps,
    ...(weights.throughput === undefined
      ? {}
      : { measured: { value: weights.throughput, source: "the setting `weights.throughput`" } }),
  };
}

/**
 * What a start reads from. Weights that a pod itself keeps in a volume count as downloaded: the first pod downloads
 * them, and its probes have to bear that.
 */
function sourceOf({ from, loader, broughtBy }: WeightsPlan): WeightsSource {
  const streams = loader !== "safetensors";
  if (broughtBy === "job" || from === "pvc") return streams ? "pvc-stream" : "pvc";
  if (from === "s3") return broughtBy === "engine" ? "s3-stream" : "s3";
  return from;
}

/** The download of a Job into a volume, on a machine like those of the release. */
export function fetchTime(
  { weights, networkMbps, weightsGB }: Pick<Reading, "weights" | "networkMbps" | "weightsGB">,
  { node, image }: Pick<TimeQuestion, "node" | "image">,
): FetchQuestion {
  return { node, image, weights: { gigabytes: weightsGB, from: weights.from === "s3" ? "s3" : "hub", networkMbps } };
}
