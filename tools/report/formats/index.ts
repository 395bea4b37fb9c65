import type { Report } from "../report";
import { reportJson } from "./json";
import { reportJunit } from "./junit";
import { reportMarkdown } from "./markdown";
import { reportSarif } from "./sarif";
import { reportText } from "./text";

/** Every way to write a report, by the name that `--format` takes. */
export const reportFormats = {
  table: reportText,
  json: reportJson,
  markdown: reportMarkdown,
  sarif: reportSarif,
  junit: reportJunit,
} as const satisfies Readonly<Record<string, (report: Report) => string>>;

export type ReportFormat = keyof typeof reportFormats;

export function isReportFormat(name: string): name is ReportFormat {
  return Object.hasOwn(reportFormats, name);
}
