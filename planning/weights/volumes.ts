import type { BucketVolumePlan, MountPlan, VolumePlan } from "../plan";
import { digestName } from "./digest";

/** Files that engines read and never write: weights, or a repository of models. */
export type ReadSource =
  | { readonly kind: "claim"; readonly claim: string; readonly path?: string }
  | { readonly kind: "image"; readonly image: string; readonly path?: string }
  /** Through Mountpoint for Amazon S3, whose driver has the keys; the pod has none and talks to nobody for it. */
  | { readonly kind: "bucket"; readonly bucket: string; readonly region: string; readonly path?: string };

/** A volume with files to read, and what has to be declared for it. */
export interface ReadVolume {
  readonly volume: VolumePlan;
  readonly mount: MountPlan;
  /** Of a bucket alone. */
  readonly bucket?: BucketVolumePlan;
}

/** What a read-only volume is for whom. */
export interface ReadVolumeFor {
  readonly environment: string;
  readonly release: string;
  /** Name of the volume in the pod. */
  readonly name: string;
  /** Where the container reads it. */
  readonly mountPath: string;
  /** Who reads: files of a bucket belong to whom the mount says. */
  readonly user: { readonly id: number; readonly group: number };
}

/** A volume that pods read and cannot write. */
export function readVolume(
  source: ReadSource,
  { environment, release, name, mountPath, user }: ReadVolumeFor,
): ReadVolume {
  const mount: MountPlan = { volume: name, path: mountPath, readOnly: true };
  const inside: MountPlan = source.path === undefined ? mount : { ...mount, subPath: source.path };
  switch (source.kind) {
    case "claim":
      return { volume: { kind: "claim", claim: source.claim, readOnly: true }, mount: inside };
    case "image":
      return { volume: { kind: "image", reference: source.image }, mount: inside };
    case "bucket": {
      const bucket = bucketVolume(source, environment, release, name, user);
      // The path is the volume's own prefix: nothing else of the bucket is there.
      return { volume: { kind: "claim", claim: bucket.claim, readOnly: true }, mount, bucket };
    }
  }
}

/** A bucket or prefix, and the claim by which pods read it. Another bucket or prefix makes another: a volume's source cannot change. */
function bucketVolume(
  { bucket, region, path }: Extract<ReadSource, { kind: "bucket" }>,
  environment: string,
  release: string,
  name: string,
  user: ReadVolumeFor["user"],
): BucketVolumePlan {
  const claim = digestName(`${release} ${name}`, { bucket, region, path, user });
  return {
    claim,
    volume: `${environment}-${claim}`,
    bucket,
    region,
    prefix: path === undefined ? null : `${path}/`,
    user,
  };
}
