import { findGpu, type Gpu } from "../catalog/gpus";
import { findGpuOrInstance, migGpus, migName, migProfiles, migResource, migSource } from "../catalog/mig";
import type { ClusterSettings, Path, SharingSettings } from "../environment";
import { errorAt, type Finding } from "./findings";
import type { Arithmetic, By, DeviceClaim, Placement, GpuPoolPlan, PoolSharing } from "./plan";

/** A pool whose GPUs are shared, or claimed one by one: as its whole GPUs would be, but for what that changes. */
export interface SharedPool {
  readonly plan: GpuPoolPlan;
  readonly findings: readonly Finding[];
  readonly why: By<Arithmetic>;
}

/** What a pool needs to know of its cluster. */
export type DeviceSettings = Pick<ClusterSettings, "devices" | "kubernetes">;

/** The resource under which NVIDIA's device plugin offers shared GPUs with `renameByDefault: true`: nobody takes one for whole. */
const slicedResource = "nvidia.com/gpu.shared";
/** The first minor of Kubernetes that serves `resource.k8s.io/v1`. */
const claimsFrom = 34;

/** Makes of a pool of whole GPUs the pool that its settings describe. */
export function sharedPool(
  whole: GpuPoolPlan,
  sharing: SharingSettings | undefined,
  cluster: DeviceSettings | undefined,
): SharedPool {
  const at: Path = ["pools", whole.name, "sharing"];
  const refused = [...claimRefused(whole, sharing, cluster), ...sharingRefused(whole, sharing, at)];
  if (refused.length > 0) return { plan: whole, findings: refused, why: {} };
  const devices = cluster?.devices ?? "plugin";
  if (sharing === undefined) return { plan: { ...whole, placement: placed(whole, devices) }, findings: [], why: {} };
  const parts = partsOf(whole, sharing);
  const plan: GpuPoolPlan = {
    ...whole,
    accelerator: nameOfPart(whole.accelerator, parts),
    gpusPerNode: whole.gpusPerNode * parts.perGpu,
    interconnect: "none",
    sharing: parts,
    placement: placed({ ...whole, sharing: parts }, devices),
    usdPerGpuHour: whole.usdPerGpuHour === null ? null : whole.usdPerGpuHour / parts.perGpu,
  };
  return { plan, findings: [], why: whyOfParts(whole, plan, parts) };
}

/** GPUs, or parts of one, that a pod may have at most: parts are never combined. */
export function mostGpusOfPod({ sharing, gpusPerNode }: Pick<GpuPoolPlan, "sharing" | "gpusPerNode">): number {
  return sharing === null ? gpusPerNode : 1;
}

/**
 * The GPU as an engine on the pool finds it: whole, an instance of one, or with a part of its time. Pods that take turns
 * see all of the memory, so their shares of it have to add up; of the speed each gets the same part.
 *
 * @throws RangeError where the catalogue has no such GPU
 */
export function gpuOfPool({ accelerator, sharing }: Pick<GpuPoolPlan, "accelerator" | "sharing">): Gpu {
  const gpu = sharing?.kind === "time-slicing" ? findGpu(accelerator) : findGpuOrInstance(accelerator);
  if (gpu === undefined) throw new RangeError(`not in the catalogue: ${accelerator}`);
  return sharing?.kind === "time-slicing" ? inTurn(gpu, sharing.perGpu) : gpu;
}

function inTurn(gpu: Gpu, pods: number): Gpu {
  const { fp16Tflops, fp8Tflops, int8Tops, fp4Tflops } = gpu.dense;
  const part = (speed: number | null): number | null => (speed === null ? null : speed / pods);
  return {
    ...gpu,
    memoryBandwidthGBps: gpu.memoryBandwidthGBps / pods,
    dense: {
      fp16Tflops: fp16Tflops / pods,
      fp8Tflops: part(fp8Tflops),
      int8Tops: part(int8Tops),
      fp4Tflops: part(fp4Tflops),
    },
    nvlinkGBps: null,
  };
}

function partsOf(whole: GpuPoolPlan, sharing: SharingSettings): PoolSharing {
  const gpus = whole.gpusPerNode;
  if ("timeSlicing" in sharing) return { kind: "time-slicing", perGpu: sharing.timeSlicing, gpus };
  const profile = profilesOf(whole).find(({ name }) => name === sharing.mig);
  if (profile === undefined) throw new RangeError(`a profile that was refused: ${sharing.mig}`);
  return { kind: "mig", profile: profile.name, perGpu: profile.perGpu, gpus };
}

