import type { Source } from "./fact";

/** The Kubernetes minor that this program is tested with. */
export const kubernetesMinor = "1.35";

/** Pod Security Standards as they are in a minor, so that an upgrade of the cluster does not change the rules. */
export function podSecurityVersion(minor: string): string {
  return `v${minor}`;
}

/** API versions of the Kubernetes objects that are declared, by API group. */
export const apiVersions = {
  core: "v1",
  apps: "apps/v1",
  batch: "batch/v1",
  policy: "policy/v1",
  networking: "networking.k8s.io/v1",
  scheduling: "scheduling.k8s.io/v1",
  resource: "resource.k8s.io/v1",
} as const;

/** Where these come from: each group above is served and stable in that minor. */
export const kubernetesSource: Source = {
  source: "kubernetes/kubernetes v1.35.4, the control plane that tests run",
  date: "2026-11-21",
  standing: "exact",
};
