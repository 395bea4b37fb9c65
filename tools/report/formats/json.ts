import { reportFormatVersion, type Report } from "../report";

/** The report as it is, with the version of its format. */
export function reportJson(report: Report): string {
  return JSON.stringify({ formatVersion: reportFormatVersion, ...report }, null, 2);
}
