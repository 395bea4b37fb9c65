import { field, path, text } from "../../read";
import { judged, type Rule, type Violation } from "../../rule";

/** The Pod Security Standards, weakest first. */
const standards = ["privileged", "baseline", "restricted"] as const;
type Standard = (typeof standards)[number];

/** Namespaces that may be weaker than restricted, and how weak. Reviewers own this list. */
const exceptions: readonly { readonly name: RegExp; readonly standard: Standard }[] = [
  // Exporters of machine metrics need ports and files of their machine.
  { name: /^(.+-)?(monitoring|observability)$/, standard: "baseline" },
  // Drivers, device plugins and storage drivers work on the machine itself.
  { name: /^(gpu-operator|kube-system)$/, standard: "privileged" },
];

/** Rule 12 of our policy research. */
export const namespacePsaLabels: Rule = {
  name: "namespace-psa-labels",
  title: "Namespaces enforce a Pod Security Standard",
  description:
    "Every namespace has the labels of Pod Security Admission for enforce, warn and audit, each with a pinned version, and none is weaker than its namespace may be: restricted, unless it is on the list of exceptions. Without the labels the API server takes any pod that anybody sends it, past this pack.",
  severity: "high",
  remediation:
    "Set `pod-security.kubernetes.io/<mode>: restricted` and `pod-security.kubernetes.io/<mode>-version: v1.N` for enforce, warn and audit.",
  references: ["pss:restricted", "cis-eks-1.8.0:4.2", "kyverno:psa"],
  levels: { development: "advisory", staging: "mandatory", production: "mandatory" },
  check: function* ({ type, props }, undecided) {
    if (type !== "kubernetes:core/v1:Namespace") return;
    for (const mode of ["enforce", "warn", "audit"]) {
      const label = `pod-security.kubernetes.io/${mode}`;
      yield* judged(() => standardOf(label, props), undecided);
      yield* judged(() => versionOf(`${label}-version`, props), undecided);
    }
  },
};

function standardOf(label: string, props: unknown): readonly Violation[] {
  const given = labelOf(props, label);
  const standard = standards.find((known) => known === given);
  if (standard === undefined) return [wrong(label, `names no standard: ${given ?? "the label is missing"}`)];
  const demanded = standard === "restricted" ? standard : demandedOf(text(path(props, "metadata", "name")) ?? "");
  if (standards.indexOf(standard) >= standards.indexOf(demanded)) return [];
  return [wrong(label, `is ${standard}, and this namespace must be ${demanded}`)];
}

function versionOf(label: string, props: unknown): readonly Violation[] {
  const version = labelOf(props, label);
  if (version !== undefined && /^v1\.\d+$/.test(version)) return [];
  return [wrong(label, `pins no version such as v1.35: ${version ?? "the label is missing"}`)];
}

function labelOf(props: unknown, label: string): string | undefined {
  return text(field(path(props, "metadata", "labels"), label));
}

function demandedOf(namespace: string): Standard {
  return exceptions.find(({ name }) => name.test(namespace))?.standard ?? "restricted";
}

function wrong(label: string, message: string): Violation {
  return { field: `metadata.labels["${label}"]`, message: `the label ${label} ${message}` };
}
