import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { TritonPlan, VolumePlan } from "../../planning";
import { Release, type ReleaseArgs } from "./release";
import { repositoryFiles } from "./triton/render";

export type TritonReleaseArgs = ReleaseArgs<TritonPlan>;

/**
 * A repository of models served by Triton: its pods, the texts of its repository, the Service in front of them, and
 * what protects both.
 *
 * Cost: GPUs per pod × replicas × the pool's price per GPU and hour, or the share of CPU where machines have none;
 * `plan.usdPerHour` holds it.
 */
export class TritonRelease extends Release<TritonPlan> {
  constructor(name: string, args: TritonReleaseArgs, options?: ComponentResourceOptions) {
    super("releases:TritonRelease", name, { ...args, plan: withTexts(args.plan) }, options);
  }
}

/** The plan with the texts of its repository, which are written from it. */
export function withTexts(plan: TritonPlan): TritonPlan {
  const { pod, models } = plan;
  const texts = repositoryFiles(models);
  const volumes = Object.entries(pod.volumes).map(([name, volume]): [string, VolumePlan] =>
    volume.kind === "files" ? [name, { ...volume, files: { ...volume.files, ...texts } }] : [name, volume],
  );
  return { ...plan, pod: { ...pod, volumes: Object.fromEntries(volumes) } };
}
