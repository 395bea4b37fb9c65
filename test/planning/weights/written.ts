import type { VllmPlan } from "../../../planning";
import { smallest, withReleases } from "../../harness/environments";
import { planOf, type Written } from "../parsed";

/** Weights as people write them. */
export const bucket = {
  from: "s3",
  bucket: "models",
  region: "us-east-1",
  path: "qwen/qwen3-8b",
  manifest: "a".repeat(64),
  credentials: { secret: "bucket-keys" },
};
export const volume = { from: "pvc", claim: "model-weights", path: "qwen3-8b" };
export const image = {
  from: "oci",
  image: `registry.example.com/weights/qwen3:1@sha256:${"b".repeat(64)}`,
  path: "models/qwen3-8b",
};
export const kept = { cache: { claim: "model-cache" } };
export const prefetched = { ...kept, prefetch: true };
export const token = { secret: "hf-token", key: "token" };
export const revision = smallest.releases.chat.revision;

/** The plan of a release with these weights. */
export function chatWith(weights: Written, more: Written = {}, environment: Written = {}): VllmPlan {
  const found = planOf({ ...withReleases({ chat: { weights, ...more } }), ...environment }).releases["chat"];
  if (found?.kind !== "vllm") throw new Error("no vLLM release chat");
  return found;
}

export function flagOf({ pod }: VllmPlan, name: string): string | undefined {
  return pod.container.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}
