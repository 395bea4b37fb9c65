import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { ReleasePlan } from "../../planning";
import type { Release, ReleaseArgs } from "./release";
import { OpenaiCompatibleRelease } from "./openai-compatible-release";
import { VllmRelease } from "./vllm-release";

export { OpenaiCompatibleRelease, type OpenaiCompatibleReleaseArgs } from "./openai-compatible-release";
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
  }
}
