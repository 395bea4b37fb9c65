import type { EngineEvent } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { ownershipLabel } from "../../components/base/labels";

/** Names one object of a cluster. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for objects of the whole cluster. */
  readonly namespace?: string;
}

/** What decides whose an object is. */
export interface ObjectLabels {
  readonly labels: Readonly<Record<string, string>>;
}

/** The label that Kubernetes recommends for the tool that manages an object. */
export const managerLabel = "app.kubernetes.io/managed-by";
export const manager = "modelyard";

/** Whether an object of the cluster belongs to an environment. Only then may it be changed or deleted. */
export function isOurs({ labels }: ObjectLabels, environment: string): boolean {
  return labels[ownershipLabel] === environment && labels[managerLabel] === manager;
}

/** Selects what `isOurs` accepts. */
export function ownershipSelector(environment: string): string {
  return `${ownershipLabel}=${environment},${managerLabel}=${manager}`;
}

const Inputs = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});

/** The object that a resource's inputs name; undefined when they name none, or when a part is not known yet. */
export function objectOf(inputs: unknown): ObjectRef | undefined {
  const read = Inputs.safeParse(inputs);
  if (!read.success) return undefined;
  const { apiVersion, kind, metadata } = read.data;
  if (Object.values({ apiVersion, kind, ...metadata }).some((text) => text === unknownText)) return undefined;
  const { name, namespace } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** How a preview writes a text that is known only in the update (`plugin.UnknownStringValue`). */
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The object that an operation of a preview would create; undefined for every other event. */
export function createdObject(event: EngineEvent): ObjectRef | undefined {
  const metadata = event.resourcePreEvent?.metadata;
  if (metadata === undefined || !metadata.type.startsWith("kubernetes:")) return undefined;
  const creates = metadata.op === "create" || metadata.op === "create-replacement";
  return creates ? objectOf(metadata.new?.inputs) : undefined;
}

/** What is in the way of creating objects. */
export interface Claims {
  /** Objects that exist and are somebody else's. */
  readonly foreign: readonly ObjectRef[];
  /** Objects that exist and are the environment's: an interrupted run made them and recorded nothing. */
  readonly leftBehind: readonly ObjectRef[];
}

/** Sorts the objects that are to be created by what the cluster has under their names. */
export function claims(
  found: readonly { readonly ref: ObjectRef; readonly existing: ObjectLabels | undefined }[],
  environment: string,
): Claims {
  const existing = found.flatMap(({ ref, existing }) => (existing === undefined ? [] : [{ ref, existing }]));
  const [ours, others] = [true, false].map((wanted) =>
    existing.filter((each) => isOurs(each.existing, environment) === wanted).map(({ ref }) => ref),
  );
  return { foreign: others ?? [], leftBehind: ours ?? [] };
}

/** "Deployment chat in local-serving" */
export function objectText({ kind, name, namespace }: ObjectRef): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${name} in ${namespace}`;
}

/** What to tell a person about objects that are not ours. */
export function foreignText(foreign: readonly ObjectRef[], environment: string): string {
  return [
    `${foreign.length === 1 ? "1 object that" : `${foreign.length} objects that`} ${environment} would create already exist and are not its own:`,
    ...foreign.map((ref) => `    ${objectText(ref)}`),
    "Nothing was changed: taking them over would overwrite them, and a later destroy would delete them.",
    `Rename the release or the environment, or remove them. If they are this environment's, say so with the labels ${ownershipLabel}=${environment} and ${managerLabel}=${manager}.`,
  ].join("\n");
}
