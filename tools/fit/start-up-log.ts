import { z } from "zod";

/**
 * What a running vLLM said of itself, in its start-up log or on its metrics page. The lines are those of vLLM's own
 * source (vllm wheels 0.18.0 to 0.31.0: v1/engine/core.py, v1/worker/gpu_worker.py, v1/worker/gpu_model_runner.py,
 * v1/core/kv_cache_utils.py, v1/metrics/loggers.py; read 2026-11-21) and of the older ones that published logs show.
 */
const logSchema = z
  .object({
    version: z.string(),
    model: z.string(),
    tensorParallel: z.number(),
    pipelineParallel: z.number(),
    dataParallel: z.number(),
    decodeContextParallel: z.number(),
    maxModelLen: z.number(),
    quantization: z.string(),
    kvCacheDtype: z.string(),
    enforceEager: z.boolean(),
    gpuMemoryUtilization: z.number(),
    /** GiB of weights on one GPU; the most of any. */
    weightsGiB: z.number(),
    loadSeconds: z.number(),
    /** GiB of one GPU for the KV cache; the least of any, which is what the engine goes by. */
    kvGiB: z.number(),
    kvTokens: z.number(),
    /** Profiling, KV cache, compilation, graphs and warm-up, after loading. */
    engineStartSeconds: z.number(),
    cudaGraphsGiB: z.number(),
    maxNumSeqs: z.number(),
    maxNumBatchedTokens: z.number(),
    /** Month and day of the last line, as 11-20: vLLM writes no year. */
    monthDay: z.string(),
  })
  .partial();

export type StartUpLog = z.output<typeof logSchema>;

type Field = keyof typeof logSchema.shape;

interface Line {
  readonly field: Field;
  readonly pattern: RegExp;
  /** Which of several values counts: each worker writes its own. @default the last, as after a restart */
  readonly of?: "most" | "least";
}

const number = String.raw`([\d,]+(?:\.\d+)?)`;
const lines: readonly Line[] = [
  { field: "monthDay", pattern: /\b(?:INFO|WARNING) +(\d\d-\d\d) \d\d:\d\d:\d\d/g },
  { field: "version", pattern: /(?:LLM engine \(v|API server version )(\d+\.\d+\.\d+)/g },
  { field: "model", pattern: /with config: (?:.*?\b)?model='([^']+)'/g },
  { field: "tensorParallel", pattern: /\btensor_parallel_size[=:'"\s]+(\d+)/g },
  { field: "pipelineParallel", pattern: /\bpipeline_parallel_size[=:'"\s]+(\d+)/g },
  { field: "dataParallel", pattern: /\bdata_parallel_size[=:'"\s]+(\d+)/g },
  { field: "decodeContextParallel", pattern: /\bdecode_context_parallel_size[=:'"\s]+(\d+)/g },
  { field: "maxModelLen", pattern: /\bmax_seq_len=(\d+)/g },
  { field: "quantization", pattern: /\bquantization=(?!None)([\w-]+)/g },
  { field: "kvCacheDtype", pattern: /\bkv_cache_dtype=(?!auto)([\w-]+)/g },
  { field: "enforceEager", pattern: /\benforce_eager=(True|False)/g },
  { field: "gpuMemoryUtilization", pattern: /\bgpu_memory_utilization[=:'"\s]+(0?\.\d+|1(?:\.0+)?)/g },
  { field: "maxNumSeqs", pattern: /\bmax_num_seqs[=:'"\s]+(\d+)/g },
  { field: "maxNumBatchedTokens", pattern: /\bmax_num_batched_tokens[=:'"\s]+(\d+)/g },
  {
    field: "weightsGiB",
    pattern: new RegExp(`(?:Model loading|Loading model weights) took ${number} G(?:i)?B`, "g"),
    of: "most",
  },
  {
    field: "loadSeconds",
    pattern: new RegExp(`Model loading took ${number} G(?:i)?B(?: memory)? and ${number} seconds`, "g"),
    of: "most",
  },
  { field: "kvGiB", pattern: new RegExp(`Available KV cache memory: ${number} GiB`, "g"), of: "least" },
  { field: "kvTokens", pattern: new RegExp(`GPU KV cache size: ${number} tokens`, "g"), of: "least" },
  {
    field: "engineStartSeconds",
    pattern: new RegExp(`init engine \\([^)]*\\) took ${number} s`, "g"),
    of: "most",
  },
  {
    field: "cudaGraphsGiB",
    pattern: new RegExp(`Graph capturing finished in .*? took ${number} GiB`, "g"),
    of: "most",
  },
];

/** What the lines of a start-up log or of a metrics page say; empty where nothing is known in it. */
export function readStartUpLog(text: string): StartUpLog {
  const found = lines.flatMap(({ field, pattern, of }): readonly (readonly [Field, string | number | boolean])[] => {
    const values = [...text.matchAll(pattern)].map((match) => match.slice(1).at(-1) ?? "");
    const value = of === undefined ? values.at(-1) : extreme(values, of);
    return value === undefined ? [] : [[field, typed(value)]];
  });
  return logSchema.parse({ ...metricsOf(text), ...Object.fromEntries(found) });
}

/** `vllm:cache_config_info` of a metrics page, and the name under which the model is served. */
function metricsOf(text: string): StartUpLog {
  const [, labels] = /^vllm:cache_config_info\{(.*)\}/m.exec(text) ?? [];
  if (labels === undefined) return {};
  const label = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1];
  const count = (name: string): number => Number(label(name));
  const blocks = count("num_gpu_blocks") * count("block_size");
  // Models with several kinds of layers have no tokens of a block: newer versions say the tokens themselves.
  const kvTokens = count("kv_cache_size_tokens") || blocks;
  const model = /^vllm:.*\bmodel_name="([^"]+)"/m.exec(text)?.[1];
  const kvCacheDtype = label("cache_dtype");
  return {
    ...(kvTokens > 0 ? { kvTokens } : {}),
    ...(model === undefined ? {} : { model }),
    ...(kvCacheDtype === undefined || kvCacheDtype === "auto" ? {} : { kvCacheDtype }),
  };
}

function extreme(values: readonly string[], of: "most" | "least"): string | undefined {
  const sorted = values.toSorted((a, b) => numberIn(a) - numberIn(b));
  return of === "most" ? sorted.at(-1) : sorted[0];
}

function numberIn(text: string): number {
  return Number(text.replaceAll(",", ""));
}

function typed(text: string): string | number | boolean {
  if (text === "True" || text === "False") return text === "True";
  const value = numberIn(text);
  return text === "" || Number.isNaN(value) ? text : value;
}
