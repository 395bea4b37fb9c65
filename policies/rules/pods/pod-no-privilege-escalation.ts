import { eachContainer } from "../../containers";
import { path } from "../../read";
import type { Rule } from "../../rule";

/** Rule 3 of our policy research; Pod Security Standard "restricted". */
export const podNoPrivilegeEscalation: Rule = {
  name: "pod-no-privilege-escalation",
  title: "Containers cannot gain privileges",
  description:
    "Every container says `allowPrivilegeEscalation: false`. Kubernetes allows it where nothing is said, and a setuid program in the image then makes root of any user.",
  severity: "high",
  remediation:
    "Set `allowPrivilegeEscalation: false` in the `securityContext` of each container; a pod has no such field.",
  references: [
    "cis-eks-1.8.0:4.2.5",
    "pss:restricted",
    "checkov:CKV_K8S_20",
    "kube-linter:privilege-escalation-container",
    "trivy:KSV-0001",
  ],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: eachContainer(({ value }) =>
    path(value, "securityContext", "allowPrivilegeEscalation") === false
      ? undefined
      : { at: "securityContext.allowPrivilegeEscalation", message: "may gain privileges that it did not start with" },
  ),
};
