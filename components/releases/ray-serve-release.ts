import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { RayServePlan } from "../../planning";
import { Release, type ReleaseArgs } from "./release";

export type RayServeReleaseArgs = ReleaseArgs<RayServePlan>;

/**
 * One model in Ray Serve: a cluster of Ray that KubeRay makes, and what protects it.
 *
 * Cost: GPUs per worker × replicas × the pool's price per GPU and hour; `plan.usdPerHour` holds it.
 */
export class RayServeRelease extends Release<RayServePlan> {
  constructor(name: string, args: RayServeReleaseArgs, options?: ComponentResourceOptions) {
    super("releases:RayServeRelease", name, args, options);
  }
}
