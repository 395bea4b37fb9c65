import { compareVersions, isVersion } from "../../catalog/compare-versions";
import { vllmBehaviour } from "../../catalog/engines";
import type { Source } from "../../catalog/fact";
import type { Replica } from "../replica";

/** What differs between versions of vLLM and decides how memory is spent. */
export interface MemoryBehaviour {
  /** Layers with a window keep only their window; before, every layer kept every token. */
  readonly hybridCache: boolean;
  /** The same for layers that attend in chunks (Llama 4). */
  readonly chunkedCache: boolean;
  /** Groups are as wide as the widest kind of layer where kinds differ by less than half. */
  readonly widensGroups: boolean;
  /** "GPU KV cache size" in the start-up log is concurrency × context; before, it was blocks × tokens of a block. */
  readonly logsConcurrencyTokens: boolean;
  /** Windows keep the tokens of every step under way, not of one. */
  readonly keepsInFlightTokens: boolean;
  /** Linear attention keeps a second state per request, at the boundary of the cached prefix. */
  readonly cachesLinearPrefix: boolean;
  /** Bytes per logit that sampling takes at its peak. */
  readonly samplerBytesPerLogit: number;
  /** Memory of CUDA graphs is estimated and kept out of the KV cache. */
  readonly cudaGraphsInBudget: boolean;
  /** The estimate for graphs counts the tensors of one whole step among them. */
  readonly graphsCountStep: boolean;
  /** CUDA context, cuBLAS and allocator: what one GPU takes beside PyTorch's tensors. */
  readonly nonTorchGiB: number;
}

/** A change of behaviour: the first version that has it, where it was read. */
export interface MemoryChange extends Source {
  readonly since: string;
  readonly behaviour: Partial<MemoryBehaviour>;
}

/**
 * PyTorch's sampler holds at its peak the logits in 16 and 32 bits (2 + 4), sorted values and indices (4 + 8) with
 * the sort's own double buffer (12), probabilities, their sum and the mask (4 + 4 + 1).
 */
const sortingSampler = 39;
/** Without sorting: logits in 16 and 32 bits (2 + 4), probabilities (4) and the noise or the masked logits (4). */
const rejectionSampler = 14;

const beforeV1: MemoryBehaviour = {
  hybridCache: false,
  chunkedCache: false,
  widensGroups: false,
  logsConcurrencyTokens: false,
  keepsInFlightTokens: false,
  cachesLinearPrefix: false,
  samplerBytesPerLogit: sortingSampler,
  cudaGraphsInBudget: false,
  graphsCountStep: false,
  nonTorchGiB: 0.35,
};

function wheels(source: string, date: string, note?: string): Source {
  return { source: `vllm wheels ${source}`, date, standing: "exact", ...(note === undefined ? {} : { note }) };
}

/** Changes since 0.6, oldest first. Versions between two that were read are assigned to the newer behaviour. */
export const memoryChanges: readonly MemoryChange[] = [
  {
    since: "0.7.0",
    behaviour: { nonTorchGiB: 0.08 },
    source: "start-up logs: 0.35 GiB with the CUDA context (vllm-project/vllm issue 10517), 0.01 to 0.12 without (0.7)",
    date: "2024-12-02",
    standing: "derived",
  },
  {
    since: "0.9.2",
    behaviour: { hybridCache: true },
    ...wheels("0.6.6 (absent), 0.10.2, vllm/v1/core/kv_cache_utils.py", "2025-09-13", "the version between: recalled"),
  },
  {
    since: "0.11.0",
    behaviour: { widensGroups: true, chunkedCache: true, nonTorchGiB: 0.26 },
    ...wheels(
      "0.10.2 (absent), 0.19.1, vllm/v1/core/kv_cache_utils.py, vllm/envs.py",
      "2026-04-18",
      "versions between were not read; memory beside PyTorch: start-up logs of 0.10 (0.07 GiB) and 0.31 (0.26 GiB)",
    ),
  },
  {
    since: "0.17.0",
    behaviour: { samplerBytesPerLogit: rejectionSampler },
    ...wheels(
      "0.10.2 (sort), 0.19.1 (Triton), vllm/v1/sample/ops/topk_topp_sampler.py",
      "2026-04-18",
      "versions between were not read",
    ),
  },
  {
    since: "0.20.0",
    behaviour: { cudaGraphsInBudget: true },
    ...wheels("0.19.1 (off) and 0.20.0, vllm/envs.py", "2026-04-27"),
  },
  {
    since: "0.21.0",
    behaviour: { logsConcurrencyTokens: true },
    ...wheels(
      "0.20.0 (absent) and 0.24.0, vllm/v1/core/kv_cache_utils.py",
      "2026-06-20",
      "a start-up log of 0.21.0 has it",
    ),
  },
  {
    since: "0.25.0",
    behaviour: { keepsInFlightTokens: true, cachesLinearPrefix: true },
    ...wheels(
      "0.24.0 (absent) and 0.26.0, vllm/v1/kv_cache_interface.py, vllm/config/model.py",
      "2026-07-25",
      "0.25 was not read",
    ),
  },
  {
    since: "0.26.0",
    behaviour: { graphsCountStep: true },
    ...wheels(
      "0.24.0 (absent) and 0.26.0, vllm/v1/worker/gpu_model_runner.py: profile_cudagraph_memory, profile_seq_lens",
      "2026-07-25",
      "vllm-project/vllm issue 50780 measured it",
    ),
  },
];

const behaviours = new Map<string, MemoryBehaviour>();

/** How a version of vLLM spends memory; a text that is no version counts as the newest. */
export function memoryBehaviour(version: string): MemoryBehaviour {
  const known = behaviours.get(version);
  if (known !== undefined) return known;
  const changes = memoryChanges.filter(({ since }) => !isVersion(version) || compareVersions(since, version) <= 0);
  const merged = changes.reduce<MemoryBehaviour>((sum, change) => ({ ...sum, ...change.behaviour }), beforeV1);
  const inBudget = vllmBehaviour(version)?.cudaGraphsInBudget ?? merged.cudaGraphsInBudget;
  const behaviour = { ...merged, cudaGraphsInBudget: inBudget };
  behaviours.set(version, behaviour);
  return behaviour;
}

/** The behaviour of a replica's engine; TensorRT-LLM's cache works as that of today's vLLM. */
export function behaviourOf({ engine }: Replica): MemoryBehaviour {
  return memoryBehaviour(engine.kind === "vllm" ? engine.version : "newest");
}
