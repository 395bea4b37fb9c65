import type { Source } from "./fact";

/** A processor that runs small models, as one socket of a machine. Speeds are peaks: what is reached is less. */
export interface Cpu {
  /** The name used in environment files. */
  readonly id: string;
  readonly aliases: readonly string[];
  readonly name: string;
  readonly cores: number;
  /** Threads that a core runs; Kubernetes counts each as a CPU, and an owner may have turned them off. */
  readonly threadsPerCore: number;
  readonly baseGHz: number;
  /** The widest vector instructions. */
  readonly vectors: "avx2" | "avx512" | "amx";
  readonly memoryChannels: number;
  /** Gigabytes (10⁹ bytes) per second of one socket with a memory module in every channel. */
  readonly memoryBandwidthGBps: number;
  /** At the base clock on all cores. */
  readonly fp32Tflops: number;
  readonly source: Source;
  /** Where bandwidth and TFLOPS come from. */
  readonly derivation: Source;
}

/** AVX2 with two units for fused multiply-add: 8 numbers of 32 bits × 2 operations × 2 units. */
const avx2FlopsPerCycle = 8 * 2 * 2;
const epyc7763 = { cores: 64, threadsPerCore: 2, baseGHz: 2.45, memoryChannels: 8 } as const;
/** DDR4-3200: 3.2 × 10⁹ transfers of 8 bytes. */
const ddr4Channel = 3.2 * 8;

export const cpus: readonly Cpu[] = [
  {
    id: "EPYC-7763",
    aliases: ["AMD-EPYC-7763"],
    name: "AMD EPYC 7763",
    ...epyc7763,
    vectors: "avx2",
    memoryBandwidthGBps: epyc7763.memoryChannels * ddr4Channel,
    fp32Tflops: (epyc7763.cores * epyc7763.baseGHz * avx2FlopsPerCycle) / 1000,
    source: {
      source: "techgage.com, AMD EPYC Milan launch: table of the EPYC 7003 line",
      date: "2026-11-21",
      standing: "exact",
      note: "cores and clocks were read there; eight channels of DDR4-3200 and AVX2 are from memory",
    },
    derivation: {
      source: "8 channels × 3.2 GT/s × 8 bytes; 64 cores × 2.45 GHz × 32 operations a cycle",
      date: "2026-11-21",
      standing: "derived",
    },
  },
];

/** The names that environment files use. */
export const cpuIds: readonly string[] = cpus.map(({ id }) => id);

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
const byName = new Map(
  cpus.flatMap((cpu) => [cpu.id, cpu.name, ...cpu.aliases].map((name) => [plain(name), cpu] as const)),
);

/** The processor that a name means, in any letter case and with spaces or dashes; undefined when there is none. */
export function resolveCpu(name: string): Cpu | undefined {
  return byName.get(plain(name));
}
