import type { WeightFormatId } from "../../../catalog/formats";
import { findGpu } from "../../../catalog/gpus";
import type { Interconnect } from "../../../catalog/instances";
import { findModel } from "../../../catalog/models";
import type { Draft, Engine, Parallel, Replica } from "../../../planning/replica";

/** What a test says of a replica; the rest is usual. */
export interface Wanted {
  readonly model: string;
  readonly gpu: string;
  readonly weights?: WeightFormatId;
  readonly kv?: Replica["kv"];
  readonly parallel?: Partial<Parallel>;
  readonly interconnect?: Interconnect;
  readonly version?: string;
  readonly eager?: boolean;
  readonly engine?: Engine;
  readonly context?: number;
  readonly maxSequences?: number;
  readonly batchedTokens?: number;
  readonly draft?: Draft;
}

/** A replica of the catalogue's models and GPUs. */
export function replicaOf(wanted: Wanted): Replica {
  const model = findModel(wanted.model);
  const gpu = findGpu(wanted.gpu);
  if (model === undefined || gpu === undefined) throw new Error(`no ${wanted.model} or no ${wanted.gpu}`);
  const { version = "0.28.0", eager = false } = wanted;
  return {
    model,
    weights: wanted.weights ?? "bf16",
    kv: wanted.kv ?? "bf16",
    gpu,
    cudaTotalGiB: gpu.cudaTotalGiB,
    interconnect: wanted.interconnect ?? "none",
    parallel: { tensor: 1, pipeline: 1, data: 1, expert: false, decodeContext: 1, ...wanted.parallel },
    engine: wanted.engine ?? { kind: "vllm", version, gpuMemoryUtilization: 0.92, eager },
    context: wanted.context ?? 8192,
    maxSequences: wanted.maxSequences ?? 256,
    batchedTokens: wanted.batchedTokens ?? 2048,
    lora: null,
    draft: wanted.draft ?? null,
    measured: null,
  };
}
