import { secretPlaceholder } from "../../run/record";
import type { ReportedResource } from "../collect";
import {
  compareObjects,
  identityOf,
  isKubernetesObject,
  objectYaml,
  type KubernetesObject,
  type ObjectIdentity,
} from "../manifests";

/** A file of a folder with a report. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** What an environment declares, as `kubectl apply -f` reads it, in one stream. */
export function manifestStream(environment: string, resources: readonly ReportedResource[]): string {
  const objects = manifests(resources);
  return [leftOut(environment, resources), ...objects.map(({ text }) => text)].join("---\n").trimEnd();
}

/**
 * The same as one file for each object, named after it: `deployment_prod-serving_chat.yaml`. `kubectl` reads a
 * folder in the order of names, so namespaces begin with a digit. Each file begins with the marker.
 */
export function manifestFiles(environment: string, resources: readonly ReportedResource[]): readonly ReportFile[] {
  const names = new Map<string, string>();
  for (const { object, text } of manifests(resources)) {
    const name = fileName(identityOf(object));
    names.set(name, [...(names.has(name) ? [names.get(name)] : []), text].join("---\n"));
  }
  const files = [...names].map(([name, text]) => ({ name, text }));
  const all = [...files, { name: "left-out.txt", text: leftOut(environment, resources) }];
  return all.map(({ name, text }) => ({ name, text: `${manifestMarker(environment)}\n${text}` }));
}

/** The first line of every file that `plan --format manifests --out` writes, by which it knows them again. */
export function manifestMarker(environment: string): string {
  return `# Written by \`modelyard plan ${environment} --format manifests\`; its next run replaces or removes this file.`;
}

/** The line above an object that says by which type and name it stands in Pulumi, and so in the reviewers' waivers. */
const declaredAs = "Declared as";

/** The type and the name that a comment above an object gives it, if there is one. */
export function declaredIn(comment: string): { readonly type: string; readonly name: string } | undefined {
  const [, type, name] = new RegExp(`^ ?${declaredAs} (\\S+) (\\S+)$`, "m").exec(comment) ?? [];
  return type === undefined || name === undefined ? undefined : { type, name };
}

interface Manifest {
  readonly object: KubernetesObject;
  readonly text: string;
}

/** Namespaces first, since everything else stands in them. */
function manifests(resources: readonly ReportedResource[]): readonly Manifest[] {
  const isNamespace = ({ object }: Manifest): boolean => identityOf(object).kind === "Namespace";
  const all = resources
    .filter((resource) => isKubernetesObject(resource, resource.props))
    .map(manifestOf)
    .sort((a, b) => compareObjects(a.object, b.object));
  return [...all.filter(isNamespace), ...all.filter((manifest) => !isNamespace(manifest))];
}

function manifestOf({ type, name, props }: ReportedResource): Manifest {
  const { object, without } = withoutSecrets(props);
  const missing = secretsIn(object);
  const lines = [
    `${declaredAs} ${type} ${name}`,
    ...without.map((field) => `${field} is left out: it is secret, and only Pulumi knows it.`),
    ...missing.map((field) => `${field} is a placeholder: it is secret, and only Pulumi knows it.`),
  ];
  return { object, text: `${comment(lines)}${objectYaml(object)}` };
}

/** No value of a Secret is ever written, not even one that nobody marked as secret. */
function withoutSecrets(object: KubernetesObject): { object: KubernetesObject; without: readonly string[] } {
  const hidden = (key: string): boolean =>
    object[key] === secretPlaceholder || (object["kind"] === "Secret" && (key === "data" || key === "stringData"));
  const without = Object.keys(object).filter(hidden);
  return { object: Object.fromEntries(Object.entries(object).filter(([key]) => !hidden(key))), without };
}

/** Where an object has a secret inside: to leave it out there would change what the rest means. */
function secretsIn(value: unknown, path = ""): readonly string[] {
  if (value === secretPlaceholder) return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    secretsIn(inner, Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`),
  );
}

function leftOut(environment: string, resources: readonly ReportedResource[]): string {
  const others = resources.filter((resource) => !isKubernetesObject(resource, resource.props));
  return comment([
    `Kubernetes objects that ${environment} declares. Values of Secrets are never written.`,
    ...(others.length === 0 ? [] : ["Not here, because it is no plain Kubernetes object:"]),
    ...others.map(({ type, name }) => `  ${type} ${name}`).sort(),
  ]);
}

/** Whatever a name holds, it does not end the comment. */
function comment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line.replace(/[\p{Cc}\u2028\u2029]+/gu, " ")}\n`).join("");
}

function fileName({ kind, namespace, name }: ObjectIdentity): string {
  const first = kind === "Namespace" ? "0-namespace" : kind;
  const parts = [first, namespace, name].filter((part) => part !== "");
  return `${parts.map((part) => part.toLowerCase().replace(/[^a-z0-9.-]/g, "-")).join("_")}.yaml`;
}
