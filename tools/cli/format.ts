import { nearest } from "../../catalog/suggest";
import type { Plan } from "../../planning";
import { isReportFormat, reportFormats, type ReportFormatName } from "../report/formats";
import { summaryText, type Report } from "../report/report";
import { UsageError, type Terminal } from "./command";
import { writeInto } from "./out-folder";

export const formatNames: readonly string[] = Object.keys(reportFormats);

/** The format that was asked for, one of those of every report or one of `more`; a table when none was. */
export function reportFormat<More extends string = never>(
  asked: string | boolean | undefined,
  ...more: readonly More[]
): ReportFormatName | More {
  const name = asked ?? "table";
  if (typeof name === "string" && isReportFormat(name)) return name;
  const other = more.find((candidate) => candidate === name);
  if (other !== undefined) return other;
  const known = [...formatNames, ...more];
  const meant = typeof name === "string" ? nearest(name, known) : undefined;
  throw new UsageError(
    `--format is one of ${known.join(", ")}, not ${JSON.stringify(name)}.${meant === undefined ? "" : ` Did you mean ${JSON.stringify(meant)}?`}`,
  );
}

/** A report, how it was asked for, and where it goes. */
export interface ReportOrder {
  readonly report: Report;
  readonly plan?: Plan;
  readonly format: ReportFormatName;
  /** Undefined for standard output. */
  readonly folder: string | undefined;
}

/** Prints a report; or writes it into a folder, prints its path, and tells the sum on standard error. */
export function give({ report, plan, format, folder }: ReportOrder, terminal: Terminal): void {
  const { write, extension } = reportFormats[format];
  const text = write(report, plan);
  if (folder === undefined) {
    terminal.out(text);
    return;
  }
  terminal.out(writeInto(folder, [{ name: `${report.command}.${extension}`, text }]).join("\n"));
  terminal.err(`${report.environment} (${report.stage}): ${summaryText(report)}`);
}
