import history from "./data/vllm-changes.json";
import type { Source } from "./fact";

/** Something of vLLM that older texts still use. */
export interface VllmRemoval extends Source {
  readonly name: string;
  /** The newest version, of those that were read, that has it. */
  readonly lastSeen: string;
  /** The oldest version, of those that were read after it, that has it no longer. */
  readonly goneIn: string;
  /** What to write instead; undefined where nothing took its place. */
  readonly instead: string | undefined;
}

const betweenWheels = (
  lastSeen: string,
  goneIn: string,
  file: string,
): Source & { lastSeen: string; goneIn: string } => ({
  lastSeen,
  goneIn,
  source: `vllm wheels ${lastSeen} (there) and ${goneIn} (absent), ${file}`,
  date: "2026-11-21",
  standing: "exact",
});

function removedFlag(name: string, lastSeen: string, goneIn: string, instead?: string): VllmRemoval {
  return { name, instead, ...betweenWheels(lastSeen, goneIn, "engine/arg_utils.py and entrypoints") };
}

const instead: Readonly<Record<string, string>> = {
  "--calculate-kv-scales": "scales in the checkpoint (kv_cache_scheme)",
};

/** Flags that the wheels of the table have lost, one step after the other. */
const lostSinceTable: readonly VllmRemoval[] = history.steps.flatMap(({ from, to, flags }) =>
  Object.keys(flags.removed).map((name) => removedFlag(name, from, to, instead[name])),
);

/** Flags of `vllm serve` that are gone; an unknown flag stops the server at its start. */
export const removedVllmFlags: readonly VllmRemoval[] = [
  removedFlag("--speculative-model", "0.6.6", "0.10.2", "--speculative-config"),
  removedFlag("--num-scheduler-steps", "0.6.6", "0.10.2"),
  removedFlag("--use-v2-block-manager", "0.6.6", "0.10.2"),
  removedFlag("--worker-use-ray", "0.6.6", "0.10.2", "--distributed-executor-backend ray"),
  removedFlag("--task", "0.10.2", "0.18.0", "--runner and --convert"),
  removedFlag("--disable-log-requests", "0.10.2", "0.18.0", "--no-enable-log-requests"),
  removedFlag("--swap-space", "0.10.2", "0.18.0", "--kv-offloading-size"),
  removedFlag("--preemption-mode", "0.10.2", "0.18.0"),
  removedFlag("--num-lookahead-slots", "0.10.2", "0.18.0"),
  removedFlag("--rope-scaling", "0.10.2", "0.18.0", "--hf-overrides"),
  removedFlag("--rope-theta", "0.10.2", "0.18.0", "--hf-overrides"),
  removedFlag("--guided-decoding-backend", "0.10.2", "0.18.0", "--structured-outputs-config"),
  removedFlag("--cuda-graph-sizes", "0.10.2", "0.18.0", "--cudagraph-capture-sizes"),
  removedFlag("--max-seq-len-to-capture", "0.10.2", "0.18.0", "--max-cudagraph-capture-size"),
  removedFlag("--num-redundant-experts", "0.10.2", "0.18.0", "--eplb-config"),
  ...lostSinceTable,
];

/** Environment variables that newer versions do not read: they are ignored in silence. */
export const removedVllmVariables: readonly VllmRemoval[] = [
  { name: "VLLM_USE_V1", instead: undefined, ...betweenWheels("0.10.2", "0.18.0", "envs.py") },
  { name: "VLLM_ATTENTION_BACKEND", instead: "--attention-backend", ...betweenWheels("0.10.2", "0.18.0", "envs.py") },
];

/** Methods of quantisation that are gone: a server of a newer version refuses such a checkpoint, and `--quantization`. */
export const removedVllmQuantization: readonly VllmRemoval[] = history.steps.flatMap(({ from, to, quantization }) =>
  Object.keys(quantization.removed).map((name) => ({
    name,
    instead: undefined,
    ...betweenWheels(from, to, "model_executor/layers/quantization/__init__.py"),
  })),
);

function renamed(name: string, lastSeen: string, goneIn: string, now?: string): VllmRemoval {
  return { name, instead: now, ...betweenWheels(lastSeen, goneIn, "metrics") };
}

/** Metrics, as Prometheus shows them, that are gone, with what took their place: rules and dashboards on them are dead. */
export const metricRenames: readonly VllmRemoval[] = [
  renamed("vllm:num_requests_swapped", "0.6.6", "0.10.2"),
  renamed("vllm:cpu_cache_usage_perc", "0.6.6", "0.10.2"),
  renamed(
    "vllm:gpu_prefix_cache_hit_rate",
    "0.6.6",
    "0.10.2",
    "vllm:prefix_cache_hits_total / vllm:prefix_cache_queries_total",
  ),
  renamed("vllm:cpu_prefix_cache_hit_rate", "0.6.6", "0.10.2"),
  renamed("vllm:avg_prompt_throughput_toks_per_s", "0.6.6", "0.10.2", "rate(vllm:prompt_tokens_total)"),
  renamed("vllm:avg_generation_throughput_toks_per_s", "0.6.6", "0.10.2", "rate(vllm:generation_tokens_total)"),
  renamed("vllm:time_in_queue_requests", "0.6.6", "0.10.2", "vllm:request_queue_time_seconds"),
  renamed("vllm:gpu_cache_usage_perc", "0.10.2", "0.18.0", "vllm:kv_cache_usage_perc"),
  renamed("vllm:gpu_prefix_cache_hits_total", "0.10.2", "0.18.0", "vllm:prefix_cache_hits_total"),
  renamed("vllm:gpu_prefix_cache_queries_total", "0.10.2", "0.18.0", "vllm:prefix_cache_queries_total"),
  renamed("vllm:time_per_output_token_seconds", "0.10.2", "0.18.0", "vllm:inter_token_latency_seconds"),
  renamed("vllm:prompt_tokens_recomputed_total", "0.18.0", "0.24.0"),
];
