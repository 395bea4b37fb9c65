/**
 * The versions of everything that is built, downloaded or accepted. This is their only home in
 * TypeScript; a test compares it with package.json and with the go.mod of every part.
 */
export const versions = {
  /** The Pulumi CLI: the version of the installed `@pulumi/pulumi`, so that SDK and engine were made for each other. */
  pulumi: "3.246.0",
  /** The Kubernetes provider: the version of the installed `@pulumi/kubernetes`. */
  kubernetesProvider: "4.25.0",
  /**
   * The same provider as a Go module. Its repository has no tag `provider/v4.25.0`, so Go knows the
   * commit of tag v4.25.0 only under this pseudo-version.
   */
  kubernetesProviderModule: "v4.0.0-20260115033456-f47bc2d6f199",
  /** kube-apiserver, kube-controller-manager, kube-scheduler and kubectl. */
  kubernetes: "1.35.4",
  /** The etcd that Kubernetes 1.35.4 itself requires in its go.mod. */
  etcd: "3.6.5",
  kwok: "0.8.0",
  /** The oldest Go that can build the parts: the `go` line of their modules. */
  go: "1.26",
} as const;
