/**
 * API versions of the custom resources that are declared, by kind: the only place where they are written. Each is
 * served by the operator's version in operators.ts; a test of the slower suite reads that in the definitions.
 */
export const customApiVersions = {
  ScaledObject: "keda.sh/v1alpha1",
  ScaledJob: "keda.sh/v1alpha1",
  TriggerAuthentication: "keda.sh/v1alpha1",
  ClusterTriggerAuthentication: "keda.sh/v1alpha1",
  LeaderWorkerSet: "leaderworkerset.x-k8s.io/v1",
  RayCluster: "ray.io/v1",
  RayJob: "ray.io/v1",
  RayService: "ray.io/v1",
  ServiceMonitor: "monitoring.coreos.com/v1",
  PodMonitor: "monitoring.coreos.com/v1",
  Probe: "monitoring.coreos.com/v1",
  PrometheusRule: "monitoring.coreos.com/v1",
  Prometheus: "monitoring.coreos.com/v1",
  Alertmanager: "monitoring.coreos.com/v1",
  ThanosRuler: "monitoring.coreos.com/v1",
  ScrapeConfig: "monitoring.coreos.com/v1alpha1",
  AlertmanagerConfig: "monitoring.coreos.com/v1alpha1",
  PrometheusAgent: "monitoring.coreos.com/v1alpha1",
} as const;

/** A kind of custom resource that we know the API version of. */
export type CustomKind = keyof typeof customApiVersions;
