import { z } from "zod";

/** Objects of Kubernetes as the tests look at them: what is not named here is not looked at. */

const Labels = z.record(z.string(), z.string());
export type Labels = z.infer<typeof Labels>;

/** Whether pods with these labels are selected; by nothing at all, none is. */
export function selects(selector: Labels, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

const Owner = z.object({ kind: z.string(), name: z.string() });

const Metadata = z.object({
  name: z.string(),
  uid: z.string(),
  generation: z.number().optional(),
  labels: Labels.optional(),
  ownerReferences: z.array(Owner).optional(),
});

function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item) });
}

/** Of any kind. */
export const Names = listOf(z.object({ metadata: Metadata }));

export const Nodes = listOf(z.object({ metadata: z.object({ name: z.string(), labels: Labels }) }));

const Container = z.object({
  name: z.string(),
  env: z.array(z.object({ name: z.string(), value: z.string().optional() })).optional(),
  ports: z.array(z.object({ name: z.string().optional() })).optional(),
  resources: z.object({ limits: z.record(z.string(), z.string()).optional() }),
});

const ContainerStatus = z.object({
  ready: z.boolean(),
  state: z.object({ terminated: z.object({ exitCode: z.number() }).optional() }),
});

const Pod = z.object({
  metadata: Metadata.extend({ labels: Labels }),
  spec: z.object({
    nodeName: z.string().optional(),
    priorityClassName: z.string().optional(),
    priority: z.number(),
    preemptionPolicy: z.string(),
    initContainers: z.array(Container).optional(),
    containers: z.array(Container),
    volumes: z.array(
      z.object({
        configMap: z.object({ name: z.string() }).optional(),
        persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
      }),
    ),
  }),
  status: z.object({
    phase: z.string(),
    initContainerStatuses: z.array(ContainerStatus).optional(),
    containerStatuses: z.array(ContainerStatus).optional(),
  }),
});
export type Pod = z.infer<typeof Pod>;
export const Pods = listOf(Pod);

export const Claims = listOf(z.object({ metadata: Metadata, status: z.object({ phase: z.string() }) }));

export const DisruptionBudgets = listOf(
  z.object({ metadata: Metadata, status: z.object({ disruptionsAllowed: z.number() }) }),
);

export const PodMonitors = listOf(
  z.object({
    metadata: Metadata,
    spec: z.object({
      selector: z.object({ matchLabels: Labels }),
      podMetricsEndpoints: z.array(z.object({ port: z.string() })),
    }),
  }),
);

export const Services = listOf(z.object({ metadata: Metadata, spec: z.object({ selector: Labels.optional() }) }));

export const EndpointSlices = listOf(
  z.object({
    metadata: z.object({ labels: Labels }),
    // An empty list comes as null.
    endpoints: z
      .array(z.object({ targetRef: z.object({ name: z.string() }), conditions: z.object({ ready: z.boolean() }) }))
      .nullable(),
  }),
);
