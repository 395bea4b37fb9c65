/** Where something stands in a file that people edit. Lines and columns count from 1. */
export interface Place {
  /** Path of the file, relative to the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with an environment's files: where, what, and what to do about it. */
export interface Problem {
  readonly place: Place;
  readonly message: string;
  readonly fix: string;
}

/** `stacks/prod.yaml:12:5`, the form that editors and terminals turn into a link. */
export function formatPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}

/** One problem as people read it: place and message, and below them what to do. */
export function formatProblem(problem: Problem): string {
  return `${formatPlace(problem.place)}: ${problem.message}\n    ${problem.fix}`;
}

/** The environment's files cannot be used as they stand. Holds every problem found, in file order. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
  }
}
