import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { core, meta } from "@pulumi/kubernetes/types/input";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import { customApiVersions } from "../../../catalog/api-versions";

/** A cluster of Ray and what Ray Serve runs on it: the fields that we use, as in ray-project/kuberay v1.5.1. */
export interface RayServiceSpec {
  /** What Serve runs, as YAML of `ray.serve.schema.ServeDeploySchema`. */
  readonly serveConfigV2: string;
  readonly upgradeStrategy: { readonly type: "NewCluster" | "None" };
  /** The Service in front of everything that serves; the operator gives it its selector. */
  readonly serveService: { readonly metadata: meta.v1.ObjectMeta; readonly spec: core.v1.ServiceSpec };
  /** The head is not sent requests. */
  readonly excludeHeadPodFromServeSvc: boolean;
  readonly rayClusterConfig: {
    readonly rayVersion: string;
    /** The operator makes a token, without which nobody is answered. */
    readonly authOptions: { readonly mode: "token" };
    readonly enableInTreeAutoscaling: boolean;
    readonly autoscalerOptions?: {
      readonly securityContext: core.v1.SecurityContext;
      readonly resources: core.v1.ResourceRequirements;
    };
    readonly headGroupSpec: RayGroup;
    readonly workerGroupSpecs: readonly (RayGroup & {
      readonly groupName: string;
      readonly replicas: number;
      readonly minReplicas: number;
      readonly maxReplicas: number;
    })[];
  };
}

interface RayGroup {
  /** Options of `ray start`, without their dashes. */
  readonly rayStartParams: Readonly<Record<string, string>>;
  readonly template: core.v1.PodTemplateSpec;
}

export interface RayServiceArgs {
  readonly metadata: meta.v1.ObjectMeta;
  readonly spec: RayServiceSpec;
}

export class RayService extends CustomResource {
  constructor(name: string, { metadata, spec }: RayServiceArgs, options?: CustomResourceOptions) {
    super(name, { apiVersion: customApiVersions.RayService, kind: "RayService", metadata, spec }, options);
  }
}
