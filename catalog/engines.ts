import { compareVersions, isVersion } from "./compare-versions";
import type { Source } from "./fact";

/** The newest version of vLLM that this program is made for, and what an environment gets that names none. */
export const pinnedVllmVersion = "0.31.0";

/** Versions that an environment may name, newest first: the pinned one, and the one before to return to. */
export const vllmVersions = [pinnedVllmVersion, "0.30.0"] as const;

/** What differs between versions of vLLM and decides what we emit or compute. */
export interface VllmBehaviour {
  /** The share of GPU memory taken when `--gpu-memory-utilization` is not given. */
  readonly defaultGpuMemoryUtilization: number;
  /** Whether memory of CUDA graphs is estimated and kept out of the KV cache, instead of taken on top of the budget. */
  readonly cudaGraphsInBudget: boolean;
  /** Whether `--shutdown-timeout` exists. Its default of 0 aborts requests on SIGTERM. */
  readonly shutdownTimeoutFlag: boolean;
  /** Whether `--max-num-queued-reqs` and `--max-num-queued-tokens` exist, which answer 503 when the queue is full. */
  readonly queueLimitFlags: boolean;
  /** Whether GPUs from 160 GiB have batch defaults of their own. */
  readonly batchTierFrom160GiB: boolean;
}

/** A version of vLLM that an environment may name. */
export interface VllmVersion extends VllmBehaviour {
  readonly version: string;
  /** The pinned version, or the one before it. */
  readonly role: "pinned" | "previous";
  readonly source: Source;
}

/** The server, alike in every version of the catalogue. */
export const vllmServer = {
  /** Default of `--port`. */
  port: 8000,
  /** 200 once the weights are loaded and the graphs are captured, 503 when the engine died. Needs no API key. */
  healthPath: "/health",
  metricsPath: "/metrics",
  source: {
    source: "vllm wheels 0.18.0 to 0.31.0, vllm/entrypoints",
    date: "2026-10-03",
    standing: "exact",
  },
} as const satisfies {
  readonly port: number;
  readonly healthPath: string;
  readonly metricsPath: string;
  readonly source: Source;
};

/** The user that the image holds beside root, to be set in the pod: the image itself starts as root. */
export const vllmUser = {
  user: 2000,
  group: 0,
  source: {
    source: "vLLM documentation of its container image",
    date: "2026-11-21",
    standing: "recalled",
    note: "not checked in the image: caches under its home are writable for group 0",
  },
} as const satisfies { readonly user: number; readonly group: number; readonly source: Source };

/** A change of behaviour: the first version that has it, where it was read. */
export interface VllmChange extends Source {
  readonly since: string;
  readonly behaviour: Partial<VllmBehaviour>;
}

/** The oldest and the newest version whose code was read. */
const read = { oldest: "0.17.1", newest: "0.31.0" } as const;

const oldest: VllmBehaviour = {
  defaultGpuMemoryUtilization: 0.9,
  cudaGraphsInBudget: false,
  shutdownTimeoutFlag: false,
  queueLimitFlags: false,
  batchTierFrom160GiB: false,
};

/** Changes since the oldest version read, oldest first. */
export const vllmChanges: readonly VllmChange[] = [
  {
    since: "0.18.0",
    behaviour: { shutdownTimeoutFlag: true },
    source: "vllm wheels 0.17.1 (absent) and 0.18.0, vllm/engine/arg_utils.py",
    date: "2026-03-20",
    standing: "exact",
  },
  {
    since: "0.20.0",
    behaviour: { defaultGpuMemoryUtilization: 0.92 },
    source: "vllm wheels 0.19.1 (0.9) and 0.20.0, vllm/config/cache.py",
    date: "2026-04-27",
    standing: "exact",
  },
  {
    since: "0.20.0",
    behaviour: { cudaGraphsInBudget: true },
    source: "vllm wheels 0.19.1 (off) and 0.20.0, vllm/envs.py: VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS",
    date: "2026-04-27",
    standing: "exact",
    note: "the start-up log calls it the default since v0.21.0; the code of 0.20.0 has it on already",
  },
  {
    since: "0.28.0",
    behaviour: { batchTierFrom160GiB: true },
    source: "vllm wheels 0.27.0 (absent) and 0.28.0, vllm/engine/arg_utils.py: get_batch_defaults",
    date: "2026-08-25",
    standing: "exact",
    note: "0.27.1 was not read",
  },
  {
    since: "0.29.0",
    behaviour: { queueLimitFlags: true },
    source: "vllm wheels 0.28.0 (absent) and 0.29.0, vllm/engine/arg_utils.py",
    date: "2026-09-09",
    standing: "exact",
  },
];

/**
 * How a version of vLLM behaves, for comparing with what was measured on older ones.
 *
 * @param version major.minor.patch
 * @returns undefined for what is not such a version, and for one older or newer than the code that was read
 */
export function vllmBehaviour(version: string): VllmBehaviour | undefined {
  if (!isVersion(version)) return undefined;
  if (compareVersions(version, read.oldest) < 0 || compareVersions(version, read.newest) > 0) return undefined;
  const changes = vllmChanges.filter(({ since }) => compareVersions(since, version) <= 0);
  return changes.reduce<VllmBehaviour>((behaviour, change) => ({ ...behaviour, ...change.behaviour }), oldest);
}

const wheelDates = { "0.31.0": "2026-10-03", "0.30.0": "2026-09-22" } as const satisfies Readonly<
  Record<(typeof vllmVersions)[number], string>
>;

/** A version that an environment may name; undefined for every other. */
export function vllmVersion(version: string): VllmVersion | undefined {
  const known = vllmVersions.find((candidate) => candidate === version);
  const behaviour = vllmBehaviour(version);
  if (known === undefined || behaviour === undefined) return undefined;
  const role = known === pinnedVllmVersion ? "pinned" : "previous";
  const source: Source = { source: `vllm wheel ${known}`, date: wheelDates[known], standing: "exact" };
  return { version: known, role, ...behaviour, source };
}

/** What vLLM's server takes for `--max-num-batched-tokens` and `--max-num-seqs` when they are not given. */
export interface VllmBatchDefaults {
  readonly maxNumBatchedTokens: number;
  readonly maxNumSeqs: number;
}

/** Where `vllmBatchDefaults` comes from. */
export const batchDefaultsSource: Source = {
  source: "vllm wheels 0.18.0 to 0.31.0, vllm/engine/arg_utils.py: get_batch_defaults",
  date: "2026-10-03",
  standing: "exact",
};

/**
 * Defaults of the server on one kind of device, before `--performance-mode throughput` doubles them.
 *
 * @param device memory that the device has, and its name as the driver tells it, in which vLLM looks for `a100`
 */
export function vllmBatchDefaults(
  behaviour: Pick<VllmBehaviour, "batchTierFrom160GiB">,
  device: { readonly name: string; readonly cudaTotalGiB: number },
): VllmBatchDefaults {
  if (behaviour.batchTierFrom160GiB && device.cudaTotalGiB >= 160)
    return { maxNumBatchedTokens: 16384, maxNumSeqs: 1024 };
  const large = device.cudaTotalGiB >= 70 && !device.name.toLowerCase().includes("a100");
  return large ? { maxNumBatchedTokens: 8192, maxNumSeqs: 1024 } : { maxNumBatchedTokens: 2048, maxNumSeqs: 256 };
}
