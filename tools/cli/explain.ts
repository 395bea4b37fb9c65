import { formatPlace, type Path } from "../../environment";
import { describeSetting } from "../../environment/describe";
import { valueAt } from "../../environment/messages";
import { findingKinds, isFindingId, type Arithmetic, type Plan } from "../../planning";
import { rules } from "../../policies/rules";
import type { Rule } from "../../policies/rule";
import { readPlan, type ReadPlan } from "../../stacks/read-plan";
import { suggestion } from "../../catalog/suggest";
import { isIdleBound, resultText, termColumns, termRows } from "../report/arithmetic";
import { contestsOf } from "../report/plan/runners-up";
import { shownOf } from "../report/plan/shown";
import { basesOf, basisText, provenance, type Basis } from "../report/provenance";
import { usd } from "../report/quantities";
import { table } from "../report/table";
import { UsageError, type Command } from "./command";

export const explain: Command = {
  summary: "Why a number is what it is, where a setting stands, what a rule or a finding demands.",
  usage: "<environment> <path> | <rule> | <finding>",
  operands: { least: 1, most: 2 },
  options: {},
  run(first, _options, terminal, [path]) {
    terminal.out(path === undefined ? explainName(first) : explainPath(first, path));
    return Promise.resolve(0);
  },
};

function explainName(name: string): string {
  const rule = rules.find((candidate) => candidate.name === name);
  if (rule !== undefined) return ruleText(rule);
  if (isFindingId(name)) {
    const { title, overridable } = findingKinds[name];
    return `${name}: ${title}\n  ${overridable ? "May be overridden where it stands in the environment file, with a reason and a last day." : "Cannot be overridden."}`;
  }
  const known = [...rules.map((candidate) => candidate.name), ...Object.keys(findingKinds)];
  throw new UsageError(
    `${JSON.stringify(name)} is neither a rule nor a finding. ${suggestion(name, known)}\n    For a number or a setting, name its environment first: npx modelyard explain local releases.chat.memory.kvTokens`,
  );
}

function ruleText(rule: Rule): string {
  const levels = Object.entries(rule.levels).map(([stage, level]) => `${stage} ${level}`);
  return [
    `${rule.name}: ${rule.title} (${rule.severity})`,
    `  ${rule.description}`,
    `  To do: ${rule.remediation}`,
    `  Levels: ${levels.join(", ")}`,
    `  See also: ${rule.references.join(", ")}`,
  ].join("\n");
}

function explainPath(environment: string, path: string): string {
  const read = readPlan(environment);
  const arithmetic = read.plan.why[path];
  if (arithmetic !== undefined) return arithmeticText(read.plan, path, arithmetic);
  const setting = settingText(read, path);
  if (setting !== undefined) return setting;
  const inside = inPlan(read.plan, path);
  if (inside !== undefined) return insideText(read.plan, path, inside);
  throw new UsageError(
    `${environment} has no ${JSON.stringify(path)}. ${suggestion(path, [...Object.keys(read.plan.why)])}`,
  );
}

/** `kvTokens = 162,781 tokens`, the formula, each term with where it is from, the facts below it and what was not taken. */
function arithmeticText(plan: Plan, path: string, arithmetic: Arithmetic): string {
  const rows = termRows(arithmetic);
  const cited = (basis: Basis): boolean => arithmetic.terms.some(({ source = "" }) => source.includes(basis.source));
  const facts = basesOf(path, provenance(plan)).filter((basis) => !cited(basis));
  return [
    `${path} = ${resultText(arithmetic)}`,
    `  ${arithmetic.formula}`,
    ...(rows.length === 0 ? [] : ["", table(termColumns, rows)]),
    ...(facts.length === 0 ? [] : ["", "  stands on", ...facts.map((basis) => `    ${basisText(basis)}`)]),
    ...notTakenText(plan, path),
  ].join("\n");
}

/** The choices that have runners-up, by the paths of what they decide. */
const chosen =
  /^(releases\.[^.]+)\.(?:tensorParallel|quantization|runnersUp)$|^(pools\.[^.]+)\.(?:rented|rented\.instance|runnersUp)$/;

/** What else could have been, where a path is a choice. */
function notTakenText(plan: Plan, path: string): readonly string[] {
  const [, release, pool] = chosen.exec(path) ?? [];
  const owner = release ?? pool;
  const contest = contestsOf(shownOf(plan)).find((each) => each.path === owner);
  if (contest === undefined) return [];
  const rows = contest.runnersUp.map(({ name, usdPerHour, reason }) => [name, usd(usdPerHour), reason]);
  const columns = [{ title: "not taken" }, { title: "$/h", align: "right" } as const, { title: "reason" }];
  return ["", `  taken: ${contest.taken}`, "", table(columns, rows)];
}

/** A part of the plan without arithmetic of its own: what of it can be asked further. */
function insideText(plan: Plan, path: string, value: unknown): string {
  const further = Object.keys(plan.why).filter(
    (candidate) => candidate.startsWith(`${path}.`) && !isIdleBound(candidate, plan.why),
  );
  const text = `${path} = ${JSON.stringify(value)}\n  decided by planning`;
  const asked =
    further.length === 0 ? text : `${text}; ask further for\n${further.map((each) => `    ${each}`).join("\n")}`;
  return [asked, ...notTakenText(plan, path)].join("\n");
}

/** A setting of the environment file: its value, the line that says it or that nobody did, and what it means. */
function settingText({ loaded }: ReadPlan, text: string): string | undefined {
  const path: Path = text.split(".");
  const value = valueAt(loaded.environment, path);
  const description = describeSetting(path);
  if (value === undefined || description === undefined) return undefined;
  const place = loaded.written(path);
  const origin = place === undefined ? "nobody wrote it: its default" : formatPlace(place);
  return [`${text} = ${JSON.stringify(value)}`, `  ${origin}`, `  ${description}`].join("\n");
}

function inPlan(plan: Plan, path: string): unknown {
  return valueAt(plan, path.split("."));
}
