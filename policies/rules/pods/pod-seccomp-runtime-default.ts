import { eachContainer, securitySetting } from "../../containers";
import type { Rule } from "../../rule";

const filtered: ReadonlySet<unknown> = new Set(["RuntimeDefault", "Localhost"]);

/** Rule 5 of our policy research; Pod Security Standard "restricted". */
export const podSeccompRuntimeDefault: Rule = {
  name: "pod-seccomp-runtime-default",
  title: "System calls are filtered",
  description:
    "Every container has a seccomp profile, RuntimeDefault or one of the machine, itself or through its pod. Kubernetes filters no system call where nothing is said, and most ways out of a container need a rare one.",
  severity: "medium",
  remediation: "Set `seccompProfile: { type: RuntimeDefault }` in the pod's `securityContext`.",
  references: [
    "pss:restricted",
    "checkov:CKV_K8S_31",
    "kube-score:container-seccomp-profile",
    "trivy:KSV-0030",
    "trivy:KSV-0104",
  ],
  levels: { development: "advisory", staging: "mandatory", production: "mandatory" },
  check: eachContainer((container) =>
    filtered.has(securitySetting(container, "seccompProfile", "type"))
      ? undefined
      : { at: "securityContext.seccompProfile", message: "runs without a filter of system calls" },
  ),
};
