import { bytesPerGiB } from "../../catalog/units";
import type { Confidence, Replica } from "../replica";
import { gpusOf } from "../replica";
import { kvBytesOfRequest, kvBytesPerTokenPerGpu, kvTokens, maxConcurrency } from "./kv";
import { type Overhead, overhead } from "./overhead";
import { behaviourOf } from "./versions";
import { weightsGiB } from "./weights";

/** How the memory of the fullest GPU is spent, in GiB. */
export interface MemorySplit {
  /** What CUDA reports. */
  readonly totalGiB: number;
  /** What the engine may take of the total. */
  readonly budgetGiB: number;
  readonly weightsGiB: number;
  readonly overheadGiB: number;
  /** Zero or less: the replica does not start. */
  readonly kvGiB: number;
  /** Part of the KV cache that planning does not count on, because the overhead is an estimate; 0 where it was measured. */
  readonly marginGiB: number;
  /** What is left beside the budget. Until 0.19 CUDA graphs lie there. */
  readonly spareGiB: number;
  /** Null where it depends on the request; 0 for encoders. */
  readonly kvBytesPerToken: number | null;
  /** Bytes that one request of the whole context holds on one GPU; 0 for encoders. */
  readonly kvBytesPerRequest: number;
  /** Tokens that fit the KV cache less the margin, counted as vLLM's log counts them; null for encoders. */
  readonly kvTokens: number | null;
  /** The same without the margin: what the start-up log is expected to say. */
  readonly expectedKvTokens: number | null;
  /** Requests of full length that fit at once, less the margin; infinite for encoders. */
  readonly fullLengthRequests: number;
  readonly confidence: Confidence;
  /** Which of the numbers were measured instead of computed. */
  readonly measured: readonly ("weightsGiB" | "kvGiB")[];
}

/** The margin of the estimate: five per cent of the KV cache, at least half a GiB. */
export const memoryMargin = { share: 0.05, atLeastGiB: 0.5 } as const;

/** What is spent of the fullest GPU, and what is left for the KV cache. */
interface Spent {
  readonly weightsGiB: number;
  readonly overheadGiB: number;
  readonly kvGiB: number;
  /** The KV cache is as a setting or a measurement says; else it is an estimate. */
  readonly certain: boolean;
}

function spentOf(replica: Replica): Spent {
  const { engine, measured, cudaTotalGiB } = replica;
  const weights = measured?.weightsGiB ?? weightsGiB(replica);
  const overheadGiB = overhead(replica).totalGiB;
  const known = fixedCacheGiB(replica) ?? measured?.kvGiB;
  const estimate =
    engine.kind === "vllm"
      ? cudaTotalGiB * engine.gpuMemoryUtilization - weights - overheadGiB
      : engine.freeMemoryFraction * (cudaTotalGiB - weights - overheadGiB);
  return { weightsGiB: weights, overheadGiB, kvGiB: known ?? estimate, certain: known !== undefined };
}

/** GiB of one GPU that the KV cache is expected to have: the `kvGiB` of its memory split. */
export function expectedKvGiB(replica: Replica): number {
  return spentOf(replica).kvGiB;
}

/** How a replica spends the memory of its fullest GPU. */
export function splitMemory(replica: Replica): MemorySplit {
  const { engine, measured, cudaTotalGiB: totalGiB, context } = replica;
  const { weightsGiB: weights, overheadGiB, kvGiB, certain } = spentOf(replica);
  const fixedGiB = fixedCacheGiB(replica);
  const measuredGiB = fixedGiB === undefined ? measured?.kvGiB : undefined;
  const marginGiB = certain ? 0 : Math.max(memoryMargin.share * kvGiB, memoryMargin.atLeastGiB);
  const budgetGiB =
    engine.kind === "vllm" && fixedGiB === undefined
      ? totalGiB * engine.gpuMemoryUtilization
      : weights + overheadGiB + Math.max(0, kvGiB);
  const safeBytes = Math.max(0, kvGiB - marginGiB) * bytesPerGiB;
  return {
    totalGiB,
    budgetGiB,
    weightsGiB: weights,
    overheadGiB: measuredGiB === undefined ? overheadGiB : Math.max(0, budgetGiB - weights - kvGiB),
    kvGiB,
    marginGiB,
    spareGiB: totalGiB - budgetGiB,
    kvBytesPerToken: kvBytesPerTokenPerGpu(replica),
    kvBytesPerRequest: kvBytesOfRequest(replica, context),
    kvTokens: kvTokens(replica, safeBytes),
    expectedKvTokens: kvTokens(replica, Math.max(0, kvGiB) * bytesPerGiB),
    fullLengthRequests: maxConcurrency(replica, safeBytes, context),
    confidence: confidence(replica, overheadGiB),
    measured: measuredParts(replica),
  };
}

/** Requests of the whole context that fit at once when the estimate is exact: without the margin. */
export function expectedFullLengthRequests(replica: Replica, { kvGiB }: Pick<MemorySplit, "kvGiB">): number {
  return maxConcurrency(replica, Math.max(0, kvGiB) * bytesPerGiB, replica.context);
}

/** The size that a setting gives the KV cache; undefined where the engine takes what is left. */
export function fixedCacheGiB({ engine }: Replica): number | undefined {
  return engine.kind === "vllm" ? engine.kvCacheGiB : undefined;
}

function measuredParts(replica: Replica): MemorySplit["measured"] {
  const { measured } = replica;
  const parts: MemorySplit["measured"][number][] = [];
  if (measured?.weightsGiB !== undefined) parts.push("weightsGiB");
  if (measured?.kvGiB !== undefined && fixedCacheGiB(replica) === undefined) parts.push("kvGiB");
  return parts;
}

const largeMoeParameters = 100e9;

/**
 * How far the split can be trusted. Logs of dense models and small mixtures on one or a few GPUs agree within a few
 * per cent; what experts on several GPUs take for graphs and communication varies by several GiB between versions.
 */
export function confidence(replica: Replica, overheadGiB = overhead(replica).totalGiB): Confidence {
  const { model, engine, measured, parallel, lora, draft, weights, cudaTotalGiB } = replica;
  if (measured?.kvGiB !== undefined && fixedCacheGiB(replica) === undefined) return "calibrated";
  const missingFacts = model.layers.linear > 0 && model.linearAttention === null;
  const largeMoe = model.moe !== null && gpusOf(parallel) > 1 && model.totalParameters >= largeMoeParameters;
  if (largeMoe || missingFacts || engine.kind !== "vllm") return "needs-profile-run";
  const plain = model.moe === null && model.layers.linear === 0 && model.towerParameters === 0 && model.mla === null;
  const usual = ["bf16", "fp16", "awq", "fp8"].includes(weights) && lora === null && draft === null;
  const alone = parallel.pipeline === 1 && parallel.data === 1 && parallel.tensor <= 4;
  const known = behaviourOf(replica).cudaGraphsInBudget && overheadGiB < 0.1 * cudaTotalGiB;
  return plain && usual && alone && known ? "calibrated" : "extrapolated";
}

export type { Overhead };
