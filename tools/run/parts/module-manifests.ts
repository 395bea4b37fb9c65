import fs from "node:fs";
import path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import type { PublishedManifests } from "../../../catalog/operators";
import { applyPatch, Patch } from "./json-patch";

/** The folder of a part that holds its manifests. */
export const manifestsName = "manifests";

const Manifest = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });

/**
 * Copies the objects of manifests, as their publisher's kustomization gives them out, into JSON files of one object
 * each: parsing megabytes of YAML takes seconds, and is done once.
 * @throws Error when a file is missing, is no manifest, or has no object for one of the patches
 */
export function writeManifests(module: string, published: readonly PublishedManifests[], into: string): void {
  fs.mkdirSync(into, { recursive: true });
  for (const { from, patches } of published) {
    const unused = new Map(Object.entries(patches));
    const objects = from.flatMap((each) => yamlFiles(path.join(module, each))).flatMap(readObjects);
    for (const object of objects) {
      const { kind, metadata } = object;
      const patch = unused.get(metadata.name);
      unused.delete(metadata.name);
      const patched = patch === undefined ? object : applyPatch(object, readPatch(path.join(module, patch)));
      fs.writeFileSync(path.join(into, `${kind.toLowerCase()}-${metadata.name}.json`), JSON.stringify(patched));
    }
    const [left] = unused.keys();
    if (left !== undefined) throw new Error(`${from.join(", ")} in ${module} has no object ${left} to patch`);
  }
}

function yamlFiles(place: string): readonly string[] {
  if (fs.statSync(place).isFile()) return [place];
  const names = fs.readdirSync(place).filter((name) => name.endsWith(".yaml"));
  return names.sort().map((name) => path.join(place, name));
}

function readObjects(file: string): readonly z.infer<typeof Manifest>[] {
  const documents = parseAllDocuments(fs.readFileSync(file, "utf8"));
  if ("empty" in documents) return [];
  return documents.map((document) => {
    const manifest = Manifest.safeParse(document.toJS());
    if (!manifest.success) throw new Error(`${file} holds something that is no manifest: it has no kind or no name`);
    return manifest.data;
  });
}

function readPatch(file: string): Patch {
  return Patch.parse(parse(fs.readFileSync(file, "utf8")));
}
