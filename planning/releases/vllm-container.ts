import { vllmUser } from "../../catalog/engines";
import type { WeightFormatId } from "../../catalog/formats";
import type { VllmSettings } from "../../environment";
import { isMadeWhileLoading } from "../layout";
import type { HostNeeds } from "../memory";
import type { By, PodPlan, VolumePlan, WeightsPlan } from "../plan";
import type { Replica } from "../replica";

/** Where the image keeps what it writes; the root filesystem is read-only. */
const cachePath = "/cache";
/** Where a volume with weights is mounted. */
const weightsPath = "/models";

/** What decides the pod of a vLLM release. */
export interface ContainerQuestion {
  readonly release: string;
  readonly settings: VllmSettings;
  readonly replica: Replica;
  /** The model's own format of weights. */
  readonly published: WeightFormatId;
  readonly dataType: "bfloat16" | "float16" | "float32";
  readonly host: HostNeeds;
  readonly weights: WeightsPlan;
  readonly image: string;
  readonly drainSeconds: number;
  readonly port: number;
}

export function vllmPod(question: ContainerQuestion): PodPlan {
  const { host, weights, image, port } = question;
  const volumes: By<VolumePlan> = {
    shm: { kind: "memory", sizeGiB: host.shmGiB },
    tmp: { kind: "scratch", sizeGiB: host.tmpGiB },
    cache: { kind: "scratch", sizeGiB: host.cacheGiB },
    ...(weights.from === "pvc" ? { weights: { kind: "claim", claim: weights.claim, readOnly: true } } : {}),
  };
  const mounts = [
    { volume: "shm", path: "/dev/shm", readOnly: false },
    { volume: "tmp", path: "/tmp", readOnly: false },
    { volume: "cache", path: cachePath, readOnly: false },
    ...(weights.from === "pvc" ? [{ volume: "weights", path: weights.mountPath, readOnly: true }] : []),
  ];
  return {
    user: { id: vllmUser.user, group: vllmUser.group },
    container: {
      name: "vllm",
      image,
      args: vllmArgs(question),
      variables: vllmVariables(weights),
      secretVariables: weights.from === "hub" && weights.token !== undefined ? { HF_TOKEN: weights.token } : {},
      ports: { http: port },
      mounts,
    },
    setUp: [],
    volumes,
  };
}

export function planWeights(settings: VllmSettings): WeightsPlan {
  const { weights } = settings;
  if (weights.from === "pvc") return { ...weights, mountPath: weightsPath };
  return weights.token === undefined ? { from: "hub" } : { from: "hub", token: weights.token };
}

/**
 * Arguments after `vllm serve`. Memory, lengths, sequences and types are always said: their defaults differ
 * by GPU and changed between releases of vLLM.
 */
function vllmArgs(question: ContainerQuestion): readonly string[] {
  const { settings, replica } = question;
  return [
    ...modelArgs(settings),
    ...flag("served-model-name", question.release),
    ...flag("port", question.port),
    ...flag("load-format", "safetensors"),
    ...flag("dtype", question.dataType),
    ...flag("kv-cache-dtype", settings.kvCache),
    ...parallelArgs(replica.parallel),
    ...flag("max-model-len", settings.context),
    ...flag("max-num-seqs", settings.maxSequences),
    ...flag("max-num-batched-tokens", settings.batchedTokens),
    ...flag("gpu-memory-utilization", settings.gpuMemoryUtilization),
    ...(settings.enforceEager ? ["--enforce-eager"] : []),
    ...quantizationArgs(question),
    ...loraArgs(settings),
    ...draftArgs(settings),
    ...flag("shutdown-timeout", question.drainSeconds),
    "--no-enable-log-requests",
  ];
}

function parallelArgs({ tensor, pipeline, data, expert }: Replica["parallel"]): readonly string[] {
  return [
    ...flag("tensor-parallel-size", tensor),
    ...(pipeline > 1 ? flag("pipeline-parallel-size", pipeline) : []),
    ...(data > 1 ? flag("data-parallel-size", data) : []),
    ...(expert ? ["--enable-expert-parallel"] : []),
  ];
}

/** A checkpoint says its own format; only what vLLM makes of plain weights has to be asked for. */
function quantizationArgs({ replica, published }: ContainerQuestion): readonly string[] {
  const { weights } = replica;
  return isMadeWhileLoading(published, weights) ? flag("quantization", weights) : [];
}

function loraArgs({ lora }: VllmSettings): readonly string[] {
  if (lora === undefined) return [];
  return ["--enable-lora", ...flag("max-loras", lora.maxAdapters), ...flag("max-lora-rank", lora.maxRank)];
}

function draftArgs({ draft, weights }: VllmSettings): readonly string[] {
  if (draft === undefined) return [];
  const { method, tokens } = draft;
  const model = "model" in draft ? (weights.from === "pvc" ? `${weightsPath}/${draft.model}` : draft.model) : undefined;
  const revision = "revision" in draft ? draft.revision : undefined;
  const config = { method, model, revision, num_speculative_tokens: tokens };
  return flag("speculative-config", JSON.stringify(config));
}

/** Weights, tokenizer and code each have a revision of their own; all are pinned to one commit. */
function modelArgs(settings: VllmSettings): readonly string[] {
  if (settings.weights.from === "pvc") return [`${weightsPath}/${settings.weights.path}`];
  const { revision } = settings;
  return [
    settings.model,
    ...flag("revision", revision),
    ...flag("tokenizer-revision", revision),
    ...flag("code-revision", revision),
  ];
}

function flag(name: string, value: string | number): readonly string[] {
  return [`--${name}=${value}`];
}

/** Caches go to the one writable volume; usage statistics are not sent. */
function vllmVariables(weights: WeightsPlan): Readonly<Record<string, string>> {
  return {
    HOME: cachePath,
    HF_HOME: `${cachePath}/huggingface`,
    VLLM_CACHE_ROOT: `${cachePath}/vllm`,
    TRITON_CACHE_DIR: `${cachePath}/triton`,
    TORCHINDUCTOR_CACHE_DIR: `${cachePath}/inductor`,
    VLLM_NO_USAGE_STATS: "1",
    ...(weights.from === "pvc" ? { HF_HUB_OFFLINE: "1" } : {}),
  };
}
