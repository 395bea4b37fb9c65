import { z } from "zod";
import type { KubernetesApi } from "./api";
import { list } from "./refusals";

const Reference = z.object({ name: z.string(), optional: z.boolean().optional() });

const Container = z.object({
  env: z.array(z.object({ valueFrom: z.object({ secretKeyRef: Reference.optional() }).optional() })).optional(),
});

const Pod = z.object({
  spec: z.object({
    initContainers: z.array(Container).optional(),
    containers: z.array(Container),
    volumes: z
      .array(z.object({ secret: z.object({ secretName: z.string(), optional: z.boolean().optional() }).optional() }))
      .optional(),
  }),
});

const Secret = z.object({ metadata: z.object({ name: z.string() }) });

/**
 * Names of the Secrets that pods of a namespace need and that are not there. On a real machine such a pod would not
 * start; a simulated one starts without.
 */
export async function missingSecrets(api: KubernetesApi, namespace: string): Promise<readonly string[]> {
  const place = `/api/v1/namespaces/${namespace}`;
  const [pods, secrets] = await Promise.all([list(api, `${place}/pods`, Pod), list(api, `${place}/secrets`, Secret)]);
  const there = new Set(secrets.map(({ metadata }) => metadata.name));
  return [...new Set(pods.flatMap(secretsOf))].filter((name) => !there.has(name)).toSorted();
}

function secretsOf({
  spec: { initContainers = [], containers, volumes = [] },
}: z.infer<typeof Pod>): readonly string[] {
  const variables = [...initContainers, ...containers].flatMap(({ env = [] }) => env);
  const named = variables.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
  const mounted = volumes.flatMap(({ secret }) =>
    secret === undefined ? [] : [{ name: secret.secretName, optional: secret.optional }],
  );
  return [...named, ...mounted].flatMap(({ name, optional }) => (optional === true ? [] : [name]));
}
