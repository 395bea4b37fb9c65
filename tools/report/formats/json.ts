import type { Plan } from "../../../planning";
import { reportFormatVersion, type Report } from "../report";

/** The report as it is, with the version of its format, and for `plan` with what was planned. */
export function reportJson(report: Report, plan?: Plan): string {
  const planned = report.command === "plan" ? { plan: plan ?? null } : {};
  return JSON.stringify({ formatVersion: reportFormatVersion, ...report, ...planned }, null, 2);
}
