import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manifestMarker, type ReportFile } from "../report/formats/manifests";
import { UsageError } from "./command";

/** The folder of `--out`, undefined when none was named. */
export function outFolder(asked: string | boolean | undefined): string | undefined {
  if (asked === "") throw new UsageError("--out needs the name of a folder.");
  return typeof asked === "string" ? asked : undefined;
}

/**
 * Writes files into a folder, which is made when it is missing, in the place of files of the same names.
 *
 * @returns the paths of the files
 * @throws UsageError when the folder or a file cannot be written
 */
export function writeInto(folder: string, files: readonly ReportFile[]): readonly string[] {
  makeFolder(folder);
  return files.map(({ name, text }) => {
    const path = join(folder, name);
    attempt(path, () => writeFileSync(path, text.endsWith("\n") ? text : `${text}\n`));
    return path;
  });
}

export interface Replaced {
  readonly written: readonly string[];
  /** Files of an earlier run whose objects are no longer declared. */
  readonly removed: readonly string[];
}

/**
 * Writes manifests in the place of those that an earlier run wrote for the same environment: whoever applies or
 * checks the folder takes everything in it, so an object that is no longer declared must not stay. A folder that
 * holds anybody else's manifests is left as it is.
 *
 * @throws UsageError when the folder holds other manifests, or cannot be written
 */
export function replaceManifests(folder: string, environment: string, files: readonly ReportFile[]): Replaced {
  makeFolder(folder);
  const names = new Set(files.map(({ name }) => name));
  const present = attempt(folder, () => readdirSync(folder)).filter(
    (name) => names.has(name) || /\.(ya?ml|json)$/i.test(name),
  );
  const foreign = present.filter((name) => firstLine(join(folder, name)) !== manifestMarker(environment));
  if (foreign.length > 0) throw new UsageError(foreignText(folder, environment, foreign));
  const written = writeInto(folder, files);
  const old = present.filter((name) => !names.has(name)).map((name) => join(folder, name));
  for (const path of old) attempt(path, () => rmSync(path));
  return { written, removed: old };
}

function foreignText(folder: string, environment: string, names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return [
    `--out ${folder}: ${names.slice(0, 5).join(", ")}${more} did not come from \`plan ${environment} --format manifests\`, and whoever applies the folder would take them, too. Nothing was written.`,
    "    Name a folder of its own for each environment, or move these files away.",
  ].join("\n");
}

/** Undefined for what cannot be read as a file. */
function firstLine(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").split("\n", 1)[0];
  } catch {
    return undefined;
  }
}

function makeFolder(folder: string): void {
  const found = attempt(folder, () => statSync(folder, { throwIfNoEntry: false }));
  if (found?.isDirectory() === true) return;
  if (found !== undefined)
    throw new UsageError(`--out ${folder}: this is a file. Name a folder; it is made when it is missing.`);
  attempt(folder, () => mkdirSync(folder, { recursive: true }));
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "it can only be read",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "a part of the path is a file",
  EISDIR: "there is a folder in the place of the file",
  ENOSPC: "the disk is full",
};

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = "code" in error && typeof error.code === "string" ? error.code : "";
    const reason = Object.hasOwn(reasons, code) ? reasons[code] : error.message;
    throw new UsageError(`--out: ${path} cannot be written: ${reason}. Name another folder.`);
  }
}
