import type { PoolSettings } from "../environment";
import { poolLabel } from "./names";
import { errorAt, type Finding } from "./findings";
import type { MachineResources, PoolPlan } from "./plan";

/** Pods that a machine may run; EKS's bootstrap reserves memory by this number. GPU machines run few. */
const maxPods = 110;

/** What device plugin, log and metric agents of one machine take; ours, generous. */
const agents = { cpu: 0.5, memoryGiB: 1 };

/**
 * CPU that a kubelet keeps back: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of
 * the rest (the reserve that GKE publishes and EKS's bootstrap script uses; recalled).
 */
export function reservedCpu(cores: number): number {
  const steps: readonly (readonly [cores: number, share: number])[] = [
    [1, 0.06],
    [1, 0.01],
    [2, 0.005],
    [Infinity, 0.0025],
  ];
  let left = cores;
  let reserved = 0;
  for (const [width, share] of steps) {
    const taken = Math.min(left, width);
    reserved += taken * share;
    left -= taken;
  }
  return reserved;
}

/** Memory that a kubelet keeps back: 255 MiB + 11 MiB per pod, and 100 MiB before it evicts (EKS's bootstrap script; recalled). */
export const reservedMemoryGiB = (255 + 11 * maxPods + 100) / 1024;

function allocatable(machine: MachineResources): MachineResources {
  return {
    cpu: machine.cpu - reservedCpu(machine.cpu) - agents.cpu,
    memoryGiB: machine.memoryGiB - reservedMemoryGiB - agents.memoryGiB,
    // Kubelets evict when less than 10 % of the disk is free (Kubernetes' default for nodefs.available), and
    // EKS keeps 1 GiB back for the system (amazon-eks-ami, nodeadm, kube-reserved; read 2026-11-21).
    diskGiB: machine.diskGiB * 0.9 - 1,
  };
}

/** Plans one pool over machines that exist. */
export function planPool(name: string, settings: PoolSettings): { plan: PoolPlan; findings: readonly Finding[] } {
  const capacity: MachineResources = {
    cpu: settings.machine.cpu,
    memoryGiB: settings.machine.memory,
    diskGiB: settings.machine.disk,
  };
  const plan: PoolPlan = {
    name,
    kind: "existing",
    cluster: settings.cluster,
    accelerator: settings.accelerator,
    gpusPerNode: settings.gpusPerNode,
    nodes: settings.nodes.max,
    zones: settings.zones,
    capacity,
    allocatable: allocatable(capacity),
    placement: {
      nodeSelector: settings.selector ?? { [poolLabel]: name },
      toleratedTaints: ["nvidia.com/gpu"],
      gpuResource: "nvidia.com/gpu",
    },
    usdPerGpuHour: settings.price ?? null,
  };
  return { plan, findings: settings.price === undefined ? [priceUnknown(name)] : [] };
}

function priceUnknown(name: string): Finding {
  const message = `nobody has said what a GPU of the pool ${name} costs, so no cost of this environment could be trusted`;
  const fix =
    "Write `price`, for example `price: $0.80/GPU-hour`; for owned machines divide what they cost over their life.";
  return errorAt(["pools", name], "price-unknown", message, fix);
}
