import { eachContainer, securitySetting } from "../../containers";
import type { Rule } from "../../rule";

/** Rule 1 of our policy research; Pod Security Standard "restricted". */
export const podRunAsNonRoot: Rule = {
  name: "pod-run-as-non-root",
  title: "Containers do not run as root",
  description:
    "Every container says `runAsNonRoot: true`, itself or through its pod, and none runs as user 0. Many engine images start as root where nothing is said, and root in a container is root on the machine after one flaw of the runtime.",
  severity: "high",
  remediation:
    "Set `runAsNonRoot: true` and the image's own user in the pod's `securityContext`: 2000 for vLLM, 1000 for Triton.",
  references: [
    "pss:restricted",
    "checkov:CKV_K8S_23",
    "checkov:CKV_K8S_29",
    "checkov:CKV_K8S_30",
    "kube-linter:run-as-non-root",
    "kube-score:container-security-context-user-group-id",
    "trivy:KSV-0012",
    "trivy:KSV-0105",
  ],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: eachContainer(
    (container) =>
      securitySetting(container, "runAsNonRoot") === true
        ? undefined
        : { at: "securityContext.runAsNonRoot", message: "may run as root: neither it nor its pod forbids that" },
    (container) =>
      securitySetting(container, "runAsUser") === 0
        ? { at: "securityContext.runAsUser", message: "runs as user 0, which is root" }
        : undefined,
  ),
};
