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
export const reportFormatVersion = 2;

export function count(report: Report, state: ReportFinding["state"], level?: ReportLevel): number {
  return report.findings.filter(
    (finding) => finding.state === state && (level === undefined || finding.level === level),
  ).length;
}

const levels: readonly ReportLevel[] = ["error", "warning", "note"];

/** Errors first; of one level in the order in which they were found. */
export function inOrderOfLevel(findings: readonly ReportFinding[]): readonly ReportFinding[] {
  return levels.flatMap((level) => findings.filter((finding) => finding.level === level));
}

/** What a finding is in one word: its level while it is open, its state when something else became of it. */
export function labelOf({ state, level }: ReportFinding): ReportLevel | Exclude<ReportFinding["state"], "open"> {
  return state === "open" ? level : state;
}

/** How much was looked at. */
export function checkedText({ command, checked: { rules, resources } }: Report): string {
  return command === "plan"
    ? `${rules} checks of planning`
    : `${rules} rules on ${resources} ${resources === 1 ? "resource" : "resources"}`;
}

/** `kubernetes:apps/v1:Deployment chat-deployment`, the part of a URN that people know. */
export function resourceName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1) ?? ""} ${name}`;
}

/** How many are open and what became of the others, without what there is none of. */
export function counts(report: Report): readonly Count[] {
  const all: readonly Count[] = [
    { number: count(report, "open", "error"), of: "error" },
    { number: count(report, "open", "warning"), of: "warning" },
    { number: count(report, "overridden"), of: "overridden" },
    { number: count(report, "waived"), of: "waived" },
    { number: count(report, "indeterminate"), of: "indeterminate" },
  ];
  return all.filter(({ number }) => number > 0);
}

export interface Count {
  readonly number: number;
  readonly of: ReturnType<typeof labelOf>;
}

/** `2 errors`, `1 waived` */
export function countText({ number, of }: Count): string {
  return `${number} ${number > 1 && /^(error|warning)$/.test(of) ? `${of}s` : of}`;
}

/** `2 errors, 1 warning, 1 waived`, or `nothing found`. */
export function summaryText(report: Report): string {
  const said = counts(report).map(countText);
  return said.length === 0 ? "nothing found" : said.join(", ");
}
