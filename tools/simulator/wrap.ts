import { CustomResource, runtime, type ResourceTransformation } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";

/** Pods of a simulated cluster are ready at once: what has not happened by then will not happen. */
const timeout = "60s";

/**
 * A program for the simulator. Two things differ from the program itself, both from outside:
 * - no Kubernetes resource is awaited for longer than 60 s;
 * - every Kubernetes provider reads the simulation's kubeconfig, whatever the program or the variable
 *   KUBECONFIG of this process says (which the provider's SDK prefers to the engine's variables): a
 *   simulated update can never reach a real cluster.
 */
export function simulated(program: PulumiFn, simulation: { readonly kubeconfig: string }): PulumiFn {
  return async () => {
    runtime.registerStackTransformation(simulating(simulation.kubeconfig));
    return program();
  };
}

/** The transformation by itself. */
export function simulating(kubeconfig: string): ResourceTransformation {
  return ({ resource, type, props, opts }) => {
    if (type === "pulumi:providers:kubernetes") return { props: { ...props, kubeconfig }, opts };
    if (!type.startsWith("kubernetes:") || !CustomResource.isInstance(resource)) return undefined;
    return { props, opts: { ...opts, customTimeouts: { create: timeout, update: timeout, delete: timeout } } };
  };
}
