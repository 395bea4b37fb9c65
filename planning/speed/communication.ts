import type { Source } from "../../catalog/fact";
import type { Gpu } from "../../catalog/gpus";
import type { Interconnect } from "../../catalog/instances";

/** What one collective takes: a constant, and bytes at a rate. */
export interface Link {
  readonly seconds: number;
  /** Bytes per second that one GPU sends within a collective. */
  readonly bytesPerSecond: number;
}

/** Where the collectives' times come from. */
export const linkSource: Source = {
  source:
    "ai-dynamo/aiconfigurator 095f58a, systems/data/{a100_sxm,h100_sxm,b200_sxm,l40s}/comm; Qwen3-14B-AWQ on two L4 (vLLM 0.28)",
  date: "2026-08-21",
  standing: "derived",
  note: "NVLink: 5 to 7 µs for the kernel and 8 µs until the last GPU arrives; two L4: 127 µs for each of 80 all-reduces of 100 kB",
};

const nvlink = { kernelSeconds: 5e-6, perGpuSeconds: 0.3e-6, skewSeconds: 8e-6, share: 0.6 } as const;
/** Without peer-to-peer copies, as in virtual machines: through the host's memory. */
const pcie = { seconds: 100e-6, perGpuSeconds: 25e-6, bytesPerSecond: 10e9 } as const;
/** GB/s and GPU where the catalogue of GPUs knows no link: NVLink 3. */
const usualNvlinkGBps = 600;

/** The link between GPUs of one machine for a collective of so many. `none` counts as PCIe: they are apart. */
export function linkOf(interconnect: Interconnect, gpu: Gpu, gpus: number): Link {
  if (gpus <= 1) return { seconds: 0, bytesPerSecond: Infinity };
  if (interconnect === "none" || interconnect === "pcie") {
    return { seconds: pcie.seconds + pcie.perGpuSeconds * (gpus - 2), bytesPerSecond: pcie.bytesPerSecond };
  }
  const oneWay = ((gpu.nvlinkGBps ?? usualNvlinkGBps) / 2) * 1e9;
  return {
    seconds: nvlink.kernelSeconds + nvlink.perGpuSeconds * gpus + nvlink.skewSeconds,
    bytesPerSecond: oneWay * nvlink.share,
  };
}

/**
 * Between machines; ours, to be measured at each site. A hand-over is two messages, the hidden state and its residual,
 * each split over the GPUs of the stage, which send at once and then gather.
 */
const network = { seconds: 60e-6, messages: 2, share: 0.6 } as const;

/** The link between machines that send so many gigabits per second. */
export function networkLink(gbps: number): Link {
  return { seconds: network.seconds, bytesPerSecond: (gbps * 1e9 * network.share) / (8 * network.messages) };
}

/** Seconds to add up a message of so many bytes over so many GPUs: each sends 2 (n − 1) ÷ n of it. */
export function allReduceSeconds({ seconds, bytesPerSecond }: Link, gpus: number, bytes: number): number {
  return gpus <= 1 ? 0 : seconds + (2 * (gpus - 1) * bytes) / (gpus * bytesPerSecond);
}

/** Seconds until every GPU has the messages of all: each sends its own to n − 1 others. */
export function exchangeSeconds({ seconds, bytesPerSecond }: Link, gpus: number, bytes: number): number {
  return gpus <= 1 ? 0 : seconds + ((gpus - 1) * bytes) / bytesPerSecond;
}

/** Seconds to hand a message to the next pipeline stage. */
export function handOverSeconds({ seconds, bytesPerSecond }: Link, bytes: number): number {
  return seconds + bytes / bytesPerSecond;
}