function profilesOf({ accelerator }: GpuPoolPlan) {
  const gpu = findGpu(accelerator);
  return gpu === undefined ? [] : migProfiles(gpu);
}

function nameOfPart(accelerator: string, parts: PoolSharing): string {
  return parts.kind === "mig" ? migName(accelerator, parts.profile) : accelerator;
}

function placed({ placement, sharing }: GpuPoolPlan, devices: DeviceSettings["devices"]): Placement {
  if (devices === "dra") return { ...placement, claim: claimOf(sharing) };
  if (sharing === null) return placement;
  return { ...placement, gpuResource: sharing.kind === "mig" ? migResource(sharing.profile) : slicedResource };
}

/** Classes and attributes of NVIDIA's DRA driver. */
function claimOf(sharing: PoolSharing | null): DeviceClaim {
  if (sharing?.kind !== "mig") return { deviceClass: "gpu.nvidia.com", selectors: [] };
  const ofProfile = `device.attributes['gpu.nvidia.com'].profile == '${sharing.profile}'`;
  return { deviceClass: "mig.nvidia.com", selectors: [ofProfile] };
}

function claimRefused(
  { name }: GpuPoolPlan,
  sharing: SharingSettings | undefined,
  cluster: DeviceSettings | undefined,
): readonly Finding[] {
  if (cluster?.devices !== "dra") return [];
  const minor = Number(cluster.kubernetes.split(".")[1]);
  if (minor < claimsFrom) {
    const message = `the machines of ${name} have their devices claimed (\`devices: dra\`), and Kubernetes ${cluster.kubernetes} does not serve resource.k8s.io/v1, which came with 1.${claimsFrom}`;
    return [errorAt(["pools", name], "devices-not-claimable", message, "Write `devices: plugin`, or upgrade.")];
  }
  if (sharing === undefined || "mig" in sharing) return [];
  const message = `GPUs of ${name} that pods take turns on cannot be claimed: the DRA driver offers each to one claim`;
  const fix = "Write `devices: plugin` for the cluster, partition the GPUs with `mig`, or do not share them.";
  return [errorAt(["pools", name, "sharing"], "devices-not-claimable", message, fix)];
}

function sharingRefused(whole: GpuPoolPlan, sharing: SharingSettings | undefined, at: Path): readonly Finding[] {
  if (sharing === undefined || "timeSlicing" in sharing) return [];
  const profiles = profilesOf(whole);
  if (profiles.some(({ name }) => name === sharing.mig)) return [];
  if (profiles.length === 0) {
    const message = `${whole.accelerator} cannot be partitioned: it has no MIG`;
    const fix = `Remove \`sharing\`, or use a GPU that has it: ${migGpus.join(", ")}.`;
    return [errorAt(at, "sharing-impossible", message, fix)];
  }
  const message = `${whole.accelerator} has no MIG profile ${sharing.mig}`;
  const names = profiles.map(({ name, perGpu }) => `${name} (${perGpu} of a GPU)`).join(", ");
  return [errorAt([...at, "mig"], "sharing-impossible", message, `Its profiles: ${names}.`)];
}

function whyOfParts(whole: GpuPoolPlan, plan: GpuPoolPlan, parts: PoolSharing): By<Arithmetic> {
  const perGpu =
    parts.kind === "mig"
      ? { name: `${parts.profile} of one ${whole.accelerator}`, value: parts.perGpu, source: migSource.source }
      : { name: "pods that take turns on one GPU", value: parts.perGpu, source: "the setting `sharing.timeSlicing`" };
  const gpus = { name: "GPUs of a machine", value: parts.gpus };
  const wholePrice = { name: "a whole GPU", value: whole.usdPerGpuHour ?? "unknown", unit: "$/GPU-hour" };
  const price: Arithmetic = {
    formula: "price of a whole GPU ÷ parts of one",
    terms: [wholePrice, perGpu],
    result: plan.usdPerGpuHour ?? "unknown",
    unit: "$/h",
  };
  return {
    gpusPerNode: { formula: "GPUs of a machine × parts of one", terms: [gpus, perGpu], result: plan.gpusPerNode },
    "sharing.perGpu": { formula: "parts of one GPU", terms: [perGpu], result: parts.perGpu },
    "sharing.gpus": { formula: "whole GPUs of a machine", terms: [gpus], result: parts.gpus },
    ...(plan.usdPerGpuHour === null ? {} : { usdPerGpuHour: price }),
  };
}
