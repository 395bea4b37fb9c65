import { vllmBehaviour } from "../../catalog/engines";
import type { WeightFormatId } from "../../catalog/formats";
import { bytesPerGiB } from "../../catalog/units";
import type { VllmSettings } from "../../environment";
import { isMadeWhileLoading } from "../layout";
import type { WeightsPlan } from "../plan";
import type { ReleaseLoad } from "../load";
import type { Replica } from "../replica";
import { loaderArgs, type Readers } from "../weights";
import { adapterArgs } from "./vllm-adapters";
import { answerArgs, draftArgs, mediaArgs, taskArgs } from "./vllm-args-features";
import { bucketArgs, tablesOf } from "./vllm-buckets";
import { flag } from "./vllm-flag";

/** What decides the arguments of a vLLM release. */
export interface ArgsQuestion {
  readonly release: string;
  /** vLLM's version. */
  readonly version: string;
  readonly settings: VllmSettings;
  readonly replica: Replica;
  /** The model's own format of weights. */
  readonly published: WeightFormatId;
  readonly weights: WeightsPlan;
  /** The processes that load them. */
  readonly readers: Readers;
  readonly dataType: "bfloat16" | "float16" | "float32";
  readonly drainSeconds: number;
  /** What routes ask of the release; null where none says. */
  readonly load?: ReleaseLoad | null;
  readonly port: number;
}

/**
 * Arguments after `vllm serve`. Memory, lengths, sequences and types are always said: their defaults differ
 * by GPU and changed between releases of vLLM. What people add stands last.
 */
export function vllmArgs(question: ArgsQuestion): readonly string[] {
  const { settings, replica } = question;
  return [
    ...modelArgs(question),
    ...flag("served-model-name", question.release),
    ...flag("port", question.port),
    ...loaderArgs(question.weights, question.readers),
    ...flag("dtype", question.dataType),
    ...flag("kv-cache-dtype", settings.kvCache),
    ...taskArgs(settings),
    ...parallelArgs(replica.parallel),
    ...flag("max-model-len", settings.context),
    ...flag("max-num-seqs", settings.maxSequences),
    ...flag("max-num-batched-tokens", settings.batchedTokens),
    ...cacheArgs(replica, settings),
    ...stepArgs(settings),
    ...quantizationArgs(question),
    ...adapterArgs(settings),
    ...draftArgs(settings),
    ...mediaArgs(settings, replica.model),
    ...answerArgs(settings),
    ...queueArgs(question),
    ...bucketArgs(tablesOf(question.version), question.load?.parts ?? []),
    ...flag("shutdown-timeout", question.drainSeconds),
    "--no-enable-log-requests",
    ...settings.extraArgs,
  ];
}

function parallelArgs({ tensor, pipeline, data, expert, decodeContext }: Replica["parallel"]): readonly string[] {
  return [
    ...flag("tensor-parallel-size", tensor),
    ...(pipeline > 1 ? flag("pipeline-parallel-size", pipeline) : []),
    ...(data > 1 ? flag("data-parallel-size", data) : []),
    ...(decodeContext > 1 ? flag("decode-context-parallel-size", decodeContext) : []),
    ...(expert ? ["--enable-expert-parallel"] : []),
  ];
}

function cacheArgs({ engine }: Replica, { kvOffload }: VllmSettings): readonly string[] {
  if (engine.kind !== "vllm") return [];
  const { kvCacheGiB, gpuMemoryUtilization } = engine;
  return [
    ...(kvCacheGiB === undefined
      ? flag("gpu-memory-utilization", gpuMemoryUtilization)
      : flag("kv-cache-memory-bytes", Math.floor(kvCacheGiB * bytesPerGiB))),
    ...(kvOffload === undefined ? [] : flag("kv-offloading-size", kvOffload)),
  ];
}

/** What vLLM does by itself is only said where it is not to. */
function stepArgs({ prefixCaching, chunkedPrefill, enforceEager }: VllmSettings): readonly string[] {
  return [
    ...(prefixCaching ? [] : ["--no-enable-prefix-caching"]),
    ...(chunkedPrefill ? [] : ["--no-enable-chunked-prefill"]),
    ...(enforceEager ? ["--enforce-eager"] : []),
  ];
}

/** A checkpoint says its own format; only what vLLM makes of plain weights has to be asked for. */
function quantizationArgs({ replica, published }: ArgsQuestion): readonly string[] {
  const { weights } = replica;
  return isMadeWhileLoading(published, weights) ? flag("quantization", weights) : [];
}

/**
 * Batches that may wait behind the one that is worked on. A request that waits longer than three others take is
 * better sent elsewhere; without a limit the queue grows until clients give up.
 */
const batchesInside = 4;

/** The limit counts what is worked on, too, over all engines of the pod: vllm/config/scheduler.py (0.31.0). */
function queueArgs({ version, settings, replica }: ArgsQuestion): readonly string[] {
  if (vllmBehaviour(version)?.queueLimitFlags !== true) return [];
  const { queueLimits, maxSequences } = settings;
  const requests = queueLimits.requests ?? batchesInside * maxSequences * replica.parallel.data;
  const { promptTokens } = queueLimits;
  return [
    ...flag("max-num-queued-reqs", requests),
    ...(promptTokens === undefined ? [] : flag("max-num-queued-tokens", promptTokens)),
  ];
}

/** Weights, tokenizer and code each have a revision of their own; all are pinned to one commit. */
function modelArgs({ weights, settings: { revision } }: ArgsQuestion): readonly string[] {
  if (weights.offline) return [weights.model];
  return [
    weights.model,
    ...flag("revision", revision),
    ...flag("tokenizer-revision", revision),
    ...flag("code-revision", revision),
  ];
}
