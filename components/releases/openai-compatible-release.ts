import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { OpenaiCompatiblePlan } from "../../planning";
import { Release, type ReleaseArgs } from "./release";

export type OpenaiCompatibleReleaseArgs = ReleaseArgs<OpenaiCompatiblePlan>;

/**
 * A container of somebody else's that serves OpenAI's API, with the same protections as every release.
 *
 * Cost: GPUs per pod × replicas × the pool's price per GPU and hour; `plan.usdPerHour` holds it.
 */
export class OpenaiCompatibleRelease extends Release<OpenaiCompatiblePlan> {
  constructor(name: string, args: OpenaiCompatibleReleaseArgs, options?: ComponentResourceOptions) {
    super("releases:OpenaiCompatibleRelease", name, args, options);
  }
}
