import type { Arithmetic, By, MachineResources, PoolPlan } from "./plan";
import { setting } from "./why";

/** Pods that a machine may run; EKS's bootstrap reserves memory by this number. GPU machines run few. */
export const maxPods = 110;

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

/** What pods may take of a machine. */
export function allocatable(machine: MachineResources): MachineResources {
  return {
    cpu: machine.cpu - reservedCpu(machine.cpu) - agents.cpu,
    memoryGiB: machine.memoryGiB - reservedMemoryGiB - agents.memoryGiB,
    // Kubelets evict when less than 10 % of the disk is free (Kubernetes' default for nodefs.available), and
    // EKS keeps 1 GiB back for the system (amazon-eks-ami, nodeadm, kube-reserved; read 2026-11-21).
    diskGiB: machine.diskGiB * 0.9 - 1,
  };
}

/** The arithmetic of what a machine has, and what it has left. */
export function whyOfMachine({ capacity, allocatable, rented }: PoolPlan): By<Arithmetic> {
  const left = (what: keyof MachineResources, formula: string, unit: string): Arithmetic => ({
    formula,
    terms: [{ name: "what a machine has", value: capacity[what], unit }],
    result: allocatable[what],
    unit,
  });
  const has = (what: string, value: number, unit: string): Arithmetic =>
    rented === null || what === "disk"
      ? setting(rented === null ? `machine.${what}` : what, value, unit)
      : { formula: `what ${rented.instance} has`, terms: [], result: value, unit };
  return {
    "capacity.cpu": has("cpu", capacity.cpu, "CPU"),
    "capacity.memoryGiB": has("memory", capacity.memoryGiB, "GiB"),
    "capacity.diskGiB": has("disk", capacity.diskGiB, "GiB"),
    "allocatable.cpu": left("cpu", `less the kubelet's reserve and ${agents.cpu} for agents`, "CPU"),
    "allocatable.memoryGiB": left("memoryGiB", `less the kubelet's reserve and ${agents.memoryGiB} for agents`, "GiB"),
    "allocatable.diskGiB": left("diskGiB", "less the tenth below which kubelets evict and 1 for the system", "GiB"),
  };
}
