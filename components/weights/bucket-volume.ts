import { PersistentVolume, PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { bucketDriver } from "../../catalog/weights";
import type { BucketVolumePlan } from "../../planning";
import { Component, labels } from "../base";

export interface BucketVolumeArgs {
  readonly environment: string;
  /** The release that reads it. */
  readonly release: string;
  readonly plan: BucketVolumePlan;
  readonly namespace: Input<string>;
}

/**
 * A bucket as a volume that pods read (Mountpoint for Amazon S3), bound to one claim of one namespace. The driver has the
 * keys, not the pods. Removing it removes nothing from the bucket.
 */
export class BucketVolume extends Component {
  readonly claim: PersistentVolumeClaim;

  constructor(
    name: string,
    { environment, release, plan, namespace }: BucketVolumeArgs,
    options?: ComponentResourceOptions,
  ) {
    super("weights:BucketVolume", name, options);
    const { claim, volume, bucket } = plan;
    const own = labels({ environment, part: "weights", instance: release });
    const made = new PersistentVolume(
      this.child("volume"),
      {
        metadata: { name: volume, labels: own },
        spec: {
          ...bound,
          capacity: { storage: bucketDriver.ignoredSize },
          persistentVolumeReclaimPolicy: "Retain",
          // No other claim of the cluster gets it.
          claimRef: { namespace, name: claim },
          mountOptions: mountOptions(plan),
          csi: { driver: bucketDriver.name, volumeHandle: volume, volumeAttributes: { bucketName: bucket } },
        },
      },
      this.own(),
    );
    this.claim = new PersistentVolumeClaim(
      this.child("claim"),
      {
        metadata: { name: claim, namespace, labels: own },
        spec: { ...bound, volumeName: volume, resources: { requests: { storage: bucketDriver.ignoredSize } } },
      },
      this.own({ dependsOn: [made] }),
    );
    this.registerOutputs({ claim: this.claim.metadata.name });
  }
}

/** What volume and claim have to have alike. An empty class: nobody makes one by itself. */
const bound = { accessModes: ["ReadOnlyMany"], storageClassName: "" };

/** Files belong to the pod's user, and other users of the machine may read them: the mount is made by root. */
function mountOptions({ region, prefix, user }: BucketVolumePlan): string[] {
  return [
    "read-only",
    `region ${region}`,
    ...(prefix === null ? [] : [`prefix ${prefix}`]),
    `uid=${user.id}`,
    `gid=${user.group}`,
    "allow-other",
  ];
}
