import { join } from "node:path";
import { getStack } from "@pulumi/pulumi";
import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import { loadReview, type Review } from "../environment";
import { judge, type Judgement } from "./judge";
import type { DeclaredResource, Rule } from "./rule";
import { rules } from "./rules";

const today = new Date().toISOString().slice(0, 10);
const review = loadReview(join(__dirname, ".."), getStack()).review;

/**
 * The pack that CrossGuard loads: each rule at the level of the stack's stage, and one policy that reports what
 * no rule's own policy may, because it would stop the deployment: what is waived, and what a preview cannot
 * decide. This file alone makes a PolicyPack.
 */
new PolicyPack("modelyard", {
  description: "Security, reliability and budget rules of an LLM serving platform.",
  policies: [...rules.map((rule) => openViolations(rule, review)), undecidedAndWaived(review)],
});

function openViolations(rule: Rule, review: Review): ResourceValidationPolicy {
  return {
    name: rule.name,
    displayName: rule.title,
    description: rule.description,
    severity: rule.severity,
    remediationSteps: rule.remediation,
    tags: [...rule.references],
    enforcementLevel: rule.levels[review.stage],
    validateResource: (args, report) => {
      for (const judgement of judge(rule, declared(args), review, today))
        if (judgement.state === "open") report(text(judgement));
    },
  };
}

function undecidedAndWaived(review: Review): ResourceValidationPolicy {
  return {
    name: "review-notes",
    displayName: "What is waived, and what is not decided yet",
    description:
      "Violations that reviewers allow for a time, and rules that need a value which only a deployment will tell.",
    enforcementLevel: "advisory",
    validateResource: (args, report) => {
      const judgements = rules.flatMap((rule) => judge(rule, declared(args), review, today));
      for (const judgement of judgements)
        if (judgement.state !== "open") report(`${judgement.rule.name}: ${text(judgement)}`);
    },
  };
}

function declared({ type, name, urn, props }: DeclaredResource): DeclaredResource {
  return { type, name, urn, props };
}

function text({ state, message, field, rule, waiver }: Judgement): string {
  if (state === "indeterminate") return `indeterminate: ${message} (${field})`;
  if (state === "waived")
    return `waived until ${waiver?.expires ?? ""} by ${waiver?.id ?? ""}: ${message} (${field}). ${waiver?.reason ?? ""}`;
  const ended = waiver === undefined ? "" : ` Its waiver ${waiver.id} ended on ${waiver.expires}.`;
  return `${message} (${field}). ${rule.remediation}${ended}`;
}
