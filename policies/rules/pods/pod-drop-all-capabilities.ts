import { inEachContainer, type Container, type Wrong } from "../../containers";
import { elements, path } from "../../read";
import { judged, type Rule, type Undecided } from "../../rule";

/** The one capability that the standard lets a container have: to listen on a port below 1024. */
const mayBeAdded: ReadonlySet<unknown> = new Set(["NET_BIND_SERVICE"]);

/** Rule 4 of our policy research; Pod Security Standard "restricted". */
export const podDropAllCapabilities: Rule = {
  name: "pod-drop-all-capabilities",
  title: "Containers have no capabilities",
  description:
    "Every container drops ALL capabilities and adds none but NET_BIND_SERVICE. A container runtime gives a dozen where nothing is said, raw network access among them, and no engine needs them.",
  severity: "high",
  remediation:
    'Set `capabilities: { drop: ["ALL"] }` in the `securityContext` of each container. IPC_LOCK for RDMA needs a waiver.',
  references: [
    "pss:restricted",
    "checkov:CKV_K8S_25",
    "checkov:CKV_K8S_28",
    "checkov:CKV_K8S_37",
    "checkov:CKV_K8S_39",
    "kube-linter:drop-net-raw-capability",
    "trivy:KSV-0003",
    "trivy:KSV-0106",
  ],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: inEachContainer(dropsAll, addsNone),
};

function dropsAll({ value }: Container): readonly Wrong[] {
  const dropped = elements(path(value, "securityContext", "capabilities", "drop"));
  if (dropped.some(({ read }) => read() === "ALL")) return [];
  return [{ at: "securityContext.capabilities.drop", message: "does not drop ALL capabilities" }];
}

function* addsNone({ value }: Container, undecided: Undecided): Generator<Wrong> {
  for (const { index, read } of elements(path(value, "securityContext", "capabilities", "add")))
    yield* judged(() => {
      const capability = read();
      if (mayBeAdded.has(capability)) return [];
      const at = `securityContext.capabilities.add[${index}]`;
      return [{ at, message: `adds the capability ${String(capability)}` }];
    }, undecided);
}
