import { AmbiguousNameError } from "./ambiguous-name";
import { readSource, type Source } from "./fact";
import table from "./data/gpus.json";

/** One model of GPU. Speeds are the vendor's peaks: what is reached is less. */
export interface Gpu {
  /** The name used in environment files. */
  readonly id: string;
  /** Other names of the same GPU. A name that fits two GPUs, such as `A100`, is nobody's alias. */
  readonly aliases: readonly string[];
  readonly name: string;
  readonly architecture: string;
  /** CUDA compute capability, such as 8.9. */
  readonly computeCapability: number;
  /** Gigabytes as the vendor advertises them. Never compute with it: use `cudaTotalGiB`. */
  readonly memoryGB: number;
  /** GiB that CUDA reports, which is what vLLM multiplies by `--gpu-memory-utilization`. */
  readonly cudaTotalGiB: number;
  readonly cudaTotalSource: Source;
  /** Gigabytes (10⁹ bytes) per second. */
  readonly memoryBandwidthGBps: number;
  /** Operations per second without 2:4 sparsity; null where the GPU has no such units. */
  readonly dense: {
    /** TFLOPS in FP16; the same in bf16 where the GPU has it. */
    readonly fp16Tflops: number;
    readonly fp8Tflops: number | null;
    /** Tera-operations per second; null where it is not known. */
    readonly int8Tops: number | null;
    readonly fp4Tflops: number | null;
  };
  readonly supports: GpuSupport;
  /** Gigabytes per second and GPU, both directions together; null without NVLink. */
  readonly nvlinkGBps: number | null;
  /**
   * Value of the node label `nvidia.com/gpu.product` that NVIDIA's GPU feature discovery writes; null where we
   * do not know it. It appends `-SHARED` where a GPU is time-sliced. See `productLabelSource`.
   */
  readonly productLabel: string | null;
  /** Where the bandwidths and speeds come from. */
  readonly source: Source;
  readonly remark: string | null;
}

/** What follows from the compute capability. See `supportSource`. */
export interface GpuSupport {
  /** From 8.0. Without it vLLM needs `--dtype half`. */
  readonly bf16: boolean;
  /** Arithmetic in FP8, from 8.9. */
  readonly fp8Compute: boolean;
  /** Arithmetic in FP4, from 10.0. */
  readonly fp4Compute: boolean;
  /** FP8 weights, computed in 16 bits by the Marlin kernels: for GPUs from 8.0 that cannot compute in FP8. */
  readonly fp8Marlin: boolean;
}

/** Where `productLabel` comes from. */
export const productLabelSource: Source = {
  source: "NVIDIA GPU feature discovery: the device's name with dashes for spaces",
  date: "2026-11-21",
  standing: "recalled",
};

/** Where `supports` comes from. */
export const supportSource: Source = {
  source: "thresholds of the CUDA compute capability",
  date: "2026-11-21",
  standing: "recalled",
};

/** Every GPU of the catalogue. */
export const gpus: readonly Gpu[] = table.gpus.map((row) => ({
  ...row,
  cudaTotalSource: readSource(row.cudaTotalSource),
  source: readSource(row.source),
}));

/** The names that environment files use. */
export const gpuIds: readonly string[] = gpus.map((gpu) => gpu.id);

const byName = new Map(gpus.flatMap((gpu) => [gpu.id, ...gpu.aliases].map((name) => [name, gpu] as const)));

/** The GPU with this id or alias; undefined when the catalogue has none. */
export function findGpu(name: string): Gpu | undefined {
  return byName.get(name);
}

/** The words of a name, without the maker, its lines of products and remarks in brackets. */
function words(name: string): readonly string[] {
  const bare = name
    .toLowerCase()
    .replace(/\(.*\)/, "")
    .replace(/-shared$/, "");
  return bare.split(/[^a-z0-9]+/).filter((word) => word !== "" && !/^(nvidia|geforce|tesla|quadro)$/.test(word));
}

const plain = (name: string): string => words(name).join("");

const namesOf = (gpu: Gpu): readonly string[] => [gpu.id, ...gpu.aliases, gpu.name, gpu.productLabel ?? gpu.id];

const byPlainName = new Map(gpus.flatMap((gpu) => namesOf(gpu).map((name) => [plain(name), gpu] as const)));

/** Every name of the catalogue's GPUs, ids and aliases, for suggestions. */
export const gpuNames: readonly string[] = gpus.flatMap((gpu) => [gpu.id, ...gpu.aliases]);

/** GPUs of which a name is only the beginning: some of the words, or their letters before a number. */
function begun(name: string): readonly Gpu[] {
  const [first, short] = [`${words(name).join(" ")} `, plain(name)];
  if (short === "") return [];
  const next = /\d$/.test(short) ? /^\D/ : /^./;
  const starts = (known: string): boolean =>
    words(known).join(" ").startsWith(first) ||
    (plain(known).startsWith(short) && next.test(plain(known).slice(short.length)));
  return gpus.filter((gpu) => namesOf(gpu).some(starts));
}

/**
 * The GPU that a name of people and tools means, however it is written: `RTX 3090`, `a100-sxm4-80gb`, `NVIDIA L40S`,
 * or the node label `nvidia.com/gpu.product`, also of a shared GPU.
 *
 * @returns undefined where the catalogue has no such GPU; `gpuNames` holds what could have been meant
 * @throws AmbiguousNameError where several are called so, such as `A100` with its memories and forms
 */
export function resolveGpu(name: string): Gpu | undefined {
  const short = plain(name);
  const found = byPlainName.get(short);
  if (found !== undefined) return found;
  const several = begun(name);
  if (several.length > 1)
    throw new AmbiguousNameError(
      "GPU",
      name,
      several.map(({ id }) => id),
    );
  return undefined;
}
