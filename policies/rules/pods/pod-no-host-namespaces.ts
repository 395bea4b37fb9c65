import { inEachPod, type Pod, type Wrong } from "../../containers";
import { field } from "../../read";
import type { Rule } from "../../rule";

/** Rule 7 of our policy research; Pod Security Standard "baseline". */
export const podNoHostNamespaces: Rule = {
  name: "pod-no-host-namespaces",
  title: "Pods do not share namespaces of their machine",
  description:
    "No pod uses the network, the processes or the shared memory of its machine. Network policies do not hold on the machine's network, and its processes and memory belong to other tenants.",
  severity: "critical",
  remediation:
    "Remove `hostNetwork`, `hostPID` and `hostIPC`. Workers of one engine share memory through a volume of medium Memory at /dev/shm, not through `--ipc=host`.",
  references: [
    "cis-eks-1.8.0:4.2.2",
    "cis-eks-1.8.0:4.2.3",
    "cis-eks-1.8.0:4.2.4",
    "pss:baseline",
    "checkov:CKV_K8S_17",
    "checkov:CKV_K8S_18",
    "checkov:CKV_K8S_19",
    "kube-linter:host-ipc",
    "kube-linter:host-network",
    "kube-linter:host-pid",
    "trivy:KSV-0008",
    "trivy:KSV-0009",
    "trivy:KSV-0010",
  ],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: inEachPod(
    without("hostNetwork", "uses the network of its machine"),
    without("hostPID", "sees the processes of its machine"),
    without("hostIPC", "shares memory with the processes of its machine"),
  ),
};

function without(at: string, message: string): (pod: Pod) => readonly Wrong[] {
  return ({ value }) => (field(value, at) === true ? [{ at, message }] : []);
}
