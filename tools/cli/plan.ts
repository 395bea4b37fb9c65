import type { Finding, Plan } from "../../planning";
import { PlanError, readPlan } from "../../stacks/read-plan";
import type { LoadedEnvironment } from "../../environment";
import { planningReport } from "../report/collect";
import { planText } from "../report/plan-text";
import { reportFormatVersion } from "../report/report";
import type { Command } from "./command";
import { reportFormat, reportFormats } from "./format";

export const plan: Command = {
  summary: "What would be built: fit, durations, rollout room, dollars, findings. Needs no cloud and no Pulumi CLI.",
  usage: "<environment> [--format table|json|markdown|sarif|junit]",
  options: { format: { type: "string" } },
  run: (environment, options, terminal) => {
    const format = reportFormat(options["format"]);
    const planned = planOf(environment);
    const report = planningReport(planned.loaded, planned.findings, planned.plan);
    if (format === "json")
      terminal.out(
        JSON.stringify({ formatVersion: reportFormatVersion, ...report, plan: planned.plan ?? null }, null, 2),
      );
    else if (format === "table")
      terminal.out(
        [...(planned.plan === undefined ? [] : [planText(planned.plan)]), reportFormats.table(report)].join("\n\n"),
      );
    else terminal.out(reportFormats[format](report));
    return Promise.resolve(planned.plan === undefined ? 1 : 0);
  },
};

interface Planned {
  readonly plan?: Plan;
  readonly findings: readonly Finding[];
  readonly loaded: LoadedEnvironment;
}

/** What could be planned; a plan that cannot work is not an error here, but what is asked about. */
function planOf(environment: string): Planned {
  try {
    return readPlan(environment);
  } catch (error) {
    if (error instanceof PlanError) return error;
    throw error;
  }
}
