import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { readCache, type Place } from "./cache";
import { inventory, syncToDisk, writeManifest, type Manifest } from "./manifest";
import { isDead, isElsewhere, ownerInName, temporaryName } from "./owner";
import type { Part, ProgramName, Recipe } from "./part";
import { endGroup, processStart, type StartOptions } from "./processes";
import { isCode } from "./lock";
import type { Platform } from "./recipes";
import { askVersion } from "./verify";
import { versionText } from "./version-rule";

/** A temporary folder beside the cache's entries, in which a part is made. */
export interface Workspace {
  /** Becomes the entry. */
  readonly part: string;
  /** For compilers and archives; never becomes part of anything. */
  readonly scratch: string;
  /** Remembers a child process, so that it can be ended should this process be killed. */
  readonly started: (pid: number) => void;
  /** Ends that child process, if it still runs, and removes the folder. */
  readonly remove: () => void;
}

const childName = "child.json";
const Child = z.object({ pid: z.number(), start: z.string() });

export function createWorkspace(place: Place): Workspace {
  const root = path.join(place.parts, temporaryName(place.entryName));
  const workspace: Workspace = {
    part: path.join(root, "part"),
    scratch: path.join(root, "scratch"),
    started(pid) {
      const start = processStart(pid);
      if (start) fs.writeFileSync(path.join(root, childName), JSON.stringify({ pid, start }));
    },
    remove() {
      endChildOf(root);
      removeFolder(root);
    },
  };
  for (const folder of [workspace.part, workspace.scratch]) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return workspace;
}

/**
 * Removes what dead processes left in the cache, and ends the compilers and downloads that they
 * had started: those run on when their parent is killed.
 */
export function removeLeftovers(place: Place): void {
  for (const folder of [place.parts, place.locks]) {
    const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    for (const name of names.filter((candidate) => isLeftover(path.join(folder, candidate)))) {
      endChildOf(path.join(folder, name));
      removeFolder(path.join(folder, name));
    }
  }
}

/** Of another machine's process nothing is known, but no build takes a day. */
const longestBuildMilliseconds = 24 * 3600 * 1000;

function isLeftover(file: string): boolean {
  const owner = ownerInName(path.basename(file));
  if (!owner) return false;
  if (!isElsewhere(owner)) return isDead(owner);
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > longestBuildMilliseconds;
}

function endChildOf(folder: string): void {
  try {
    const child = Child.parse(JSON.parse(fs.readFileSync(path.join(folder, childName), "utf8")));
    if (processStart(child.pid) === child.start) endGroup(child.pid);
  } catch {
    // It had not started any, or not yet written it down.
  }
}

/** Takes an entry out of the cache in one step, so that being killed halfway leaves only a leftover. */
export function removeEntry(place: Place): void {
  const aside = path.join(place.parts, temporaryName(place.entryName));
  try {
    fs.renameSync(place.entry, aside);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
  removeFolder(aside);
}

/** Retries, because a compiler that is just being killed may still write into it. */
function removeFolder(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {
    // Whatever is left carries its owner's name and is removed when that process is dead.
  }
}

/** What a download or build put into the workspace. */
export interface Made {
  readonly obtained: Manifest["obtained"];
  readonly source: string;
  /** Program → path relative to the workspace's part folder. */
  readonly programs: Readonly<Partial<Record<ProgramName, string>>>;
}

/**
 * Starts every program, writes the manifest, flushes everything to the disk and renames the folder
 * into its place. Up to the rename nobody can take it for a part; after it, it is complete.
 * @throws Error with a reason for people
 */
export async function publish(
  recipe: Recipe,
  place: Place,
  platform: Platform,
  workspace: Workspace,
  made: Made,
  options: StartOptions,
): Promise<Part> {
  for (const program of recipe.programs) {
    const file = path.join(workspace.part, made.programs[program.name] ?? program.name);
    const found = versionText(await askVersion(program, file, options));
    if (found !== program.version) throw new Error(`${program.name} says it is ${found}, not ${program.version}`);
  }
  writeManifest(workspace.part, {
    format: 1,
    name: recipe.name,
    version: recipe.version,
    platform: `${platform.os}-${platform.architecture}`,
    obtained: made.obtained,
    source: made.source,
    at: new Date().toISOString(),
    programs: made.programs,
    ...(await inventory(workspace.part)),
  });
  options.signal?.throwIfAborted();
  moveIntoPlace(workspace.part, place);
  const part = await readCache(recipe, place);
  if ("reason" in part) throw new Error(part.reason);
  return { ...part, from: made.obtained };
}

/** Where another process was quicker its result stays, when it is whole; both are the same part. */
function moveIntoPlace(folder: string, place: Place): void {
  try {
    fs.renameSync(folder, place.entry);
  } catch (error) {
    if (!isCode(error, "ENOTEMPTY") && !isCode(error, "EEXIST")) throw error;
  }
  syncToDisk(place.parts);
}
