import type { Finding, Plan } from "../../planning";
import { PlanError, readPlan } from "../../stacks/read-plan";
import type { LoadedEnvironment } from "../../environment";
import { planningReport } from "../report/collect";
import { reportFormats } from "../report/formats";
import { manifestFiles, manifestStream } from "../report/formats/manifests";
import type { Command, Terminal } from "./command";
import { formatNames, give, reportFormat } from "./format";
import { outFolder, replaceManifests } from "./out-folder";
import { declaredResources } from "./resources";

export const plan: Command = {
  summary: "What would be built: fit, durations, rollout room, dollars, findings. Needs no cloud and no Pulumi CLI.",
  usage: `<environment> [--format ${formatNames.join("|")}|manifests] [--out DIR]`,
  options: { format: { type: "string" }, out: { type: "string" } },
  async run(environment, options, terminal) {
    const format = reportFormat(options["format"], "manifests");
    const folder = outFolder(options["out"]);
    const planned = planOf(environment);
    const report = planningReport(planned.loaded, planned.findings, planned.plan);
    if (format !== "manifests")
      give({ report, format, folder, ...(planned.plan === undefined ? {} : { plan: planned.plan }) }, terminal);
    else {
      // Standard output holds nothing but YAML.
      if (report.findings.length > 0) terminal.err(reportFormats.table.write(report));
      if (planned.plan !== undefined) await giveManifests(planned.plan, folder, terminal);
    }
    return planned.plan === undefined ? 1 : 0;
  },
};

async function giveManifests(plan: Plan, folder: string | undefined, terminal: Terminal): Promise<void> {
  const resources = await declaredResources(plan);
  if (folder === undefined) {
    terminal.out(manifestStream(plan.environment, resources));
    return;
  }
  const files = manifestFiles(plan.environment, resources);
  const { written, removed } = replaceManifests(folder, plan.environment, files);
  terminal.out(written.join("\n"));
  for (const path of removed) terminal.err(`removed ${path}: what was in it is no longer declared`);
}

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
