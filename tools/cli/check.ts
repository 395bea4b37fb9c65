import { loadReview, type Path, type Place } from "../../environment";
import { rules } from "../../policies/rules";
import { readPlan } from "../../stacks/read-plan";
import { planningFinding, policyReport, type ReportedResource } from "../report/collect";
import { count, type Report } from "../report/report";
import { UsageError, type Command, type ExitCode, type OptionValues } from "./command";
import { formatNames, give, reportFormat } from "./format";
import { outFolder } from "./out-folder";
import { declaredResources, manifestResources, stateResources } from "./resources";
import { root } from "./root";

export const check: Command = {
  summary: "The gate for reviewers: the policies on what the environment declares, on a state, or on manifests.",
  usage: `<environment> [--strict] [--state FILE | --manifests DIR] [--format ${formatNames.join("|")}] [--out DIR]`,
  options: {
    format: { type: "string" },
    strict: { type: "boolean" },
    state: { type: "string" },
    manifests: { type: "string" },
    out: { type: "string" },
  },
  async run(environment, options, terminal) {
    const format = reportFormat(options["format"]);
    const folder = outFolder(options["out"]);
    const report = await reportOf(environment, options);
    give({ report, format, folder }, terminal);
    return exitCode(report, options["strict"] === true);
  },
};

async function reportOf(environment: string, options: OptionValues): Promise<Report> {
  const today = new Date().toISOString().slice(0, 10);
  const { state, manifests } = options;
  if (state !== undefined && manifests !== undefined)
    throw new UsageError("--state and --manifests are two different questions; ask one.");
  const common = { environment, review: loadReview(root, environment), rules, today };
  const judge = (resources: readonly ReportedResource[], locate: (path: Path) => Place): Report =>
    policyReport({ ...common, resources, locate });

  if (typeof state === "string") return judge(stateResources(state), () => ({ file: state, line: 1, column: 1 }));
  if (typeof manifests === "string")
    return judge(manifestResources(manifests), () => ({ file: manifests, line: 1, column: 1 }));
  const { plan, findings, loaded } = readPlan(environment, today);
  const report = judge(await declaredResources(plan), loaded.locate);
  const overridden = findings
    .filter(({ level }) => level === "overridden")
    .map((finding) => planningFinding(finding, loaded));
  return { ...report, findings: [...report.findings, ...overridden] };
}

/** 1: an open error. 3: nothing open, but an error-level rule is undecided and `strict` does not let that pass. */
export function exitCode(report: Report, strict: boolean): ExitCode {
  if (count(report, "open", "error") > 0) return 1;
  return strict && count(report, "indeterminate", "error") > 0 ? 3 : 0;
}
