import type { Plan } from "../../../planning";
import type { Report } from "../report";
import { reportHtml } from "./html";
import { reportJson } from "./json";
import { reportJunit } from "./junit";
import { reportMarkdown } from "./markdown";
import { reportSarif } from "./sarif";
import { reportText } from "./text";

/** A way to write a report as one text. */
export interface ReportFormat {
  /** Of the file that holds it. */
  readonly extension: string;
  /** @param plan - what was planned; undefined for `check`, and when what is written cannot work */
  readonly write: (report: Report, plan?: Plan) => string;
}

/** Every way to write a report, by the name that `--format` takes. */
export const reportFormats = {
  table: { extension: "txt", write: reportText },
  json: { extension: "json", write: reportJson },
  markdown: { extension: "md", write: reportMarkdown },
  html: { extension: "html", write: reportHtml },
  sarif: { extension: "sarif", write: reportSarif },
  junit: { extension: "xml", write: reportJunit },
} as const satisfies Readonly<Record<string, ReportFormat>>;

export type ReportFormatName = keyof typeof reportFormats;

export function isReportFormat(name: string): name is ReportFormatName {
  return Object.hasOwn(reportFormats, name);
}
