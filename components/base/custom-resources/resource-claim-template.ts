import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { meta } from "@pulumi/kubernetes/types/input";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import { apiVersions } from "../../../catalog/versions";

/**
 * Devices of which every pod claims its own: the fields that we use, as in Kubernetes 1.35. The SDK has typed classes of
 * `resource.k8s.io` before its first stable version, which clusters do not serve by default.
 */
export interface ResourceClaimTemplateSpec {
  readonly spec: { readonly devices: { readonly requests: readonly DeviceRequest[] } };
}

export interface DeviceRequest {
  readonly name: string;
  readonly exactly: {
    readonly deviceClassName: string;
    readonly allocationMode: "ExactCount";
    readonly count: number;
    /** All of them have to hold for a device. */
    readonly selectors?: readonly { readonly cel: { readonly expression: string } }[];
  };
}

export interface ResourceClaimTemplateArgs {
  readonly metadata: meta.v1.ObjectMeta;
  readonly spec: ResourceClaimTemplateSpec;
}

export class ResourceClaimTemplate extends CustomResource {
  constructor(name: string, { metadata, spec }: ResourceClaimTemplateArgs, options?: CustomResourceOptions) {
    super(name, { apiVersion: apiVersions.resource, kind: "ResourceClaimTemplate", metadata, spec }, options);
  }
}
