import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { ReleasePlan } from "../../planning";
import type { Release, ReleaseArgs } from "./release";
import { OpenaiCompatibleRelease } from "./openai-compatible-release";
import { RayServeRelease } from "./ray-serve-release";
import { TextEmbeddingsRelease } from "./text-embeddings-release";
import { TritonRelease } from "./triton-release";
import { VllmRelease } from "./vllm-release";

export { OpenaiCompatibleRelease, type OpenaiCompatibleReleaseArgs } from "./openai-compatible-release";
export { RayServeRelease, type RayServeReleaseArgs } from "./ray-serve-release";
export { TextEmbeddingsRelease, type TextEmbeddingsReleaseArgs } from "./text-embeddings-release";
export { TritonRelease, type TritonReleaseArgs } from "./triton-release";
export { VllmRelease, type VllmReleaseArgs } from "./vllm-release";

/** Declares one release by the component of its engine. */
export function declareRelease(
  name: string,
  { plan, ...args }: ReleaseArgs<ReleasePlan>,
  options?: ComponentResourceOptions,
): Release {
  switch (plan.kind) {
    case "vllm":
      return new VllmRelease(name, { ...args, plan }, options);
    case "openai-compatible":
      return new OpenaiCompatibleRelease(name, { ...args, plan }, options);
    case "ray-serve":
      return new RayServeRelease(name, { ...args, plan }, options);
    case "triton":
      return new TritonRelease(name, { ...args, plan }, options);
    case "text-embeddings-inference":
      return new TextEmbeddingsRelease(name, { ...args, plan }, options);
  }
}
