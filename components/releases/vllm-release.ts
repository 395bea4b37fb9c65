import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { VllmPlan } from "../../planning";
import { Release, type ReleaseArgs } from "./release";

export type VllmReleaseArgs = ReleaseArgs<VllmPlan>;

/**
 * One model served by vLLM: its pods, the Service in front of them, and what protects both.
 *
 * Cost: GPUs per pod × replicas × the pool's price per GPU and hour; `plan.usdPerHour` holds it.
 */
export class VllmRelease extends Release<VllmPlan> {
  constructor(name: string, args: VllmReleaseArgs, options?: ComponentResourceOptions) {
    super("releases:VllmRelease", name, args, options);
  }
}
