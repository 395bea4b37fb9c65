import type { Report, ReportFinding } from "../../../tools/report/report";

export const place = { file: "stacks/prod.yaml", line: 12, column: 5 };
const urn = "urn:pulumi:prod::modelyard::modelyard:releases:VllmRelease$kubernetes:apps/v1:Deployment::chat-deployment";
export const open: ReportFinding = {
  source: "policy",
  rule: "image-no-latest-tag",
  level: "error",
  state: "open",
  place,
  resource: urn,
  field: "spec.template.spec.containers[0].image",
  message: "container vllm runs x:latest, whose tag moves",
  advice: "Name the version.",
};
/** One finding in every state. */
export const all: Report = {
  command: "check",
  environment: "prod",
  stage: "production",
  rules: [
    {
      name: "image-no-latest-tag",
      title: "Images have a tag that says a version",
      help: "Name the version.",
      severity: "medium",
      tags: ["checkov:CKV_K8S_14"],
    },
    {
      name: "pod-no-privileged",
      title: "No privileged containers",
      help: "Remove it.",
      severity: "critical",
      tags: [],
    },
    { name: "pool-too-small", title: "Pods find no place", help: "Raise it.", tags: ["planning"] },
  ],
  findings: [
    open,
    {
      ...open,
      state: "waived",
      level: "note",
      advice: "Until 2026-12-31 by WVR-2026-001, lead: being rebuilt this month",
    },
    { ...open, state: "indeterminate", advice: "The update itself decides it." },
    {
      source: "planning",
      rule: "pool-too-small",
      level: "note",
      state: "overridden",
      place,
      message: "1 of 5 pods find no place",
      advice: "Until 2026-12-31: measured",
    },
    {
      source: "planning",
      rule: "pool-too-small",
      level: "warning",
      state: "open",
      place,
      message: "little room",
      advice: "Raise it.",
    },
  ],
  checked: { rules: 3, resources: 26 },
};
export const nothing: Report = { ...all, findings: [] };
