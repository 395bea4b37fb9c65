import type { Confidence, Range, Replica } from "../replica";
import { gpusOf } from "../replica";

const largeMoeParameters = 100e9;

/** What the estimate was compared with, and so how far it can be trusted. */
export function speedConfidence(replica: Replica): Confidence {
  const { model, parallel, machines, weights, gpu, draft, interconnect } = replica;
  // No measurement that we know of has a replica over several machines.
  if (machines !== undefined) return "needs-profile-run";
  const gpus = gpusOf(parallel);
  if (model.moe !== null && gpus > 1 && model.totalParameters >= largeMoeParameters) return "needs-profile-run";
  const dense = model.moe === null && model.mla === null && model.layers.linear === 0 && model.kind === "decoder";
  const usual = ["bf16", "fp16", "fp8", "awq", "gptq"].includes(weights) && draft === null;
  const linked = gpus === 1 || interconnect === "nvswitch" || interconnect === "nvlink" || gpus === 2;
  const known = gpu.computeCapability >= 8 && parallel.pipeline === 1 && parallel.data === 1;
  return dense && usual && linked && known ? "calibrated" : "extrapolated";
}

/** Factor between the expected value and its bounds. */
export function spreadOf(confidence: Confidence): number {
  switch (confidence) {
    case "calibrated":
      return 1.2;
    case "extrapolated":
      return 1.4;
    case "needs-profile-run":
      return 2;
  }
}

/**
 * The same where more requests come than the engine works on at once: benchmarks of full servers stayed up to 40 % below
 * the estimate, partly because their last requests run alone.
 */
export function spreadWhenFull(confidence: Confidence): number {
  return Math.max(1.7, spreadOf(confidence));
}

/** A value between its bounds. */
export function spread(value: number, factor: number): Range {
  return { low: value / factor, expected: value, high: value * factor };
}
