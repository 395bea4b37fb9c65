import { EnvironmentError, formatProblem } from "../../environment";

/** The problems that loading reports, as people read them; none when it succeeds. */
export function problemsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
}

/** The one problem that loading reports, its message and what to do in one line, without the file's name. */
export function refusal(action: () => unknown): string {
  const problems = problemsOf(action);
  if (problems.length !== 1) return `${problems.length} problems: ${problems.join(" | ")}`;
  return (problems[0] ?? "").replace(/^stacks\/test\.yaml:/, "").replace(/\n\s+/, " | ");
}
