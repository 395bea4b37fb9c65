import { PriorityClass } from "@pulumi/kubernetes/scheduling/v1";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { By, PriorityClassPlan } from "../../planning";
import { Component, labels, type Identity } from "../base";

export interface PriorityClassesArgs {
  readonly environment: string;
  /** By the names that releases use. */
  readonly plan: By<PriorityClassPlan>;
}

/** Classes of pods for the scheduler. The cluster has them for all namespaces, so their names carry the environment's. */
export class PriorityClasses extends Component {
  /** Names of the classes, by the names that releases use; known once they exist. */
  readonly classNames: By<Output<string>>;

  constructor(name: string, { environment, plan }: PriorityClassesArgs, options?: ComponentResourceOptions) {
    super("priorities:PriorityClasses", name, options);
    const identity: Identity = { environment, part: "platform" };

    const classes = Object.entries(plan).map(([id, each]) => [id, this.#priorityClass(id, each, identity)] as const);
    this.classNames = Object.fromEntries(classes.map(([id, { metadata }]) => [id, metadata.name]));

    this.registerOutputs({ classNames: this.classNames });
  }

  #priorityClass(id: string, plan: PriorityClassPlan, identity: Identity): PriorityClass {
    return new PriorityClass(
      this.child(id),
      {
        metadata: { name: plan.name, labels: labels(identity) },
        value: plan.value,
        preemptionPolicy: plan.preempts ? "PreemptLowerPriority" : "Never",
        globalDefault: false,
        description: plan.description,
      },
      this.own(),
    );
  }
}
