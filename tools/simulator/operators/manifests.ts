import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { KubernetesApi } from "../api";
import { SimulatorError } from "../errors";
import { simulatedLabel } from "../nodes";
import { loopback } from "../ports";

const Texts = z.record(z.string(), z.string());

const Metadata = z.object({ name: z.string(), labels: Texts.optional(), annotations: Texts.optional() });

const Manifest = z.looseObject({ kind: z.string(), metadata: Metadata });

type Manifest = z.infer<typeof Manifest>;

/** An empty list of metadata comes as null. */
const List = z.object({ items: z.array(z.object({ metadata: Metadata })).nullable() });

/** An operator's manifests by what is done with them. */
export interface Manifests {
  readonly definitions: readonly Manifest[];
  readonly webhooks: readonly Manifest[];
}

/**
 * Reads the manifests of an operator's part.
 * @throws SimulatorError when there is none: the part is damaged
 */
export function readManifests(folder: string): Manifests {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith(".json"));
  const objects = names.map((name) => Manifest.parse(JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"))));
  const definitions = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
  if (definitions.length === 0) throw new SimulatorError(`${folder} has no CustomResourceDefinition.`);
  return { definitions, webhooks: objects.filter(({ kind }) => kind in webhookPaths) };
}

const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

const Definition = z.object({
  status: z.object({
    // The API server writes null before it has looked at a new one.
    conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })).nullish(),
  }),
});

const pollMilliseconds = 200;
const establishedSeconds = 60;

/** On a definition: the sum of the manifest that it was made from. Applying megabytes again would take seconds. */
const sumAnnotation = "modelyard.dev/simulated-from";

/**
 * Applies definitions that are missing or made from another manifest, and waits until the API server takes objects
 * of each.
 */
export async function applyDefinitions(api: KubernetesApi, definitions: readonly Manifest[]): Promise<void> {
  const sums = await appliedSums(api);
  const changed = definitions.map(applicable).filter(({ sum, name }) => sums.get(name) !== sum);
  for (const { name, object } of changed) await api.apply(`${definitionsPath}/${name}`, object);
  const deadline = performance.now() + establishedSeconds * 1000;
  await Promise.all(changed.map(({ name }) => untilEstablished(api, name, deadline)));
}

async function appliedSums(api: KubernetesApi): Promise<ReadonlyMap<string, string | undefined>> {
  const { items } = List.parse(await api.get(`${definitionsPath}?labelSelector=${simulatedLabel}%3Dtrue`, "metadata"));
  return new Map((items ?? []).map(({ metadata }) => [metadata.name, metadata.annotations?.[sumAnnotation]]));
}

function applicable(manifest: Manifest): Applicable {
  const { name, labels, annotations } = manifest.metadata;
  const sum = createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
  const marked = {
    name,
    labels: { ...labels, [simulatedLabel]: "true" },
    annotations: { ...annotations, [sumAnnotation]: sum },
  };
  return { name, sum, object: { ...manifest, metadata: marked } };
}

interface Applicable {
  readonly name: string;
  readonly sum: string;
  readonly object: object;
}

async function untilEstablished(api: KubernetesApi, name: string, deadline: number): Promise<void> {
  for (;;) {
    const { status } = Definition.parse(await api.get(`${definitionsPath}/${name}`));
    if (status.conditions?.some((condition) => condition.type === "Established" && condition.status === "True")) return;
    if (performance.now() > deadline) {
      const said = status.conditions?.flatMap(({ message }) => message ?? []).join("; ") ?? "no reason given";
      throw new SimulatorError(`The API server did not establish ${name} within ${establishedSeconds} s: ${said}`);
    }
    await sleep(pollMilliseconds);
  }
}

const registration = "/apis/admissionregistration.k8s.io/v1";
const webhookPaths: Readonly<Record<string, string>> = {
  MutatingWebhookConfiguration: `${registration}/mutatingwebhookconfigurations`,
  ValidatingWebhookConfiguration: `${registration}/validatingwebhookconfigurations`,
};

const Webhooks = z.array(z.looseObject({ clientConfig: z.object({ service: z.object({ path: z.string() }) }) }));

/** Where the API server reaches the webhooks of a controller that runs on this machine. */
export interface WebhookServer {
  /** The name of the operator, part of the configurations' names. */
  readonly operator: string;
  readonly port: number;
  /** PEM text of the authority that signed its certificate. */
  readonly certificateAuthority: string;
}

/** The publisher's webhook configurations, with the address of a server on this machine in place of a Service. */
export function webhooksAt(server: WebhookServer, configurations: readonly Manifest[]): readonly Manifest[] {
  const caBundle = Buffer.from(server.certificateAuthority).toString("base64");
  const url = (path: string): string => `https://${loopback}:${server.port}${path}`;
  return configurations.map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: { name: `${server.operator}-${metadata.name}`, labels: { [simulatedLabel]: "true" } },
    webhooks: Webhooks.parse(rest["webhooks"]).map(({ clientConfig, ...webhook }) => ({
      ...webhook,
      clientConfig: { url: url(clientConfig.service.path), caBundle },
    })),
  }));
}

/**
 * Makes the simulator's webhook configurations those that are given. One whose controller does not run would keep
 * the objects that it is called for from being made.
 */
export async function applyWebhooks(api: KubernetesApi, configurations: readonly Manifest[]): Promise<void> {
  for (const [kind, place] of Object.entries(webhookPaths)) {
    const wanted = configurations.filter((configuration) => configuration.kind === kind);
    const { items } = List.parse(await api.get(`${place}?labelSelector=${simulatedLabel}%3Dtrue`));
    const names = wanted.map(({ metadata }) => metadata.name);
    const unwanted = (items ?? []).filter(({ metadata }) => !names.includes(metadata.name));
    await Promise.all(unwanted.map(({ metadata }) => api.remove(`${place}/${metadata.name}`)));
    await Promise.all(
      wanted.map((configuration) => api.apply(`${place}/${configuration.metadata.name}`, configuration)),
    );
  }
}
