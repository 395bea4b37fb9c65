import { streamingLoader } from "../../catalog/weights";
import type { WeightsSettings } from "../../environment";
import type { OnDisk } from "../memory/host";
import type { WeightsPlan } from "../plan";
import { digestName } from "./digest";

/** Where a volume with weights is mounted. */
const volumePath = "/models";
/** Where the volume is mounted that keeps weights and compiled code. */
export const keptPath = "/kept";
/** Where engines write what goes with the pod; the root filesystem is read-only. */
export const cachePath = "/cache";

/** A repository of the hub at one commit. */
export interface HubModel {
  readonly repository: string;
  readonly revision: string;
}

/** What decides where weights are and how they come there. */
export interface WeightsQuestion {
  readonly weights: WeightsSettings;
  /** The model itself. */
  readonly main: HubModel;
  /** What compiled code is only good for: the engine's version and image, the model, the layout, the GPU. */
  readonly compiledFor: CompiledFor;
}

/**
 * What compiled code depends on. The engine keeps keys of its own inside; this keeps apart what they may miss, such as
 * another build of the same version.
 */
export interface CompiledFor {
  readonly engine: string;
  readonly version: string;
  readonly image: string;
  readonly model: string;
  readonly revision: string;
  readonly gpu: string;
  readonly quantization: string;
  readonly dataType: string;
  readonly parallel: Readonly<Record<string, number | boolean>>;
}

/** Decides what the engine is told to load, and who brings it there. */
export function planWeights({ weights, main, compiledFor }: WeightsQuestion): WeightsPlan {
  const loader = weights.load === "streaming" ? streamingLoader.format : "safetensors";
  const broughtBy = bringer(weights);
  return {
    from: weights.from,
    model: modelOf(weights, main),
    loader,
    broughtBy,
    offline: weights.from !== "hub" || broughtBy !== "engine",
    cache: weights.cache === undefined ? null : { claim: weights.cache.claim, compiled: compiledFolder(compiledFor) },
  };
}

/** What lies on the disk of a pod and goes with it. */
export function onDisk(weights: WeightsSettings): OnDisk {
  const kept = weights.cache !== undefined;
  return { weights: !kept && (weights.from === "hub" || bringer(weights) === "pod"), compiled: !kept };
}

/** Who downloads the weights. */
export function bringer(weights: WeightsSettings): WeightsPlan["broughtBy"] {
  if (weights.from === "pvc" || weights.from === "oci") return "nobody";
  if (weights.prefetch) return "job";
  if (weights.cache !== undefined) return "pod";
  return weights.from === "s3" && weights.load === "direct" ? "pod" : "engine";
}

function modelOf(weights: WeightsSettings, main: HubModel): string {
  switch (weights.from) {
    case "hub":
      return weights.cache === undefined ? main.repository : hubFolder(main);
    case "s3":
      return bringer(weights) === "engine" ? `s3://${weights.bucket}/${weights.path}` : bucketFolder(weights);
    case "pvc":
    case "oci":
      return `${volumePath}/${weights.path}`;
  }
}

/** Where a repository of the hub is copied to: each commit has a folder of its own, so that none is read for another. */
export function hubFolder({ repository, revision }: HubModel): string {
  return `${keptPath}/${hubFolderName({ repository, revision })}`;
}

export function hubFolderName({ repository, revision }: HubModel): string {
  return `weights/${digestName(repository, { repository, revision })}`;
}

/** Where a directory of a bucket is copied to, by the manifest that says what is in it. */
export function bucketFolder({ bucket, path, manifest, cache }: Extract<WeightsSettings, { from: "s3" }>): string {
  const base = cache === undefined ? cachePath : keptPath;
  return `${base}/weights/${digestName(path, { bucket, path, manifest })}`;
}

function compiledFolder(compiledFor: CompiledFor): string {
  const { engine, version, model, gpu } = compiledFor;
  return `${keptPath}/compiled/${digestName(`${engine} ${version} ${model} ${gpu}`, compiledFor)}`;
}

/** Where weights are mounted that a volume has; undefined where none has. */
export function mountedWeights(weights: WeightsSettings): string | undefined {
  return weights.from === "pvc" || weights.from === "oci" ? volumePath : undefined;
}

/**
 * What an engine is told to load of another model than its own, such as a draft.
 *
 * @param other its repository, or its directory where weights come from a volume or a bucket
 */
export function modelBeside(
  weights: WeightsSettings,
  other: { readonly model: string; readonly revision?: string | undefined },
) {
  const mounted = mountedWeights(weights);
  if (mounted !== undefined) return { model: `${mounted}/${other.model}` };
  if (weights.from === "s3") return { model: `${bucketFolder(weights)}/${other.model}` };
  const { model, revision } = other;
  if (weights.cache === undefined || revision === undefined) return { model, revision };
  return { model: hubFolder({ repository: model, revision }) };
}
