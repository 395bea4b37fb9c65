import type { OperatorId } from "../../../catalog/operators";
import type { Progress } from "../../report/progress";
import { cacheFolder, type ReadOptions } from "./cache";
import { MissingPartsError } from "./errors";
import { interruptible } from "./interrupt";
import { ensure, find, type Context } from "./obtain";
import { isMissing, type Missing, type Part, type PartName, type ProgramName } from "./part";
import { operatorRecipes } from "./operator-recipes";
import { recipes } from "./recipes";

export { cacheFolder } from "./cache";
export { MissingPartsError } from "./errors";
export { isMissing } from "./part";
export type { Attempt, Missing, Part, PartName, ProgramName, Way } from "./part";
export { versions } from "./versions";

export interface PartsOptions {
  readonly progress: Progress;
  /**
   * Read from it: PATH, HOME, PULUMI_HOME, `MODELYARD_CACHE` (default `~/.cache/modelyard`),
   * `MODELYARD_OFFLINE` (1: download nothing), and by Go and Pulumi their own settings.
   * @default process.env
   */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Stops everything that was started. SIGINT and SIGTERM do so without it, too. */
  readonly signal?: AbortSignal | undefined;
}

/** The parts that were asked for, all of them there. */
export interface Parts {
  readonly all: readonly Part[];
  /**
   * The absolute path of a program.
   * @throws Error when its part was not asked for, which is a mistake in the calling code
   */
  readonly program: (name: ProgramName) => string;
  /**
   * The folder with an operator's manifests, one object in each JSON file.
   * @throws Error when the operator was not asked for, which is a mistake in the calling code
   */
  readonly manifests: (operator: OperatorId) => string;
}

/**
 * Gives the real programs, each from the first of these that has it: installed in an accepted
 * version, our cache, a download by its publisher's own means, a build with Go.
 * @throws MissingPartsError naming every part that cannot be had, with what was tried
 */
export async function ensureParts(names: readonly PartName[], options: PartsOptions): Promise<Parts> {
  return interruptible(options.signal, async (signal) => {
    const context = contextOf(options, signal);
    const answers = await ensure(names, context);
    const missing = answers.filter(isMissing);
    if (missing.length > 0) throw new MissingPartsError(missing, cacheFolder(context.environment));
    return partsOf(answers.filter((answer): answer is Part => !isMissing(answer)));
  });
}

/**
 * Only looks, at what is installed and at the cache, and changes nothing: for `doctor`, and to know
 * beforehand what `ensureParts` would have to obtain.
 */
export async function findParts(
  names: readonly PartName[],
  options: PartsOptions & ReadOptions,
): Promise<readonly (Part | Missing)[]> {
  return interruptible(options.signal, (signal) => {
    const context = contextOf(options, signal);
    return Promise.all(names.map((name) => find(context.table[name], context, options)));
  });
}

function contextOf({ progress, environment = process.env }: PartsOptions, signal: AbortSignal): Context {
  return { table: { ...recipes(), ...operatorRecipes() }, progress, environment, signal };
}

function partsOf(all: readonly Part[]): Parts {
  return {
    all,
    program(name) {
      const file = all.map(({ files }) => files[name]).find((found) => found !== undefined);
      if (file === undefined) throw new Error(`${name} was asked for, but its part was not: add it to ensureParts`);
      return file;
    },
    manifests(operator) {
      const folder = all.find(({ name }) => name === operator)?.manifests;
      if (folder === undefined) throw new Error(`the operator ${operator} was not asked for: add it to ensureParts`);
      return folder;
    },
  };
}
