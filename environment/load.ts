import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readChain, type Merged } from "./chain";
import type { Path } from "./file";
import { explainIssues } from "./messages";
import { EnvironmentError, type Place, type Problem } from "./problem";
import { reviewSchema, type Review } from "./review";
import { environmentSchema, type Environment } from "./schema";
import { danglingReferences } from "./references";
import { suggestion } from "./suggest";

/** An environment and the way back from each of its values to the line that says it. */
export interface LoadedEnvironment {
  readonly environment: Environment;
  /** Where the value at a path stands, or the nearest thing around it that somebody wrote. */
  readonly locate: (path: Path) => Place;
  /** Where exactly this value was written; undefined when nobody did. */
  readonly written: (path: Path) => Place | undefined;
}

/** The reviewers' file of an environment. */
export interface LoadedReview {
  readonly review: Review;
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
  const read = readReview(root, name);
  const problems = [...(isMerged(merged) ? [] : merged), ...("problems" in read ? read.problems : [])];
  if (!isMerged(merged)) throw new EnvironmentError(problems);

  const parsed = environmentSchema.safeParse(merged.value);
  if (!parsed.success) throw new EnvironmentError([...explainIssues(parsed.error.issues, merged), ...problems]);
  if ("problems" in read) throw new EnvironmentError(problems);

  const environment: Environment = { ...parsed.data, name, stage: read.review.stage };
  const dangling = danglingReferences(environment, merged);
  if (dangling.length > 0) throw new EnvironmentError(dangling);
  return { environment, locate: (path) => merged.locate(path), written: (path) => merged.written(path) };
}

/**
 * What the reviewers of an environment decided: `policies/environments/<name>.yaml`.
 *
 * @throws EnvironmentError when they have not, or when their file cannot be used
 */
export function loadReview(root: string, name: string): LoadedReview {
  const read = readReview(root, name);
  if ("problems" in read) throw new EnvironmentError(read.problems);
  return read;
}

function isMerged(read: Merged | readonly Problem[]): read is Merged {
  return "value" in read;
}

function readReview(root: string, name: string): LoadedReview | { readonly problems: readonly Problem[] } {
  const file = `policies/environments/${name}.yaml`;
  if (!existsSync(join(root, file))) {
    const message = `reviewers have not said how strict ${name} is`;
    const fix = "Ask them to create this file, with `stage: development`, `staging` or `production`.";
    return { problems: [{ place: { file, line: 1, column: 1 }, message, fix }] };
  }
  const merged = readChain(root, file);
  if (!isMerged(merged)) return { problems: merged };
  const parsed = reviewSchema.safeParse(merged.value);
  if (!parsed.success) return { problems: explainIssues(parsed.error.issues, merged) };
  return { review: parsed.data, locate: (path) => merged.locate(path) };
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
