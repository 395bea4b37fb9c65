import type { KvFormatId, WeightFormatId } from "../../../catalog/formats";
import { weightFormatIds } from "../../../catalog/formats";
import { findGpu, type Gpu } from "../../../catalog/gpus";
import { findModel, type Model } from "../../../catalog/models";
import type { Draft, Parallel, Replica } from "../../../planning/replica";
import table from "../data/kv-cases.json";

/** A published start-up log, as the table of cases has it. */
export interface KvCase {
  readonly id: string;
  readonly model: string;
  readonly gpu: string;
  readonly version: string;
  readonly weights: string;
  readonly kv?: string;
  readonly gpuMemoryUtilization: number;
  readonly context: number;
  readonly maxSequences: number;
  readonly batchedTokens: number;
  readonly tensor?: number;
  readonly data?: number;
  readonly expert?: boolean;
  readonly decodeContext?: number;
  readonly interconnect?: string;
  readonly eager?: boolean;
  readonly cudaTotalGiB?: number;
  readonly draft?: Omit<Draft, "acceptance">;
  readonly weightsGiB?: number;
  readonly kvGiB?: number;
  readonly kvTokens?: number;
  readonly concurrency?: number;
  /** Not enough is known of the run to compute its budget. */
  readonly tokensOnly?: boolean;
  /** Run with a longer context than the model's configuration has. */
  readonly beyondContext?: boolean;
  readonly kind?: string;
}

export const kvCases: readonly KvCase[] = table.cases;
export const validationCases: readonly KvCase[] = table.validation;

export function gpu(id: string): Gpu {
  const found = findGpu(id);
  if (found === undefined) throw new Error(`no GPU ${id}`);
  return found;
}

export function model(id: string): Model {
  const found = findModel(id);
  if (found === undefined) throw new Error(`no model ${id}`);
  return found;
}

const single: Parallel = { tensor: 1, pipeline: 1, data: 1, expert: false, decodeContext: 1 };

/** Settings that tests change; everything else is Qwen3-14B on one L40S with vLLM 0.31. */
export interface ReplicaChange {
  readonly model?: string | Model;
  readonly gpu?: string;
  readonly weights?: WeightFormatId;
  readonly kv?: KvFormatId;
  readonly parallel?: Partial<Parallel>;
  readonly vllm?: { readonly version?: string; readonly gpuMemoryUtilization?: number; readonly eager?: boolean };
  readonly rest?: Partial<Replica>;
}

export function replica(change: ReplicaChange = {}): Replica {
  const onto = gpu(change.gpu ?? "L40S");
  const named = change.model ?? "Qwen/Qwen3-14B";
  return {
    model: typeof named === "string" ? model(named) : named,
    weights: change.weights ?? "bf16",
    kv: change.kv ?? "bf16",
    gpu: onto,
    cudaTotalGiB: onto.cudaTotalGiB,
    interconnect: "pcie",
    parallel: { ...single, ...change.parallel },
    engine: { kind: "vllm", version: "0.31.0", gpuMemoryUtilization: 0.9, eager: false, ...change.vllm },
    context: 8192,
    maxSequences: 64,
    batchedTokens: 2048,
    lora: null,
    draft: null,
    measured: null,
    ...change.rest,
  };
}

/** The replica that a case's log is of. */
export function replicaOf(row: KvCase): Replica {
  const weights = weightFormatIds.find((id) => id === row.weights);
  if (weights === undefined)
    throw new Error(`${row.id} names a format that the catalogue does not have: ${row.weights}`);
  const { context, maxSequences, batchedTokens, cudaTotalGiB } = row;
  return replica({
    model: row.model,
    gpu: row.gpu,
    weights,
    kv: row.kv === "fp16" ? "fp16" : "bf16",
    parallel: {
      tensor: row.tensor ?? 1,
      data: row.data ?? 1,
      expert: row.expert ?? false,
      decodeContext: row.decodeContext ?? 1,
    },
    vllm: { version: row.version, gpuMemoryUtilization: row.gpuMemoryUtilization, eager: row.eager ?? false },
    rest: {
      context,
      maxSequences,
      batchedTokens,
      interconnect: row.interconnect === "nvswitch" ? "nvswitch" : "pcie",
      ...(cudaTotalGiB === undefined ? {} : { cudaTotalGiB }),
      ...(row.draft === undefined ? {} : { draft: { ...row.draft, acceptance: 0.6 } }),
    },
  });
}

/** Relative error in per cent, with a sign. */
export function errorPercent(computed: number, published: number): number {
  return 100 * (computed / published - 1);
}

export function signed(percent: number): string {
  return `${percent >= 0 ? "+" : ""}${percent.toFixed(2)} %`;
}
