import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { Placement, PoolPlan } from "../../planning";
import { Component, type Pool } from "../base";

export interface ExistingPoolArgs {
  readonly plan: PoolPlan;
}

/**
 * Machines that somebody else runs and labels. It declares no Kubernetes object: machines that are not ours
 * are not changed. It stands in the stack so that what runs on these machines is seen to depend on them.
 *
 * Cost: whatever the environment's `price` says, for every GPU, or every machine without, used or not.
 */
export class ExistingPool extends Component implements Pool {
  readonly placement: Placement;

  constructor(name: string, args: ExistingPoolArgs, options?: ComponentResourceOptions) {
    super("nodes:ExistingPool", name, options);
    this.placement = args.plan.placement;
    const { nodes, gpusPerNode, accelerator } = args.plan;
    this.registerOutputs({ nodes, gpusPerNode, accelerator });
  }
}
