import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isNode, parseAllDocuments, type Document } from "yaml";
import { z } from "zod";
import { deploy } from "../../stacks/deploy";
import type { Plan } from "../../planning";
import type { ReportedResource } from "../report/collect";
import { declaredIn } from "../report/formats/manifests";
import { record } from "../run/record";
import { UsageError } from "./command";

/** What a plan declares, without an engine. */
export async function declaredResources(plan: Plan): Promise<readonly ReportedResource[]> {
  const { resources } = await record(() => Promise.resolve(deploy(plan)), plan.environment);
  return resources.map(({ urn, type, name, inputs, parent }) => ({ urn, type, name, props: inputs, parent }));
}

const stateSchema = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          inputs: z.record(z.string(), z.unknown()).default({}),
          parent: z.string().optional(),
        }),
      )
      .default([]),
  }),
});

/** The resources of a state that `pulumi stack export` wrote. */
export function stateResources(file: string): readonly ReportedResource[] {
  const parsed = stateSchema.safeParse(read(file, (text) => JSON.parse(text) as unknown));
  if (!parsed.success)
    throw new UsageError(
      `${file} is not a state as \`pulumi stack export\` writes it: it has no deployment with resources.`,
    );
  return parsed.data.deployment.resources.map(({ urn, type, inputs, parent }) => ({
    urn,
    type,
    name: urn.split("::").at(-1) ?? "",
    props: inputs,
    parent,
  }));
}

const manifestSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string().default("") }).default({ name: "" }),
});

/** The objects in the YAML files of a folder, as the same resources that Pulumi would make of them. */
export function manifestResources(folder: string): readonly ReportedResource[] {
  const files = list(folder).filter((file) => /\.(ya?ml|json)$/.test(file));
  if (files.length === 0) throw new UsageError(`${folder} has no YAML or JSON files.`);
  return files.flatMap((file) => {
    const path = join(folder, file);
    return documents(path).flatMap((document) => manifest(document, path));
  });
}

/** What stands between two lines of `---`. */
interface ManifestDocument {
  readonly value: unknown;
  /** The comments above it. */
  readonly comment: string;
}

function manifest({ value, comment }: ManifestDocument, file: string): readonly ReportedResource[] {
  if (value === null) return [];
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success)
    throw new UsageError(`${file} holds something that is not a Kubernetes object: it has no apiVersion and kind.`);
  const { apiVersion, kind, metadata } = parsed.data;
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
  const declared = declaredIn(comment);
  return [
    {
      urn: `urn:manifest:${file}::manifest::${type}::${metadata.name}`,
      type,
      name: declared?.type === type ? declared.name : metadata.name,
      props: z.record(z.string(), z.unknown()).parse(value),
    },
  ];
}

function documents(file: string): readonly ManifestDocument[] {
  return read(file, (text) =>
    parseAllDocuments(text).map((document): ManifestDocument => {
      const [error] = document.errors;
      if (error !== undefined) throw error;
      const value: unknown = document.toJS();
      return { value, comment: commentAbove(document) };
    }),
  );
}

/** The parser hands a comment to whatever it stands above: the document, its map, or the map's first key. */
function commentAbove({ commentBefore, contents }: Document.Parsed): string {
  const key = isMap(contents) ? contents.items[0]?.key : undefined;
  const comments = [commentBefore, contents?.commentBefore, isNode(key) ? key.commentBefore : undefined];
  return comments.filter((comment) => typeof comment === "string").join("\n");
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  } catch (error) {
    throw new UsageError(`${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function read<T>(file: string, parse: (text: string) => T): T {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
    );
  }
}
