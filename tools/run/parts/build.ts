import fs from "node:fs";
import path from "node:path";
import os from "node:os";
import { z } from "zod";
import type { Step } from "../../report/progress";
import { goFlags, linkerFlags } from "./build-flags";
import { findOnPath } from "./installed";
import { manifestsName, writeManifests } from "./module-manifests";
import type { Build, ModuleManifests, ProgramName, Recipe } from "./part";
import { lastWords, run, type RunOptions, type StartOptions } from "./processes";
import type { Platform } from "./recipes";
import { versions } from "./versions";
import type { Made, Workspace } from "./workspace";

/** About how long a build takes here with empty caches; compiling keeps all cores busy. */
export function buildSeconds({ seconds }: Build): number {
  return (seconds * 2) / os.availableParallelism();
}

/**
 * Finds the Go that is to build.
 * @returns its path, or why nothing can be built
 */
export function findGo(environment: NodeJS.ProcessEnv): { readonly go: string } | { readonly reason: string } {
  const go = findOnPath("go", environment);
  return go ? { go } : { reason: `Go is not installed: no "go" on PATH (${versions.go} or newer is needed)` };
}

/**
 * Builds a part into the workspace from its committed module.
 * @throws Error with the compiler's last words
 */
export async function build(
  recipe: Recipe,
  go: string,
  platform: Platform,
  workspace: Workspace,
  step: Step,
  options: StartOptions,
): Promise<Made> {
  const { build: how } = recipe;
  const inModule = {
    ...options,
    cwd: how.module,
    environment: goEnvironment(options.environment, platform, workspace),
    onStart: workspace.started,
  };
  const version = await run(go, ["version"], inModule);
  if (version.code !== 0) throw new Error(`${go} cannot build this module: ${lastWords(version)}`);
  const inSteps = { ...inModule, onErrorLine: countInto(step) };
  if (how.packages.length > 0) await compile(how, go, workspace, inSteps);
  if (how.manifests !== undefined) await takeManifests(how.manifests, go, workspace, inSteps);
  const programs: Partial<Record<ProgramName, string>> = {};
  for (const { name } of recipe.programs) programs[name] = name;
  return { obtained: "build", source: version.output.trim(), programs };
}

async function compile(how: Build, go: string, workspace: Workspace, options: RunOptions): Promise<void> {
  const into = path.join(workspace.part, how.output ?? path.sep);
  const args = ["build", "-v", "-trimpath", "-ldflags", linkerFlags(how), "-o", into, ...how.packages];
  const result = await run(go, args, options);
  if (result.code !== 0) throw new Error(`go build failed: ${lastWords(result)}`);
  for (const name of how.links ?? []) fs.symlinkSync(how.output ?? "", path.join(workspace.part, name));
}

const Downloaded = z.object({ Dir: z.string() });

/** Go compares the module with the committed go.sum before it says where it is. */
async function takeManifests(
  { module, published }: ModuleManifests,
  go: string,
  workspace: Workspace,
  options: RunOptions,
): Promise<void> {
  const result = await run(go, ["mod", "download", "-json", module], options);
  if (result.code !== 0) throw new Error(`go mod download failed: ${lastWords(result)}`);
  const { Dir: folder } = Downloaded.parse(JSON.parse(result.output));
  writeManifests(folder, published, path.join(workspace.part, manifestsName));
}

/** `go build -v` names each module that it fetches and each package that it compiles. */
function countInto(step: Step): (line: string) => void {
  let fetched = 0;
  let compiled = 0;
  return (line) => {
    if (line.startsWith("go: downloading ")) step.note(`${++fetched} modules fetched`);
    else if (!line.startsWith("go: ") && !line.startsWith("#")) step.note(`${++compiled} packages compiled`);
  };
}

/**
 * The user's settings for proxies and caches stay; everything that could turn this into another
 * build goes. Without cgo no C compiler is needed, the result depends on no system library, and it
 * is what the projects publish themselves.
 */
function goEnvironment(environment: NodeJS.ProcessEnv, platform: Platform, workspace: Workspace): NodeJS.ProcessEnv {
  return {
    ...environment,
    GOFLAGS: goFlags,
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0",
    GOOS: platform.os,
    GOARCH: platform.architecture,
    GOTMPDIR: workspace.scratch,
  };
}
