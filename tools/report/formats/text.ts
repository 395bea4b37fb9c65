import { formatPlace } from "../../../environment";
import type { Plan } from "../../../planning";
import { planText } from "../plan-text";
import {
  checkedText,
  inOrderOfLevel,
  labelOf,
  resourceName,
  summaryText,
  type Report,
  type ReportFinding,
} from "../report";

export { resourceName };

/** The plan, if there is one, and the findings as people read them in a terminal: errors first, each with its place and what to do. */
export function reportText(report: Report, plan?: Plan): string {
  const summary = `${report.environment} (${report.stage}): ${summaryText(report)}; ${checkedText(report)}`;
  const findings = [...inOrderOfLevel(report.findings).map(findingText), summary].join("\n");
  return plan === undefined ? findings : `${planText(plan)}\n\n${findings}`;
}

function findingText(finding: ReportFinding): string {
  const resource =
    finding.resource === undefined ? "" : `\n    ${resourceName(finding.resource)} ${finding.field ?? ""}`;
  return `${formatPlace(finding.place)}: ${labelOf(finding)}: ${finding.message} [${finding.rule}]${resource}\n    ${finding.advice}`;
}
