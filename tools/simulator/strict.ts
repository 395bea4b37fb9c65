import fs from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { run } from "../run/parts/processes";
import { openApi, type KubernetesApi } from "./api";

export interface StrictOptions {
  readonly simulation: { readonly folder: string; readonly kubeconfig: string };
  /** Absolute path of kubectl. */
  readonly kubectl: string;
  /** A YAML file, or a folder of them. */
  readonly manifests: string;
}

/** What the API server says of manifests. */
export interface StrictAnswer {
  /** Objects that it takes: "deployment.apps/chat". */
  readonly accepted: readonly string[];
  /** Every error and every warning, as the API server words it; empty when it takes all without a word. */
  readonly problems: readonly string[];
}

const longestSeconds = 120;

/**
 * Has the API server check manifests as it does when they are applied: schemas, unknown and repeated fields,
 * admission, webhooks. Nothing is kept but the namespaces among them: in one that is not there nothing can be tried.
 */
export async function applyStrictly(
  { simulation, kubectl, manifests }: StrictOptions,
  api: KubernetesApi = openApi(simulation.kubeconfig),
): Promise<StrictAnswer> {
  for (const namespace of namespacesIn(manifests)) {
    await api.apply(`/api/v1/namespaces/${namespace.metadata.name}`, namespace);
  }
  const flags = ["--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "--output=name"];
  const access = ["--kubeconfig", simulation.kubeconfig, "--cache-dir", path.join(simulation.folder, "kubectl")];
  const result = await run(kubectl, ["apply", ...access, ...flags, "--filename", manifests], {
    environment: process.env,
    seconds: longestSeconds,
  });
  const problems = lines(result.errors);
  if (result.code !== 0 && problems.length === 0) problems.push(`kubectl ended with exit code ${result.code}`);
  return { accepted: lines(result.output), problems };
}

const Namespace = z.looseObject({ kind: z.literal("Namespace"), metadata: z.looseObject({ name: z.string() }) });

function namespacesIn(manifests: string): readonly z.infer<typeof Namespace>[] {
  const isFolder = fs.statSync(manifests).isDirectory();
  const names = isFolder ? fs.readdirSync(manifests).filter((name) => name.endsWith(".yaml")) : [""];
  const texts = names.map((name) => fs.readFileSync(path.join(manifests, name), "utf8"));
  const documents = texts.flatMap((text) => [...parseAllDocuments(text)]);
  return documents.flatMap((document) => Namespace.safeParse(document.toJS()).data ?? []);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
