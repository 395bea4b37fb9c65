import { join } from "node:path";
import { getStack } from "@pulumi/pulumi";
import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import { loadStage } from "../environment";
import { rules } from "./rules";
import type { Rule, Stage } from "./rule";

/** The pack that CrossGuard loads: each rule at the level of the stack's stage. This file alone makes a PolicyPack. */
new PolicyPack("modelyard", {
  description: "Security, reliability and budget rules of an LLM serving platform.",
  policies: rules.map((rule) => crossGuardPolicy(rule, stageOfStack())),
});

/** A stack that no reviewer has placed is held to the strictest stage. */
function stageOfStack(): Stage {
  return loadStage(join(__dirname, ".."), getStack()) ?? "production";
}

function crossGuardPolicy(rule: Rule, stage: Stage): ResourceValidationPolicy {
  return {
    name: rule.name,
    displayName: rule.title,
    description: rule.description,
    severity: rule.severity,
    remediationSteps: rule.remediation,
    tags: [...rule.references],
    enforcementLevel: rule.levels[stage],
    // A value that is not known yet makes `check` throw, and CrossGuard then says that this rule could not be
    // decided in a preview; the update, in which all is known, decides it.
    validateResource: ({ type, name, urn, props }, report) => {
      for (const { field, message } of rule.check({ type, name, urn, props }))
        report(`${message} (${field}). ${rule.remediation}`);
    },
  };
}
