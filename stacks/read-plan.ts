import { join } from "node:path";
import {
  EnvironmentError,
  formatProblem,
  loadEnvironment,
  type LoadedEnvironment,
  type Place,
  type Problem,
} from "../environment";
import { planEnvironment, type Finding, type Plan } from "../planning";

/** The root of the repository, wherever the program was started. */
const root = join(__dirname, "..");

/** The environment was read, and planning found that it cannot work. */
export class PlanError extends Error {
  override readonly name = "PlanError";

  constructor(
    readonly findings: readonly Finding[],
    readonly loaded: LoadedEnvironment,
  ) {
    super(findings.map((finding) => formatProblem(placed(finding, loaded))).join("\n"));
  }
}

export interface ReadPlan {
  readonly plan: Plan;
  /** Everything that was found and does not stop the program: warnings, and errors that are overridden. */
  readonly findings: readonly Finding[];
  readonly loaded: LoadedEnvironment;
}

/**
 * Reads and plans the environment that a stack is named after.
 *
 * @throws EnvironmentError when the files cannot be used, PlanError when what they say cannot work
 */
export function readPlan(stack: string, today = new Date().toISOString().slice(0, 10)): ReadPlan {
  const loaded = loadEnvironment(root, stack);
  const { plan, findings } = planEnvironment(loaded.environment, today);
  if (plan === undefined) throw new PlanError(findings, loaded);
  return { plan, findings, loaded };
}

/** The findings of a plan in words, each with its place. */
export function findingTexts({ findings, loaded }: ReadPlan): readonly string[] {
  return findings.map((finding) => formatProblem(placed(finding, loaded)));
}

/** Where the environment names the cluster that it may touch. */
export function contextPlace({ loaded }: ReadPlan): Place {
  const [cluster = ""] = Object.keys(loaded.environment.clusters);
  return loaded.locate(["clusters", cluster, "context"]);
}

/** A finding with the file and line of the setting that it is about. */
export function placed(finding: Finding, loaded: LoadedEnvironment): Problem {
  const { id, level, message, fix, override } = finding;
  const place = loaded.locate(finding.at);
  if (override === undefined) return { place, message: `${level}: ${message} [${id}]`, fix };
  return { place, message: `overridden until ${override.expires}: ${message} [${id}]`, fix: override.reason };
}

/** What is wrong with the files themselves, as opposed to the program. */
export function isForPeople(error: unknown): error is EnvironmentError | PlanError {
  return error instanceof EnvironmentError || error instanceof PlanError;
}
