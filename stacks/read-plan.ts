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

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
  }
}

export interface ReadPlan {
  readonly plan: Plan;
  /** In words. */
  readonly warnings: readonly string[];
  /** Where the environment names the cluster that it may touch. */
  readonly contextPlace: Place;
}

/**
 * Reads and plans the environment that a stack is named after.
 *
 * @throws EnvironmentError when the files cannot be used, PlanError when what they say cannot work
 */
export function readPlan(stack: string): ReadPlan {
  const loaded = loadEnvironment(root, stack);
  const { plan, findings } = planEnvironment(loaded.environment);
  const problems = (level: Finding["level"]): readonly Problem[] =>
    findings.filter((finding) => finding.level === level).map((finding) => placed(finding, loaded));
  if (plan === undefined) throw new PlanError(problems("error"));
  const [cluster = ""] = Object.keys(loaded.environment.clusters);
  const contextPlace = loaded.locate(["clusters", cluster, "context"]);
  return { plan, warnings: problems("warning").map(formatProblem), contextPlace };
}

/** A finding with the file and line of the setting that it is about. */
export function placed(finding: Finding, loaded: LoadedEnvironment): Problem {
  return { place: loaded.locate(finding.at), message: `${finding.message} [${finding.id}]`, fix: finding.fix };
}

/** What is wrong with the files themselves, as opposed to the program. */
export function isForPeople(error: unknown): error is EnvironmentError | PlanError {
  return error instanceof EnvironmentError || error instanceof PlanError;
}
