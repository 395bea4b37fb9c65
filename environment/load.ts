import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readChain, type Merged } from "./chain";
import type { Path } from "./file";
import { withLikeness } from "./like";
import { readMeasured } from "./measured";
import { explainIssues } from "./messages";
import { describedModels } from "./models";
import { EnvironmentError, type Place, type Problem } from "./problem";
import { danglingReferences } from "./references";
import { withReplicas } from "./replicas";
import { reviewSchema, type Review } from "./review";
import { environmentSchema, type Environment } from "./schema";
import { suggestion } from "../catalog/suggest";

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
 * Reads all files of an environment: the authors' `stacks/<name>.yaml` with all that it extends, configurations of
 * models that it names, measurements of engines, and the reviewers' `policies/environments/<name>.yaml`.
 *
 * @param root - the repository's root
 * @throws EnvironmentError with every problem that was found, each with its place
 */
export function loadEnvironment(root: string, name: string): LoadedEnvironment {
  const file = `stacks/${name}.yaml`;
  const known = environmentNames(root);
  if (!known.includes(name)) throw new EnvironmentError([unknownEnvironment(root, file, name, known)]);

  const chain = readChain(root, file);
  const read = readReview(root, name);
  const { measured, problems: mismeasured } = readMeasured(root);
  const others = [...("problems" in read ? read.problems : []), ...mismeasured];
  if (!isMerged(chain)) throw new EnvironmentError([...chain, ...others]);

  const { merged, problems: unlike } = withLikeness(chain);
  const parsed = environmentSchema.safeParse(merged.value);
  const own = [
    ...unlike,
    ...(parsed.success ? [] : explainIssues(parsed.error.issues, merged)),
    ...danglingReferences(merged),
  ];
  const described = parsed.success ? describedModels(join(root, "stacks"), parsed.data.models, merged) : undefined;
  const problems = [...own, ...(described?.problems ?? []), ...others];
  if (problems.length > 0 || !parsed.success || described === undefined || "problems" in read)
    throw new EnvironmentError(problems);

  const releases = withReplicas(parsed.data.releases, parsed.data.routes);
  const { stage } = read.review;
  const environment: Environment = { ...parsed.data, releases, name, stage, models: described.models, measured };
  return {
    environment,
    locate: (path) => merged.locate(asWritten(path, merged)),
    written: (path) => merged.written(asWritten(path, merged)),
  };
}

/** `instances` of a pool may have been written as the one `instance`. */
function asWritten(path: Path, merged: Merged): Path {
  const [section, pool = "", key] = path;
  if (section !== "pools" || key !== "instances" || merged.written(path) !== undefined) return path;
  const single: Path = [section, pool, "instance"];
  return merged.written(single) === undefined ? path : single;
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
