import { CustomResource, runtime, type ResourceTransformation } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { z } from "zod";

/** Pods of a simulated cluster are ready at once: what has not happened by then, on a busy machine too, will not happen. */
const timeout = "120s";

/**
 * A program for the simulator. Three things differ from the program itself, all from outside:
 * - no Kubernetes resource is awaited for longer than two minutes;
 * - a RayService is not awaited at all: no Ray runs that could make it ready. Whoever brings the environment up
 *   waits for its pods;
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
    // Transformations run in a resource's constructor, before it has the mark by which Pulumi's own isInstance knows it.
    if (!type.startsWith("kubernetes:") || !(resource instanceof CustomResource)) return undefined;
    return {
      props: rayService.test(type) ? notAwaited(props) : props,
      opts: { ...opts, customTimeouts: { create: timeout, update: timeout, delete: timeout } },
    };
  };
}

const rayService = /^kubernetes:ray\.io\/\w+:RayService$/;

const Props = z.looseObject({ metadata: z.looseObject({ annotations: z.looseObject({}).optional() }) });

/** Wins over `pulumi.com/waitFor`. @see metadata.ReadyCondition of the Kubernetes provider */
function notAwaited(props: object): object {
  const { metadata, ...rest } = Props.parse(props);
  const annotations = { ...metadata.annotations, "pulumi.com/skipAwait": "true" };
  return { ...rest, metadata: { ...metadata, annotations } };
}
