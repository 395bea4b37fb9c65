import { findInstance } from "../catalog/instances";
import { elasticFabric } from "../catalog/multi-node";
import type { GroupDevices, GroupNetwork, PoolPlan } from "./plan";

/** How machines of a pool reach each other. */
export interface PoolNetwork {
  readonly kind: GroupNetwork["kind"];
  /** Gigabits per second that one machine sends; null where it is not known. */
  readonly gbps: number | null;
  /** What a pod with all of a machine asks for, to go past the kernel; null over TCP. */
  readonly devices: GroupDevices | null;
  /** Adapters that the machine has and nobody said to use. */
  readonly unusedAdapters: number;
}

type Machines = Pick<PoolPlan, "fabric" | "rented">;

/** The network between machines, from what somebody said of it, or what rented machines have; null where neither is known. */
export function networkOf({ fabric, rented }: Machines): PoolNetwork | null {
  const { gbps = null, adapters = 0 } = rented === null ? {} : ofInstance(rented.instance, rented.networkMbps);
  switch (fabric?.kind) {
    case "rdma": {
      const { bandwidth, resource, perNode } = fabric;
      const devices = { resource, perPod: perNode, hugePagesMiB: 0 };
      return { kind: "rdma", gbps: bandwidth, devices, unusedAdapters: 0 };
    }
    case "efa": {
      const { resource, hugePagesMiB } = elasticFabric;
      return { kind: "efa", gbps, devices: { resource, perPod: adapters, hugePagesMiB }, unusedAdapters: 0 };
    }
    case "ethernet":
      return { kind: "ethernet", gbps: fabric.bandwidth ?? gbps, devices: null, unusedAdapters: 0 };
    case undefined:
      return rented === null ? null : { kind: "ethernet", gbps, devices: null, unusedAdapters: adapters };
  }
}

function ofInstance(
  type: string,
  networkMbps: number | null,
): { readonly gbps: number | null; readonly adapters: number } {
  const instance = findInstance(type);
  const adapters = instance?.kind === "gpu" ? instance.efaInterfaces : 0;
  return { gbps: networkMbps === null ? null : networkMbps / 1000, adapters };
}
