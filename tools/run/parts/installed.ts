import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Part, Program, ProgramName, Recipe } from "./part";
import type { StartOptions } from "./processes";
import { askVersion } from "./verify";
import { versionText } from "./version-rule";

/**
 * A part that the user has installed: all its programs on PATH, each of an accepted version, or
 * for a provider in the plugin folder of the user's Pulumi.
 */
export async function findInstalled(
  recipe: Recipe,
  options: StartOptions,
): Promise<Part | { readonly reason: string }> {
  if (recipe.build.manifests !== undefined)
    return { reason: "not looked for: its manifests are in its Go module only" };
  const candidates = recipe.programs.map((program) => locate(recipe, program, options.environment));
  const absent = recipe.programs.filter((_program, index) => candidates[index]?.length === 0).map(({ name }) => name);
  // Starting the others would take time and change nothing.
  if (absent.length > 0) return { reason: `not on PATH: ${absent.join(", ")}` };
  const asked = recipe.programs.map((program, index) => askFirst(program, candidates[index] ?? [], options));
  const answers = await Promise.all(asked);
  const refused = answers.flatMap(({ refused }) => refused ?? []);
  if (refused.length > 0) return { reason: refused.join("; ") };
  const files: Partial<Record<ProgramName, string>> = {};
  for (const answer of answers) files[answer.program.name] = answer.file;
  // A part carries the version of its main programs: etcd has another one than Kubernetes.
  const main = answers.find(({ program }) => program.version === recipe.version);
  return { name: recipe.name, version: main?.version ?? recipe.version, from: "path", files };
}

interface Answer {
  readonly program: Program;
  readonly file: string;
  readonly version?: string;
  readonly refused?: string;
}

/** The first candidate that will do, or why none of them does. */
async function askFirst(program: Program, files: readonly string[], options: StartOptions): Promise<Answer> {
  const refused: string[] = [];
  for (const file of files) {
    const answer = await ask(program, file, options);
    if (answer.refused === undefined) return answer;
    refused.push(answer.refused);
  }
  return { program, file: "", refused: refused.join("; ") };
}

async function ask(program: Program, file: string, options: StartOptions): Promise<Answer> {
  try {
    const version = await askVersion(program, file, options);
    if (program.accepts.accepts(version)) return { program, file, version: versionText(version) };
    return { program, file, refused: `${file} is ${versionText(version)}, not ${program.accepts.text}` };
  } catch (error) {
    options.signal?.throwIfAborted();
    return {
      program,
      file,
      refused: `${file} does not work: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function locate(recipe: Recipe, program: Program, environment: NodeJS.ProcessEnv): readonly string[] {
  const places = [findOnPath(program.name, environment), findPlugin(recipe, program, environment)];
  return places.filter((file) => file !== undefined);
}

/** The first executable file of that name on PATH. Relative folders are skipped: they depend on where one stands. */
export function findOnPath(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment.PATH ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function findPlugin({ pluginFolder }: Recipe, program: Program, environment: NodeJS.ProcessEnv): string | undefined {
  if (pluginFolder === undefined) return undefined;
  const home = environment.PULUMI_HOME || path.join(environment.HOME ?? os.homedir(), ".pulumi");
  const folder = path.join(home, "plugins", pluginFolder);
  // Pulumi marks a plugin with this file for as long as it is being installed.
  if (fs.existsSync(`${folder}.partial`)) return undefined;
  const file = path.join(folder, program.name);
  return isExecutable(file) ? file : undefined;
}

/** Whether a file is there and may be run. */
export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
