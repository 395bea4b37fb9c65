import { formatPlace } from "../../../environment";
import { checkedText, labelOf, summaryText, type Report, type ReportFinding } from "../report";

/** For a comment on a pull request: the verdict, then a table of what was found. */
export function reportMarkdown(report: Report): string {
  const heading = `### ${report.command} ${report.environment} (${report.stage}): ${summaryText(report)}`;
  const looked = `${checkedText(report)}.`;
  if (report.findings.length === 0) return [heading, "", looked].join("\n");
  const rows = report.findings.map((finding) => `| ${cells(finding).map(escaped).join(" | ")} |`);
  return [
    heading,
    "",
    looked,
    "",
    "| What | Where | Finding | What to do |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function cells(finding: ReportFinding): readonly string[] {
  return [`${labelOf(finding)} ${finding.rule}`, formatPlace(finding.place), finding.message, finding.advice];
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");
}
