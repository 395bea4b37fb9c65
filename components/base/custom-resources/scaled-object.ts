import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { meta } from "@pulumi/kubernetes/types/input";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import { customApiVersions } from "../../../catalog/api-versions";

/** An autoscaler by KEDA: the fields that we use, as in kedacore/keda v2.20.2. Durations in seconds. */
export interface ScaledObjectSpec {
  readonly scaleTargetRef: ScaleTarget;
  readonly minReplicaCount: number;
  readonly maxReplicaCount: number;
  readonly pollingInterval: number;
  readonly cooldownPeriod: number;
  readonly fallback: {
    readonly failureThreshold: number;
    readonly replicas: number;
    readonly behavior: "currentReplicasIfHigher";
  };
  readonly advanced: {
    readonly restoreToOriginalReplicaCount: boolean;
    readonly horizontalPodAutoscalerConfig: {
      readonly behavior: { readonly scaleUp: ScalingBehaviour; readonly scaleDown: ScalingBehaviour };
    };
  };
  readonly triggers: readonly PrometheusTrigger[];
}

/** What is scaled: an object with a `scale` subresource, in the same namespace. */
export interface ScaleTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** As in `autoscaling/v2`. */
export interface ScalingBehaviour {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: "Max";
  readonly policies: readonly ScalingPolicy[];
}

export interface ScalingPolicy {
  readonly type: "Percent" | "Pods";
  readonly value: number;
  readonly periodSeconds: number;
}

/** One query. KEDA wants its metadata as texts, all of them. */
export interface PrometheusTrigger {
  readonly type: "prometheus";
  readonly name: string;
  readonly metricType: "AverageValue";
  readonly metadata: {
    readonly serverAddress: string;
    readonly query: string;
    readonly threshold: string;
    readonly ignoreNullValues: "false";
  };
}

export interface ScaledObjectArgs {
  readonly metadata: meta.v1.ObjectMeta;
  readonly spec: ScaledObjectSpec;
}

export class ScaledObject extends CustomResource {
  constructor(name: string, { metadata, spec }: ScaledObjectArgs, options?: CustomResourceOptions) {
    super(name, { apiVersion: customApiVersions.ScaledObject, kind: "ScaledObject", metadata, spec }, options);
  }
}
