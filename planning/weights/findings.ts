import { vllmFlags } from "../../catalog/engine-flags";
import { imageVolumes, streamingLoader } from "../../catalog/weights";
import type { Path, WeightsSettings } from "../../environment";
import { errorAt, warningAt, type Finding } from "../findings";
import { bringer } from "./choice";

/** What weights are checked against. */
export interface WeightsChecked {
  readonly weights: WeightsSettings;
  /** Path of the release. */
  readonly at: Path;
  /** vLLM's version. */
  readonly version: string;
  /** The cluster's minor version, as 1.35. */
  readonly kubernetes: string;
  readonly model: { readonly id: string; readonly gated: string };
  /** Whether a draft with weights of its own stands beside the model. */
  readonly ownDraft: boolean;
}

export function weightsFindings(checked: WeightsChecked): readonly Finding[] {
  return [
    ...missingToken(checked),
    ...missingLoader(checked),
    ...streamedDraft(checked),
    ...missingImageVolumes(checked),
  ];
}

/** What decides whether the hub is asked with a token, whatever the engine. */
export interface TokenChecked extends Pick<WeightsChecked, "model" | "at"> {
  readonly weights: { readonly from: string; readonly token?: object | undefined };
}

export function missingToken({ weights, model, at }: TokenChecked): readonly Finding[] {
  if (model.gated !== "yes" || weights.from !== "hub" || weights.token !== undefined) return [];
  const message = `${model.id} is gated: the hub answers only to a token whose owner accepted its terms`;
  const fix = "Name the Secret that holds the token: `token: { secret: hf-token, key: token }` under `weights`.";
  return [errorAt([...at, "weights"], "token-missing", message, fix)];
}

function missingLoader({ weights, version, at }: WeightsChecked): readonly Finding[] {
  if (weights.load !== "streaming") return [];
  const known = vllmFlags(version)?.get("--load-format")?.choices ?? [];
  if (known.includes(streamingLoader.format)) return [];
  const message = `vLLM ${version} has no loader that streams: its \`--load-format\` does not know ${streamingLoader.format}`;
  return [errorAt([...at, "weights", "load"], "loader-missing", message, "Write `load: direct`, or use a newer vLLM.")];
}

/** A streamed directory has one model: the loader takes every safetensors file below it for the model's. */
function streamedDraft({ weights, ownDraft, at }: WeightsChecked): readonly Finding[] {
  if (!ownDraft || weights.from !== "s3" || bringer(weights) !== "engine") return [];
  const message =
    "the draft lies in the model's directory of the bucket, and the loader that streams takes all safetensors below it for the model's";
  return [
    errorAt([...at, "weights", "load"], "draft-not-streamed", message, "Write `load: direct`, or name a `cache`."),
  ];
}

function missingImageVolumes({ weights, kubernetes, at }: WeightsChecked): readonly Finding[] {
  return weights.from === "oci" ? imageVolumeFindings(kubernetes, [...at, "weights", "from"], "weights") : [];
}

/**
 * Whether the cluster mounts images as volumes, which is newer than most of Kubernetes.
 *
 * @param what is in the image, in words
 */
export function imageVolumeFindings(kubernetes: string, path: Path, what: string): readonly Finding[] {
  const minor = Number(kubernetes.split(".")[1]);
  const { gatedSince, openSince } = imageVolumes;
  if (minor >= openSince) return [];
  const fix = `Use Kubernetes 1.${openSince}, or ${what} from a volume (\`from: pvc\`).`;
  if (minor < gatedSince) {
    const message = `Kubernetes ${kubernetes} mounts no images as volumes: that begins with 1.${gatedSince}`;
    return [errorAt(path, "image-volumes-missing", message, fix)];
  }
  const message = `Kubernetes ${kubernetes} mounts images as volumes only where the feature gate ImageVolume is open on the API server and on every kubelet`;
  return [warningAt(path, "image-volumes-missing", message, fix)];
}
