import { formatPlace } from "../../../environment";
import { count, type Report, type ReportFinding } from "../report";

/** A test suite in which each rule is a test case, and each open error a failure; what is not decided or allowed is skipped. */
export function reportJunit(report: Report): string {
  const cases = report.rules.flatMap((rule) => {
    const findings = report.findings.filter((finding) => finding.rule === rule.name);
    return findings.length === 0
      ? [testCase(rule.name, report, "")]
      : findings.map((finding) => testCase(rule.name, report, outcome(finding), finding));
  });
  const failures = count(report, "open", "error");
  const skipped = report.findings.filter((finding) => finding.state !== "open").length;
  const attributes = `name="${attribute(`modelyard ${report.command} ${report.environment}`)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites>`,
    `<testsuite ${attributes}>`,
    ...cases,
    "</testsuite>",
    "</testsuites>",
  ].join("\n");
}

function testCase(rule: string, report: Report, inner: string, finding?: ReportFinding): string {
  const name = finding?.resource === undefined ? rule : `${rule} ${finding.resource}`;
  const opening = `<testcase classname="${attribute(`modelyard.${report.command}.${report.environment}`)}" name="${attribute(name)}"`;
  return inner === "" ? `${opening}/>` : `${opening}>${inner}</testcase>`;
}

function outcome(finding: ReportFinding): string {
  const text = `${formatPlace(finding.place)}: ${finding.message}\n${finding.advice}`;
  if (finding.state !== "open") return `<skipped message="${attribute(`${finding.state}: ${text}`)}"/>`;
  if (finding.level !== "error") return `<system-out>${content(text)}</system-out>`;
  return `<failure message="${attribute(finding.message)}" type="${attribute(finding.rule)}">${content(text)}</failure>`;
}

/** Characters that XML 1.0 cannot hold at all are left out. */
function content(text: string): string {
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
  return allowed.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function attribute(text: string): string {
  return content(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;");
}
