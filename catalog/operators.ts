import type { CustomKind } from "./api-versions";
import type { Source } from "./fact";

/** What an environment may ask a cluster to have beyond Kubernetes itself. */
export type OperatorId = "keda" | "leader-worker-set" | "kuberay" | "prometheus-operator";

/** Manifests in a publisher's Go module. */
export interface PublishedManifests {
  /** Files, or folders of YAML files, below the module's root. */
  readonly from: readonly string[];
  /** Name of an object → the file with the JSON Patch (RFC 6902) that the publisher's kustomization applies to it. */
  readonly patches: Readonly<Record<string, string>>;
}

/** An operator in the version that declarations are made for. Its source is its Go module. */
export interface Operator extends Source {
  readonly id: OperatorId;
  /** For people. */
  readonly title: string;
  /** Without the "v" of its tag. */
  readonly version: string;
  /** Path of the Go module. */
  readonly module: string;
  readonly homepage: string;
  /** Where its CustomResourceDefinitions are. */
  readonly definitions: PublishedManifests;
  /** Where its webhook configurations are, when it cannot do its work without them. */
  readonly webhooks?: PublishedManifests;
  /** The kinds of it that we declare; their API versions are in api-versions.ts. */
  readonly kinds: readonly CustomKind[];
}

const standing = "exact";

/** Operators by id. */
export const operators: Readonly<Record<OperatorId, Operator>> = {
  keda: {
    id: "keda",
    title: "KEDA",
    version: "2.20.2",
    module: "github.com/kedacore/keda/v2",
    homepage: "https://keda.sh/docs/2.20/deploy/",
    definitions: {
      from: ["config/crd/bases"],
      patches: {
        "scaledjobs.keda.sh": "config/crd/patches/scaledjob_patch.yaml",
        "scaledobjects.keda.sh": "config/crd/patches/scaledobject_patch.yaml",
      },
    },
    kinds: ["ScaledObject", "ScaledJob", "TriggerAuthentication", "ClusterTriggerAuthentication"],
    source: "kedacore/keda v2.20.2, config/crd",
    date: "2026-07-31",
    standing,
  },
  "leader-worker-set": {
    id: "leader-worker-set",
    title: "LeaderWorkerSet",
    version: "0.8.0",
    module: "sigs.k8s.io/lws",
    homepage: "https://lws.sigs.k8s.io/docs/installation/",
    definitions: { from: ["config/crd/bases"], patches: {} },
    webhooks: {
      from: ["config/webhook/manifests.yaml"],
      patches: {
        "mutating-webhook-configuration": "config/webhook/mutating-patch.yaml",
        "validating-webhook-configuration": "config/webhook/validating-patch.yaml",
      },
    },
    kinds: ["LeaderWorkerSet"],
    source: "kubernetes-sigs/lws v0.8.0, config/crd and config/webhook",
    date: "2026-01-26",
    standing,
  },
  kuberay: {
    id: "kuberay",
    title: "KubeRay",
    version: "1.5.1",
    module: "github.com/ray-project/kuberay/ray-operator",
    homepage: "https://docs.ray.io/en/latest/cluster/kubernetes/getting-started/kuberay-operator-installation.html",
    definitions: { from: ["config/crd/bases"], patches: {} },
    kinds: ["RayCluster", "RayJob", "RayService"],
    source: "ray-project/kuberay ray-operator/v1.5.1, config/crd",
    date: "2025-11-21",
    standing,
  },
  "prometheus-operator": {
    id: "prometheus-operator",
    title: "the Prometheus operator",
    version: "0.93.1",
    module: "github.com/prometheus-operator/prometheus-operator",
    homepage: "https://prometheus-operator.dev/docs/getting-started/installation/",
    definitions: { from: ["example/prometheus-operator-crd"], patches: {} },
    kinds: [
      "ServiceMonitor",
      "PodMonitor",
      "Probe",
      "PrometheusRule",
      "Prometheus",
      "Alertmanager",
      "ThanosRuler",
      "ScrapeConfig",
      "AlertmanagerConfig",
      "PrometheusAgent",
    ],
    source: "prometheus-operator/prometheus-operator v0.93.1, example/prometheus-operator-crd",
    date: "2026-08-10",
    standing,
  },
};

/** Every id, in the order of the table. */
export const operatorIds: readonly OperatorId[] = Object.values(operators).map(({ id }) => id);
