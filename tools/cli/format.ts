import { isReportFormat, reportFormats, type ReportFormat } from "../report/formats";
import { UsageError } from "./command";

export { reportFormats };

/** The format that was asked for; a table when none was. */
export function reportFormat(asked: string | boolean | undefined): ReportFormat {
  const name = asked ?? "table";
  if (typeof name === "string" && isReportFormat(name)) return name;
  throw new UsageError(`--format is one of ${Object.keys(reportFormats).join(", ")}, not ${JSON.stringify(name)}.`);
}
