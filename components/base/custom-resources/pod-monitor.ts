import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { meta } from "@pulumi/kubernetes/types/input";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import { customApiVersions } from "../../../catalog/api-versions";

/** Pods whose metrics are collected: the fields that we use, as in prometheus-operator v0.93.1. */
export interface PodMonitorSpec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  /** Labels of the pods that their series carry, too, with `_` for what is no letter or digit. */
  readonly podTargetLabels: readonly string[];
  readonly podMetricsEndpoints: readonly {
    /** Name of the container's port. */
    readonly port: string;
    readonly path: string;
    /** As `15s`. */
    readonly interval: string;
  }[];
}

export interface PodMonitorArgs {
  readonly metadata: meta.v1.ObjectMeta;
  readonly spec: PodMonitorSpec;
}

export class PodMonitor extends CustomResource {
  constructor(name: string, { metadata, spec }: PodMonitorArgs, options?: CustomResourceOptions) {
    super(name, { apiVersion: customApiVersions.PodMonitor, kind: "PodMonitor", metadata, spec }, options);
  }
}
