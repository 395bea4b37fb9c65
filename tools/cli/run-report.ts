import type { OpType } from "@pulumi/pulumi/automation";
import { rules } from "../../policies/rules";
import { resourceName } from "../report/formats/text";
import type { PolicyViolation, RunReport } from "../run/events";

const words: Partial<Record<OpType, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  same: "unchanged",
};
const futureWords: Partial<Record<OpType, string>> = {
  create: "to create",
  update: "to update",
  replace: "to replace",
  delete: "to delete",
  same: "unchanged",
};

/** "26 created" or "26 to create"; "nothing changed" when all stayed as it was. */
export function changesText({ changes }: RunReport, tense: "past" | "future"): string {
  const vocabulary = tense === "past" ? words : futureWords;
  const changed = Object.entries(changes).filter(([operation]) => operation !== "same");
  if (changed.length === 0)
    return tense === "past"
      ? `nothing changed (${changes.same ?? 0} resources)`
      : `nothing to change (${changes.same ?? 0} resources)`;
  const parts = Object.entries(vocabulary).flatMap(([operation, word]) => {
    const count = Object.entries(changes).find(([name]) => name === operation)?.[1] ?? 0;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return parts.join(", ");
}

export function hasMandatoryViolation(report: RunReport): boolean {
  return report.violations.some((violation) => violation.level === "mandatory");
}

/** The policy result in one line. */
export function policyText({ violations }: RunReport): string {
  const mandatory = violations.filter((violation) => violation.level === "mandatory").length;
  const advisory = violations.length - mandatory;
  const checked = `${rules.length} rules checked`;
  if (violations.length === 0) return `${checked}, no violation`;
  return `${checked}: ${mandatory} mandatory and ${advisory} advisory violations`;
}

/** Each violation: what to whom, and what to do. */
export function violationText(violation: PolicyViolation): string {
  return `  ${violation.level}  ${violation.rule}  ${resourceName(violation.urn)}\n    ${violation.message.split("\n").at(-1)?.trim() ?? ""}`;
}
