import { inEachPod, type Wrong } from "../../containers";
import { elements, field, names } from "../../read";
import { judged, type Rule } from "../../rule";

/** What the standard lets a pod mount, beside the volume's name. A volume that says nothing else is an emptyDir. */
const harmless: ReadonlySet<string> = new Set([
  "name",
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  // k8s.io/pod-security-admission 0.35.4, policy/check_restrictedVolumes.go: the kubelet mounts it read-only and noexec.
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** Rule 8 of our policy research; Pod Security Standard "restricted". */
export const podVolumeTypesRestricted: Rule = {
  name: "pod-volume-types-restricted",
  title: "Pods mount only harmless kinds of volumes",
  description:
    "Every volume is of a kind that the restricted standard allows; hostPath is not. A path of the machine is open to all that run there, and some of them, such as the runtime's socket, are as good as root.",
  severity: "high",
  remediation: "Use a claim instead; a model cache on the machine's own disk is a local PersistentVolume.",
  references: [
    "pss:restricted",
    "checkov:CKV_K8S_27",
    "kube-linter:docker-sock",
    "kube-linter:sensitive-host-mounts",
    "trivy:KSV-0023",
    "trivy:KSV-0028",
  ],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: inEachPod(function* (pod, undecided) {
    for (const { index, read } of elements(field(pod.value, "volumes")))
      yield* judged(() => kindsOf(read(), `volumes[${index}]`), undecided);
  }),
};

/** A field of a forbidden kind tells enough, also while its value is not known. */
function kindsOf(volume: unknown, place: string): readonly Wrong[] {
  return names(volume)
    .filter((kind) => !harmless.has(kind))
    .map((kind) => ({ at: `${place}.${kind}`, message: `mounts a volume of the kind ${kind}` }));
}
