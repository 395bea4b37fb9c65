import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readChain, type Merged } from "./chain";
import type { Path } from "./file";
import { explainIssues } from "./messages";
import { EnvironmentError, type Place, type Problem } from "./problem";
import { environmentSchema, reviewSchema, type Environment } from "./schema";
import { danglingReferences } from "./references";
import { suggestion } from "./suggest";

/** An environment and the way back from each of its values to the line that says it. */
export interface LoadedEnvironment {
  readonly environment: Environment;
  /** Where the value at a path stands, or the nearest thing around it that somebody wrote. */
  readonly locate: (path: Path) => Place;
}

/** Files of `stacks/` that others extend; they are no environments by themselves. */
const bases = new Set(["base"]);

/** The environments of a repository, by name. */
export function environmentNames(root: string): readonly string[] {
  return readdirSync(join(root, "stacks"))
    .filter((file) => file.endsWith(".yaml") && !file.startsWith("Pulumi."))
    .map((file) => file.slice(0, -".yaml".length))
    .filter((name) => !bases.has(name))
    .sort();
}

/**
 * Reads both files of an environment: the authors' `stacks/<name>.yaml` with all that it extends, and the
 * reviewers' `policies/environments/<name>.yaml`.
 *
 * @param root - the repository's root
 * @throws EnvironmentError with every problem that was found, each with its place
 */
export function loadEnvironment(root: string, name: string): LoadedEnvironment {
  const file = `stacks/${name}.yaml`;
  const known = environmentNames(root);
  if (!known.includes(name)) throw new EnvironmentError([unknownEnvironment(root, file, name, known)]);

  const merged = readChain(root, file);
  const review = readReview(root, name);
  const problems = [...(isMerged(merged) ? [] : merged), ...("stage" in review ? [] : review)];
  if (!isMerged(merged)) throw new EnvironmentError(problems);

  const parsed = environmentSchema.safeParse(merged.value);
  if (!parsed.success) throw new EnvironmentError([...explainIssues(parsed.error.issues, merged), ...problems]);
  if (!("stage" in review)) throw new EnvironmentError(problems);

  const environment: Environment = { ...parsed.data, name, stage: review.stage };
  const dangling = danglingReferences(environment, merged);
  if (dangling.length > 0) throw new EnvironmentError(dangling);
  return { environment, locate: (path) => merged.locate(path) };
}

/** The stage that reviewers gave an environment; undefined when they have not, or when their file is not usable. */
export function loadStage(root: string, name: string): Environment["stage"] | undefined {
  const review = readReview(root, name);
  return "stage" in review ? review.stage : undefined;
}

function isMerged(read: Merged | readonly Problem[]): read is Merged {
  return "value" in read;
}

function readReview(root: string, name: string): { readonly stage: Environment["stage"] } | readonly Problem[] {
  const file = `policies/environments/${name}.yaml`;
  if (!existsSync(join(root, file))) {
    const place = { file, line: 1, column: 1 };
    return [
      {
        place,
        message: `reviewers have not said how strict ${name} is`,
        fix: "Ask them to create this file, with `stage: development`, `staging` or `production`.",
      },
    ];
  }
  const merged = readChain(root, file);
  if (!isMerged(merged)) return merged;
  const parsed = reviewSchema.safeParse(merged.value);
  return parsed.success ? parsed.data : explainIssues(parsed.error.issues, merged);
}

function unknownEnvironment(root: string, file: string, name: string, known: readonly string[]): Problem {
  const place = { file, line: 1, column: 1 };
  const written = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return {
    place: { ...place, file: existsSync(join(root, "stacks")) ? `stacks/${written}.yaml` : "stacks" },
    message: `there is no environment ${JSON.stringify(written)}`,
    fix: suggestion(name, known),
  };
}
