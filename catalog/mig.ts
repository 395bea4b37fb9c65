import type { Source } from "./fact";
import { findGpu, type Gpu } from "./gpus";

/** A kind of instance into which a GPU can be partitioned by hardware (MIG, multi-instance GPU). */
export interface MigProfile {
  /** As `1g.10gb`. */
  readonly name: string;
  /** Share of the GPU's memory and of its bandwidth. */
  readonly memoryShare: number;
  /** Share of the GPU's multiprocessors, at least. */
  readonly computeShare: number;
  /** Instances of this kind that one GPU has when it has no others. */
  readonly perGpu: number;
}

/** Where `migProfiles` comes from. */
export const migSource: Source = {
  source: "NVIDIA Multi-Instance GPU User Guide, Supported GPUs and Supported MIG Profiles",
  date: "2026-11-21",
  standing: "exact",
  note: "Without the profiles with media extensions (+me). Names of H100 NVL and GH200 follow the guide's rule; the share of multiprocessors is ours: 14 of the 108 of an A100 and 16 of the 132 of an H100 are about an eighth for each `g`.",
};

/** What an instance has less than its share of the memory: nvidia-smi shows 4.75 GiB of an A100's 39.4, and 9.5 of 79.2. */
const memoryKept = 0.955;

type Geometry = readonly (readonly [compute: number, memoryShare: number, perGpu: number])[];

/** Seven slices of compute and eight of memory. */
const sevenths: Geometry = [
  [1, 1 / 8, 7],
  [1, 2 / 8, 4],
  [2, 2 / 8, 3],
  [3, 4 / 8, 2],
  [4, 4 / 8, 1],
  [7, 1, 1],
];

/** Four slices of both. */
const quarters: Geometry = [
  [1, 1 / 4, 4],
  [2, 2 / 4, 2],
  [4, 1, 1],
];

interface Partitioned {
  readonly gpus: readonly string[];
  readonly geometry: Geometry;
  /** Gigabytes in the profiles' names, in the order of the geometry. */
  readonly gigabytes: readonly number[];
}

const partitioned: readonly Partitioned[] = [
  { gpus: ["A30"], geometry: quarters, gigabytes: [6, 12, 24] },
  { gpus: ["A100-40GB", "A100-40GB-PCIe"], geometry: sevenths, gigabytes: [5, 10, 10, 20, 20, 40] },
  {
    gpus: ["A100-80GB", "A100-80GB-PCIe", "H100-80GB", "H100-80GB-PCIe"],
    geometry: sevenths,
    gigabytes: [10, 20, 20, 40, 40, 80],
  },
  { gpus: ["H100-NVL"], geometry: sevenths, gigabytes: [12, 24, 24, 47, 47, 94] },
  { gpus: ["GH200"], geometry: sevenths, gigabytes: [12, 24, 24, 48, 48, 96] },
  { gpus: ["H200"], geometry: sevenths, gigabytes: [18, 35, 35, 71, 71, 141] },
  { gpus: ["B200"], geometry: sevenths, gigabytes: [23, 45, 45, 90, 90, 180] },
  { gpus: ["RTX-PRO-6000"], geometry: quarters, gigabytes: [24, 48, 96] },
];

/** The profiles that a GPU can be partitioned into; none where it cannot. */
export function migProfiles(gpu: Gpu): readonly MigProfile[] {
  const found = partitioned.find(({ gpus }) => gpus.includes(gpu.id));
  if (found === undefined) return [];
  return found.geometry.map(([compute, memoryShare, perGpu], index) => ({
    name: `${compute}g.${found.gigabytes[index] ?? 0}gb`,
    memoryShare,
    computeShare: perGpu === 1 && memoryShare === 1 ? 1 : compute / (found.geometry === quarters ? 4 : 8),
    perGpu,
  }));
}

/** Every GPU that can be partitioned. */
export const migGpus: readonly string[] = partitioned.flatMap(({ gpus }) => gpus);

/**
 * The GPU that an engine sees inside one instance: a smaller one, alone. It has no NVLink, and no other instance can be
 * combined with it. Undefined where the GPU has no such profile.
 */
export function migSlice(gpu: Gpu, profile: string): Gpu | undefined {
  const found = migProfiles(gpu).find(({ name }) => name === profile);
  if (found === undefined) return undefined;
  const { memoryShare, computeShare } = found;
  const { fp16Tflops, fp8Tflops, int8Tops, fp4Tflops } = gpu.dense;
  const part = (speed: number | null): number | null => (speed === null ? null : speed * computeShare);
  return {
    ...gpu,
    id: migName(gpu.id, profile),
    aliases: [],
    name: `${gpu.name} MIG ${profile}`,
    memoryGB: gpu.memoryGB * memoryShare,
    cudaTotalGiB: gpu.cudaTotalGiB * memoryShare * memoryKept,
    cudaTotalSource: { ...migSource, standing: "derived" },
    memoryBandwidthGBps: gpu.memoryBandwidthGBps * memoryShare,
    dense: {
      fp16Tflops: fp16Tflops * computeShare,
      fp8Tflops: part(fp8Tflops),
      int8Tops: part(int8Tops),
      fp4Tflops: part(fp4Tflops),
    },
    nvlinkGBps: null,
    source: { ...migSource, standing: "derived" },
  };
}

/** What an instance of a GPU is called: `A100-80GB/1g.10gb`. */
export function migName(gpu: string, profile: string): string {
  return `${gpu}/${profile}`;
}

/** The GPU of this name: one of the catalogue's, or an instance of one as `migName` names it. */
export function findGpuOrInstance(name: string): Gpu | undefined {
  const [whole = "", profile] = name.split("/", 2);
  const gpu = findGpu(whole);
  return gpu === undefined || profile === undefined ? gpu : migSlice(gpu, profile);
}

/** The extended resource by which NVIDIA's device plugin offers instances of a profile (`migStrategy: mixed`). */
export function migResource(profile: string): string {
  return `nvidia.com/mig-${profile}`;
}
