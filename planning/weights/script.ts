import type { BucketCredentials, SecretKeySettings, WeightsSettings } from "../../environment";
import type { By, ContainerPlan, MountPlan } from "../plan";
import { bucketFolder, hubFolderName, keptPath, type HubModel } from "./choice";

/** Where the scripts are mounted. */
const scriptsPath = "/scripts";
export const scriptsVolume = "scripts";
export const keptVolume = "kept";

type Hub = Extract<WeightsSettings, { from: "hub" }>;
type Bucket = Extract<WeightsSettings, { from: "s3" }>;

/** A container that runs our script with the Python of the engine's image, which the machine has anyhow. */
function scriptContainer(
  name: string,
  image: string,
  args: readonly string[],
  secretVariables: By<SecretKeySettings>,
  mounts: readonly MountPlan[],
): ContainerPlan {
  return {
    name,
    image,
    command: ["python3", `${scriptsPath}/weights.py`],
    args,
    variables: { PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
    secretVariables,
    ports: {},
    mounts: [{ volume: scriptsVolume, path: scriptsPath, readOnly: true }, ...mounts],
  };
}

const keptMount: MountPlan = { volume: keptVolume, path: keptPath, readOnly: false };

/** Copies repositories of the hub into the volume that keeps them. */
export function copyHub({ token }: Hub, models: readonly HubModel[], image: string): ContainerPlan {
  const wanted = models.flatMap((model) => ["--model", model.repository, model.revision, hubFolderName(model)]);
  const secret: By<SecretKeySettings> = token === undefined ? {} : { HF_TOKEN: token };
  return scriptContainer("weights", image, ["copy-hub", `--into=${keptPath}`, ...wanted], secret, [keptMount]);
}

/**
 * Copies a directory of a bucket.
 *
 * @param mount where the copy goes
 */
export function copyBucket(weights: Bucket, image: string, mount: MountPlan = keptMount): ContainerPlan {
  const args = ["copy-s3", `--into=${bucketFolder(weights)}`, ...bucketArgs(weights)];
  return scriptContainer("weights", image, args, bucketKeys(weights.credentials), [mount]);
}

/** Compares a directory of a bucket with its manifest and copies nothing. */
export function checkBucket(weights: Bucket, image: string): ContainerPlan {
  const args = ["check-s3", ...bucketArgs(weights)];
  return scriptContainer("weights", image, args, bucketKeys(weights.credentials), []);
}

function bucketArgs({ bucket, path, region, manifest, endpoint }: Bucket): readonly string[] {
  return [
    `--bucket=${bucket}`,
    `--path=${path}`,
    `--region=${region}`,
    `--manifest=${manifest}`,
    ...(endpoint === undefined ? [] : [`--endpoint=${endpoint}`]),
  ];
}

/** Keys as every SDK of AWS reads them. With `identity` EKS itself sets variables in the pod. */
export function bucketKeys(credentials: BucketCredentials): By<SecretKeySettings> {
  if (credentials === "identity") return {};
  const { secret, accessKeyId, secretAccessKey } = credentials;
  return {
    AWS_ACCESS_KEY_ID: { secret, key: accessKeyId },
    AWS_SECRET_ACCESS_KEY: { secret, key: secretAccessKey },
  };
}
