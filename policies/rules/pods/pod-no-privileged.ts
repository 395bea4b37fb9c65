import { eachContainer } from "../../containers";
import { path } from "../../read";
import type { Rule } from "../../rule";

/** Rule 6 of our policy research; Pod Security Standard "baseline". */
export const podNoPrivileged: Rule = {
  name: "pod-no-privileged",
  title: "No privileged containers",
  description:
    "No container runs privileged. A privileged container is root on its machine, and with it on every model, key and request there.",
  severity: "critical",
  remediation: "Remove `privileged: true`. GPUs reach a container through the device plugin, which needs no privilege.",
  references: [
    "pss:baseline",
    "cis-eks-1.8.0:4.2.1",
    "checkov:CKV_K8S_16",
    "kube-linter:privileged-container",
    "trivy:KSV-0017",
  ],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: eachContainer(({ value }) =>
    path(value, "securityContext", "privileged") === true
      ? { at: "securityContext.privileged", message: "runs privileged" }
      : undefined,
  ),
};
