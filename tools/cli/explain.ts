import { formatPlace, type Path } from "../../environment";
import { describeSetting } from "../../environment/describe";
import { valueAt } from "../../environment/messages";
import { findingKinds, isFindingId, type Arithmetic, type Plan } from "../../planning";
import { rules } from "../../policies/rules";
import type { Rule } from "../../policies/rule";
import { readPlan, type ReadPlan } from "../../stacks/read-plan";
import { suggestion } from "../../environment/suggest";
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
  if (arithmetic !== undefined) return arithmeticText(path, arithmetic);
  const setting = settingText(read, path);
  if (setting !== undefined) return setting;
  const inside = inPlan(read.plan, path);
  if (inside !== undefined) return `${path} = ${JSON.stringify(inside)}\n  decided by planning`;
  throw new UsageError(
    `${environment} has no ${JSON.stringify(path)}. ${suggestion(path, [...Object.keys(read.plan.why)])}`,
  );
}

/** `kvTokens = 162,781 tokens`, the formula, and each term with where it is from. */
function arithmeticText(path: string, { formula, terms, result, unit }: Arithmetic): string {
  const rows = terms.map((term) => [term.name, shown(term.value), term.unit ?? "", term.source ?? ""]);
  const columns = [
    { title: "term" },
    { title: "value", align: "right" as const },
    { title: "unit" },
    { title: "from" },
  ];
  return [
    `${path} = ${shown(result)}${unit === undefined ? "" : ` ${unit}`}`,
    `  ${formula}`,
    "",
    table(columns, rows),
  ].join("\n");
}

function shown(value: number | string): string {
  return typeof value === "string" ? value : value.toLocaleString("en-US", { maximumFractionDigits: 3 });
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
