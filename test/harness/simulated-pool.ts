import type { SimulatedPool } from "../../tools/simulator";

/** Two machines with two GPUs each; fractions of what a machine has are left for pods. */
export const simulatedPool: SimulatedPool = {
  name: "l40s",
  nodes: 2,
  capacity: { cpu: 32, memoryGiB: 256, diskGiB: 400 },
  allocatable: { cpu: 31.39, memoryGiB: 252.5, diskGiB: 359.2 },
  gpus: 2,
  gpuResource: "nvidia.com/gpu",
  gpuProduct: "NVIDIA-L40S",
  zones: ["a", "b"],
  labels: { "modelyard.dev/pool": "l40s" },
  taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
};
