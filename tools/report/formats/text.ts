import { formatPlace } from "../../../environment";
import { summaryText, type Report, type ReportFinding } from "../report";

/** Findings as people read them in a terminal: errors first, each with its place and what to do. */
export function reportText(report: Report): string {
  const order: readonly ReportFinding["level"][] = ["error", "warning", "note"];
  const sorted = order.flatMap((level) => report.findings.filter((finding) => finding.level === level));
  const { rules, resources } = report.checked;
  const checked =
    report.command === "plan" ? `${rules} checks of planning` : `${rules} rules on ${resources} resources`;
  const summary = `${report.environment} (${report.stage}): ${summaryText(report)}; ${checked}`;
  return [...sorted.map(findingText), summary].join("\n");
}

function findingText(finding: ReportFinding): string {
  const label = finding.state === "open" ? finding.level : finding.state;
  const resource =
    finding.resource === undefined ? "" : `\n    ${resourceName(finding.resource)} ${finding.field ?? ""}`;
  return `${formatPlace(finding.place)}: ${label}: ${finding.message} [${finding.rule}]${resource}\n    ${finding.advice}`;
}

/** `kubernetes:apps/v1:Deployment chat-deployment`, the part of a URN that people know. */
export function resourceName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1) ?? ""} ${name}`;
}
