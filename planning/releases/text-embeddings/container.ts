import { textEmbeddingsLogLevel, textEmbeddingsServer } from "../../../catalog/text-embeddings-inference";
import type { TextEmbeddingsSettings } from "../../../environment";
import type { By, MountPlan, PodPlan, VolumePlan } from "../../plan";
import type { TextEmbeddingsWeights } from "./plan";
import { disk } from "./rules";
import type { PodSize } from "./size";

/** Where the image keeps what it downloads; the root filesystem is read-only. */
const cachePath = "/cache";
/** Where a volume with weights is mounted. */
const weightsPath = "/models";

export function weightsOf({ weights }: TextEmbeddingsSettings): TextEmbeddingsWeights {
  if (weights.from === "pvc") return { from: "pvc", claim: weights.claim, path: weights.path, mountPath: weightsPath };
  return weights.token === undefined ? { from: "hub" } : { from: "hub", token: weights.token };
}

/** Sizes of what is written to disk, in whole GiB. */
export function diskOf(weights: TextEmbeddingsWeights, downloadGiB: number) {
  const cacheGiB = weights.from === "hub" ? Math.ceil(downloadGiB * disk.downloadSlack) : 0;
  return { cacheGiB, diskGiB: cacheGiB + disk.tmpGiB + disk.logsGiB };
}

/** What decides the pod of a release. */
export interface ContainerQuestion {
  readonly release: string;
  readonly settings: TextEmbeddingsSettings;
  readonly size: PodSize;
  readonly weights: TextEmbeddingsWeights;
  readonly cacheGiB: number;
  readonly image: string;
}

export function textEmbeddingsPod(question: ContainerQuestion): PodPlan {
  const { weights, cacheGiB, image } = question;
  const { user, group, port } = textEmbeddingsServer;
  const volumes: By<VolumePlan> = {
    tmp: { kind: "scratch", sizeGiB: disk.tmpGiB },
    ...(weights.from === "pvc"
      ? { weights: { kind: "claim", claim: weights.claim, readOnly: true } }
      : { cache: { kind: "scratch", sizeGiB: cacheGiB } }),
  };
  const model: MountPlan =
    weights.from === "pvc"
      ? { volume: "weights", path: weights.mountPath, readOnly: true }
      : { volume: "cache", path: cachePath, readOnly: false };
  return {
    user: { id: user, group },
    limitsCpu: true,
    container: {
      name: "text-embeddings",
      image,
      args: argumentsOf(question),
      variables: variablesOf(question),
      secretVariables: weights.from === "hub" && weights.token !== undefined ? { HF_TOKEN: weights.token } : {},
      ports: { http: port },
      mounts: [{ volume: "tmp", path: "/tmp", readOnly: false }, model],
    },
    setUp: [],
    volumes,
  };
}

/** Arguments of the router. Whatever decides memory or speed is said, and the address, which `HOSTNAME` would change. */
function argumentsOf({ release, settings, size, weights }: ContainerQuestion): readonly string[] {
  const { pooling, autoTruncate, maxClientBatch } = settings;
  return [
    ...(weights.from === "pvc"
      ? [`--model-id=${weights.mountPath}/${weights.path}`]
      : [`--model-id=${settings.model}`, `--revision=${settings.revision}`, `--huggingface-hub-cache=${cachePath}`]),
    `--served-model-name=${release}`,
    "--hostname=0.0.0.0",
    `--port=${textEmbeddingsServer.port}`,
    "--dtype=float32",
    ...(pooling === undefined ? [] : [`--pooling=${pooling}`]),
    `--max-batch-tokens=${size.batch.tokens}`,
    `--max-concurrent-requests=${size.concurrentTexts}`,
    `--max-client-batch-size=${maxClientBatch}`,
    `--tokenization-workers=${size.tokenizers}`,
    `--auto-truncate=${autoTruncate}`,
    "--json-output",
  ];
}

/** Threads as many as the pod has CPU: without a word there would be one for each CPU of the machine, or eight. */
function variablesOf({ size: { cpu }, weights }: ContainerQuestion): By<string> {
  return {
    OMP_NUM_THREADS: String(cpu),
    RAYON_NUM_THREADS: String(cpu),
    [textEmbeddingsLogLevel.variable]: textEmbeddingsLogLevel.value,
    ...(weights.from === "hub" ? { HF_HOME: `${cachePath}/huggingface` } : {}),
  };
}
