import { bytesPerGB } from "../../catalog/units";
import type { SecretKeySettings, WeightsSettings } from "../../environment";
import { hostParts } from "../memory/host";
import type { By, ContainerPlan, Flow, MountPlan, VolumePlan, WeightsPlan } from "../plan";
import { cachePath, keptPath, mountedWeights, type HubModel } from "./choice";
import { weightsFlows } from "./flows";
import { bucketKeys, checkBucket, copyBucket, copyHub, keptVolume, scriptsVolume } from "./script";

/** What the weights add to a pod. */
export interface WeightsParts {
  readonly volumes: By<VolumePlan>;
  /** Of the engine. */
  readonly mounts: readonly MountPlan[];
  readonly variables: By<string>;
  readonly secretVariables: By<SecretKeySettings>;
  readonly setUp: readonly ContainerPlan[];
  readonly flows: readonly Flow[];
}

/** What an engine's pod needs to be known of. */
export interface PodQuestion {
  readonly weights: WeightsSettings;
  readonly plan: WeightsPlan;
  /** Everything of the hub that the engine loads: its model, and such as a draft. */
  readonly models: readonly HubModel[];
  readonly image: string;
}

/** Volumes, variables and containers that bring the weights to an engine. The pod has a volume `cache` of its own. */
export function weightsParts(question: PodQuestion): WeightsParts {
  const { weights, plan } = question;
  const setUp = setUpOf(question);
  return {
    volumes: {
      ...mountedVolume(weights),
      ...(plan.cache === null ? {} : { [keptVolume]: { kind: "claim", claim: plan.cache.claim, readOnly: false } }),
      ...(setUp.length === 0 ? {} : { [scriptsVolume]: { kind: "scripts" } }),
    },
    mounts: mountsOf(weights, plan),
    variables: variablesOf(weights, plan),
    secretVariables: secretsOf(weights, plan),
    setUp,
    // A pod whose weights a Job brought reaches nobody for them.
    flows: plan.broughtBy === "job" ? [] : weightsFlows(weights),
  };
}

/** The volume that holds the weights from the beginning. */
function mountedVolume(weights: WeightsSettings): By<VolumePlan> {
  if (weights.from === "pvc") return { weights: { kind: "claim", claim: weights.claim, readOnly: true } };
  if (weights.from === "oci") return { weights: { kind: "image", reference: weights.image } };
  return {};
}

function mountsOf(weights: WeightsSettings, { cache }: WeightsPlan): readonly MountPlan[] {
  const mounted = mountedWeights(weights);
  return [
    ...(mounted === undefined ? [] : [{ volume: "weights", path: mounted, readOnly: true }]),
    ...(cache === null ? [] : [{ volume: keptVolume, path: keptPath, readOnly: false }]),
  ];
}

function setUpOf({ weights, plan, models, image }: PodQuestion): readonly ContainerPlan[] {
  if (weights.from === "hub") return plan.broughtBy === "pod" ? [copyHub(weights, models, image)] : [];
  if (weights.from !== "s3" || plan.broughtBy === "job") return [];
  if (plan.broughtBy === "engine") return [checkBucket(weights, image)];
  if (plan.cache !== null) return [copyBucket(weights, image)];
  return [copyBucket(weights, image, { volume: "cache", path: cachePath, readOnly: false })];
}

function variablesOf(weights: WeightsSettings, plan: WeightsPlan): By<string> {
  const streamed = plan.broughtBy === "engine" && weights.from === "s3";
  return {
    ...(plan.offline ? { HF_HUB_OFFLINE: "1" } : {}),
    ...(streamed ? { AWS_REGION: weights.region, AWS_DEFAULT_REGION: weights.region } : {}),
    ...(streamed ? addressing(weights) : {}),
  };
}

/** The streamer asks AWS by the bucket's host name; other stores, and names with dots, by the path. */
function addressing({ bucket, endpoint }: Extract<WeightsSettings, { from: "s3" }>): By<string> {
  const byPath: By<string> = { RUNAI_STREAMER_S3_USE_VIRTUAL_ADDRESSING: "0" };
  if (endpoint === undefined) return bucket.includes(".") ? byPath : {};
  return { ...byPath, AWS_ENDPOINT_URL: endpoint, AWS_EC2_METADATA_DISABLED: "true" };
}

/** The engine itself has a secret only where it downloads. */
function secretsOf(weights: WeightsSettings, { broughtBy }: WeightsPlan): By<SecretKeySettings> {
  if (broughtBy !== "engine") return {};
  if (weights.from === "s3") return bucketKeys(weights.credentials);
  return weights.from === "hub" && weights.token !== undefined ? { HF_TOKEN: weights.token } : {};
}

/** Where the engine keeps code that it compiled: with the pod, or in a folder that only this very engine reads. */
export function compiledPath({ cache }: WeightsPlan): string {
  return cache === null ? cachePath : cache.compiled;
}

/** How a replica's processes read the weights. */
export interface Readers {
  /** Processes of one pod that load weights. */
  readonly workers: number;
  /** Groups that know nothing of each other, such as engines of data parallelism. */
  readonly engines: number;
  readonly weightsGB: number;
}

/**
 * Whether the workers of an engine share the reading: each reads a part and hands it on between GPUs. Workers of
 * several engines in one pod are no group, and each reads everything.
 */
export function sharesReading({ workers, engines }: Readers): boolean {
  return workers > 1 && engines === 1;
}

/** How many times all weights are read when one pod starts. */
export function timesRead(plan: WeightsPlan, readers: Readers): number {
  return plan.loader === "safetensors" || sharesReading(readers) ? 1 : readers.workers;
}

/** Arguments that say how vLLM loads. The format is always said: `auto` falls back to pickles. */
export function loaderArgs({ loader }: WeightsPlan, readers: Readers): readonly string[] {
  const format = `--load-format=${loader}`;
  if (loader === "safetensors") return [format];
  // The memory that the pod has for a copy of the weights; the streamer alone would take 40 GB, or all.
  const bytes = Math.floor((hostParts.hostCopy * readers.weightsGB * bytesPerGB) / readers.workers);
  const extra = { ...(sharesReading(readers) ? { distributed: true } : {}), memory_limit: bytes };
  return [format, `--model-loader-extra-config=${JSON.stringify(extra)}`];
}
