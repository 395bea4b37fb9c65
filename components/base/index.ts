export { Component } from "./component";
export {
  LeaderWorkerSet,
  type LeaderWorkerSetArgs,
  type LeaderWorkerSetSpec,
} from "./custom-resources/leader-worker-set";
export { PodMonitor, type PodMonitorSpec } from "./custom-resources/pod-monitor";
export { RayService, type RayServiceArgs, type RayServiceSpec } from "./custom-resources/ray-service";
export { ResourceClaimTemplate, type ResourceClaimTemplateSpec } from "./custom-resources/resource-claim-template";
export {
  ScaledObject,
  type PrometheusTrigger,
  type ScaledObjectSpec,
  type ScaleTarget,
  type ScalingBehaviour,
  type ScalingPolicy,
} from "./custom-resources/scaled-object";
export { labels, ownershipLabel, partLabel, selectorLabels, type Identity } from "./labels";
export type { Pool } from "./pool";
export type { SecretRef } from "./secret-ref";
export { transformed, type Transform } from "./transform";
