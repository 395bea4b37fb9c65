import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { core, meta } from "@pulumi/kubernetes/types/input";
import type { CustomResourceOptions, Input } from "@pulumi/pulumi";
import { customApiVersions } from "../../../catalog/api-versions";

/** Groups of pods that live and die together: the fields that we use, as in kubernetes-sigs/lws v0.8.0. */
export interface LeaderWorkerSetSpec {
  /** Groups. */
  readonly replicas: Input<number>;
  readonly leaderWorkerTemplate: {
    /** Pods of one group, the leader among them. */
    readonly size: Input<number>;
    readonly restartPolicy: "RecreateGroupOnPodRestart" | "None";
    readonly leaderTemplate: core.v1.PodTemplateSpec;
    readonly workerTemplate: core.v1.PodTemplateSpec;
  };
  readonly rolloutStrategy: {
    readonly type: "RollingUpdate";
    /** In groups. */
    readonly rollingUpdateConfiguration: { readonly maxSurge: Input<number>; readonly maxUnavailable: Input<number> };
  };
  /** Whether workers are made with their leader, or once it is ready. */
  readonly startupPolicy: "LeaderCreated" | "LeaderReady";
  /** One headless Service for the set, named like it, or one for each group, named like its leader. */
  readonly networkConfig: { readonly subdomainPolicy: "Shared" | "UniquePerReplica" };
}

export interface LeaderWorkerSetArgs {
  readonly metadata: meta.v1.ObjectMeta;
  readonly spec: LeaderWorkerSetSpec;
}

export class LeaderWorkerSet extends CustomResource {
  constructor(name: string, { metadata, spec }: LeaderWorkerSetArgs, options?: CustomResourceOptions) {
    super(name, { apiVersion: customApiVersions.LeaderWorkerSet, kind: "LeaderWorkerSet", metadata, spec }, options);
  }
}
