import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { goFlags, linkerFlags } from "./build-flags";
import { manifestsName } from "./module-manifests";
import { checkSums, manifestName, readManifest, type Manifest } from "./manifest";
import type { Part, ProgramName, Recipe } from "./part";
import type { Platform } from "./recipes";

/** Where the parts of this user are kept: `MODELYARD_CACHE`, or `~/.cache/modelyard`. Absolute. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const home = environment.HOME ?? os.homedir();
  return path.resolve(environment.MODELYARD_CACHE || path.join(home, ".cache", "modelyard"));
}

/** The folders and files of one part in the cache. */
export interface Place {
  /** Holds one folder per part, and the temporary folders that become one. */
  readonly parts: string;
  readonly locks: string;
  /** The name of this part's folder: part, version, platform and the key of its recipe. */
  readonly entryName: string;
  readonly entry: string;
  readonly lock: string;
}

export function placeOf(recipe: Recipe, platform: Platform, cache: string): Place {
  const entryName = [recipe.name, recipe.version, platform.os, platform.architecture, keyOf(recipe)].join("-");
  const parts = path.join(cache, "parts");
  const locks = path.join(cache, "locks");
  return { parts, locks, entryName, entry: path.join(parts, entryName), lock: path.join(locks, `${entryName}.lock`) };
}

/**
 * Changes with everything that decides what a build makes: the module's go.mod, go.sum and Go
 * files, the packages, the flags. A downloaded part has the same key, so that a part has one folder
 * and one lock however it was obtained.
 */
export function keyOf({ build, programs }: Recipe): string {
  const sources = fs
    .readdirSync(build.module)
    .filter((name) => name === "go.mod" || name === "go.sum" || name.endsWith(".go"))
    .sort()
    .map((name) => [name, fs.readFileSync(path.join(build.module, name), "utf8")]);
  const versions = programs.map((program) => [program.name, program.version]);
  const recipe = [build.packages, linkerFlags(build), goFlags, build.output, build.links, versions];
  if (build.manifests !== undefined) sources.push(["manifests", JSON.stringify(build.manifests)]);
  return createHash("sha256")
    .update(JSON.stringify([sources, recipe]))
    .digest("hex")
    .slice(0, 12);
}

export interface ReadOptions {
  /** Also compare the sha256 of every file, which takes about a second a GB. @default sizes only */
  readonly checksums?: boolean | undefined;
}

/** The part in the cache, or why there is none to trust. */
export async function readCache(
  recipe: Recipe,
  place: Place,
  { checksums = false }: ReadOptions = {},
): Promise<Part | { readonly reason: string; readonly damaged: boolean }> {
  if (!fs.existsSync(place.entry)) return { reason: `${place.entry} does not exist`, damaged: false };
  const manifest = readManifest(place.entry);
  if ("damage" in manifest) return damaged(place, manifest.damage);
  const wrong = checksums ? await checkSums(place.entry, manifest) : undefined;
  if (wrong !== undefined) return damaged(place, wrong);
  return partFrom(recipe, place, manifest) ?? damaged(place, `${manifestName} describes another part`);
}

function partFrom(recipe: Recipe, place: Place, manifest: Manifest): Part | undefined {
  if (manifest.name !== recipe.name || manifest.version !== recipe.version) return undefined;
  const files: Partial<Record<ProgramName, string>> = {};
  for (const { name } of recipe.programs) {
    const relative = manifest.programs[name];
    if (relative === undefined) return undefined;
    files[name] = path.join(place.entry, relative);
  }
  const part: Part = { name: recipe.name, version: recipe.version, from: "cache", files };
  return recipe.build.manifests === undefined ? part : { ...part, manifests: path.join(place.entry, manifestsName) };
}

function damaged(place: Place, what: string): { readonly reason: string; readonly damaged: boolean } {
  return { reason: `${place.entry} is damaged: ${what}`, damaged: true };
}
