import type { LoadedEnvironment, LoadedReview, Path, Place } from "../../environment";
import { findingKinds, type Finding, type Plan } from "../../planning";
import { idleWaivers, judge, type Judgement } from "../../policies/judge";
import type { DeclaredResource, Rule } from "../../policies/rule";
import type { Report, ReportFinding, ReportRule } from "./report";

/** A report of what planning found. */
export function planningReport(
  loaded: LoadedEnvironment,
  findings: readonly Finding[],
  plan: Plan | undefined,
): Report {
  const { name, stage, pools, releases } = loaded.environment;
  return {
    command: "plan",
    environment: name,
    stage,
    rules: planningRules(),
    findings: findings.map((finding) => planningFinding(finding, loaded)),
    checked: {
      rules: Object.keys(findingKinds).length,
      resources: Object.keys(pools).length + Object.keys(plan?.releases ?? releases).length,
    },
  };
}

export function planningFinding(finding: Finding, loaded: LoadedEnvironment): ReportFinding {
  const { id, level, override, message, fix } = finding;
  const common = { source: "planning", rule: id, place: loaded.locate(finding.at), message } as const;
  if (override === undefined)
    return { ...common, level: level === "overridden" ? "note" : level, state: "open", advice: fix };
  return { ...common, level: "note", state: "overridden", advice: `Until ${override.expires}: ${override.reason}` };
}

function planningRules(): readonly ReportRule[] {
  return Object.entries(findingKinds).map(([name, { title, overridable }]) => ({
    name,
    title,
    help: overridable ? "An environment may override it, with a reason and a last day." : "It cannot be overridden.",
    tags: ["planning"],
  }));
}

/** A resource as a report needs it: with its parents, which lead to the line that asked for it. */
export interface ReportedResource extends DeclaredResource {
  readonly parent?: string | undefined;
}

export interface PolicyQuestion {
  readonly environment: string;
  readonly review: LoadedReview;
  readonly resources: readonly ReportedResource[];
  readonly rules: readonly Rule[];
  readonly today: string;
  /** Where a part of the environment stands. */
  readonly locate: (path: Path) => Place;
}

/** A report of what the policies say of resources. */
export function policyReport(question: PolicyQuestion): Report {
  const { review, locate } = question.review;
  const judgements = question.resources.flatMap((resource) =>
    question.rules.flatMap((rule) => judge(rule, resource, review, question.today)),
  );
  const idle = idleWaivers(review, judgements, question.rules, question.today);
  const byUrn = new Map(question.resources.map((resource) => [resource.urn, resource]));
  return {
    command: "check",
    environment: question.environment,
    stage: review.stage,
    rules: [
      ...question.rules.map(policyRule),
      {
        name: "waiver-idle",
        title: "Waivers that allow nothing",
        help: "Remove them, or renew them with their reason.",
        tags: [],
      },
    ],
    findings: [
      ...judgements.map((judgement) => policyFinding(judgement, question.locate(pathOf(judgement.resource, byUrn)))),
      ...idle.map(({ waiver, index, why }): ReportFinding => ({
        source: "policy",
        rule: "waiver-idle",
        level: "warning",
        state: "open",
        place: locate(["waivers", index]),
        message: `the waiver ${waiver.id} of ${waiver.rule} allows nothing: ${why}`,
        advice: `${waiver.owner} owns it: remove it, or renew it with its reason.`,
      })),
    ],
    checked: { rules: question.rules.length, resources: question.resources.length },
  };
}

function policyRule({ name, title, description, remediation, severity, references }: Rule): ReportRule {
  return { name, title, help: `${description} ${remediation}`, severity, tags: references };
}

function policyFinding(judgement: Judgement, place: Place): ReportFinding {
  const { rule, resource, state, level, field, message, waiver } = judgement;
  const common = { source: "policy", rule: rule.name, place, resource: resource.urn, field, message } as const;
  const strength = level === "mandatory" ? "error" : "warning";
  if (state === "indeterminate")
    return {
      ...common,
      level: strength,
      state,
      advice: "The update itself decides it; --strict does not let it pass.",
    };
  if (state === "waived")
    return {
      ...common,
      level: "note",
      state,
      advice: `Until ${waiver?.expires ?? ""} by ${waiver?.id ?? ""}, ${waiver?.approvedBy ?? ""}: ${waiver?.reason ?? ""}`,
    };
  const ended = waiver === undefined ? "" : ` The waiver ${waiver.id} ended on ${waiver.expires}.`;
  return { ...common, level: strength, state, advice: `${rule.remediation}${ended}` };
}

/** Sections of the environment file whose entries are components, by the components' type tokens. */
const sections: Readonly<Record<string, string>> = {
  "modelyard:releases:VllmRelease": "releases",
  "modelyard:nodes:ExistingPool": "pools",
};

/** The part of the environment that asked for a resource: that of its nearest parent that has one. */
export function pathOf(resource: ReportedResource, byUrn: ReadonlyMap<string, ReportedResource>): Path {
  const section = sections[resource.type];
  if (section !== undefined) return [section, resource.name];
  const parent = resource.parent === undefined ? undefined : byUrn.get(resource.parent);
  return parent === undefined ? [] : pathOf(parent, byUrn);
}
