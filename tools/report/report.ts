import type { Place } from "../../environment";

/** What a finding does: an error ends the command with 1, a warning is shown, a note is for completeness. */
export type ReportLevel = "error" | "warning" | "note";

/** One finding of planning or of a policy, for every format. */
export interface ReportFinding {
  readonly source: "planning" | "policy";
  /** Name of the finding's kind, or of the rule. */
  readonly rule: string;
  readonly level: ReportLevel;
  /** Overridden (planning) and waived (policy) ones are allowed for a time; indeterminate ones could not be decided. */
  readonly state: "open" | "overridden" | "waived" | "indeterminate";
  readonly place: Place;
  /** URN of the resource, for policies. */
  readonly resource?: string;
  /** The field inside the resource. */
  readonly field?: string;
  readonly message: string;
  /** What to do; for an overridden or waived one, why it is allowed and until when. */
  readonly advice: string;
}

/** What is known of a rule or of a kind of finding. */
export interface ReportRule {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly severity?: "low" | "medium" | "high" | "critical";
  readonly tags: readonly string[];
}

export interface Report {
  readonly command: "plan" | "check";
  readonly environment: string;
  readonly stage: string;
  readonly rules: readonly ReportRule[];
  readonly findings: readonly ReportFinding[];
  /** How much was looked at: resources for policies, settings for planning. */
  readonly checked: { readonly rules: number; readonly resources: number };
}

/** Version of the report's JSON; it rises when a field is removed or changes its meaning. */
export const reportFormatVersion = 1;

export function count(report: Report, state: ReportFinding["state"], level?: ReportLevel): number {
  return report.findings.filter(
    (finding) => finding.state === state && (level === undefined || finding.level === level),
  ).length;
}

/** `2 errors, 1 warning, 1 waived`, or `nothing found`. */
export function summaryText(report: Report): string {
  const parts: readonly (readonly [number, string])[] = [
    [count(report, "open", "error"), "error"],
    [count(report, "open", "warning"), "warning"],
    [count(report, "overridden"), "overridden"],
    [count(report, "waived"), "waived"],
    [count(report, "indeterminate"), "indeterminate"],
  ];
  const said = parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${number > 1 && /^(error|warning)$/.test(word) ? `${word}s` : word}`);
  return said.length === 0 ? "nothing found" : said.join(", ");
}
