import { z } from "zod";
import { findInstance } from "../../catalog/instances";
import { statement } from "../messages";
import { settings } from "../settings";
import { bandwidthGbps } from "../units";
import { count } from "./common";

const ethernet = settings({
  kind: z.literal("ethernet").describe("TCP over the pods' own network."),
  bandwidth: bandwidthGbps
    .optional()
    .describe("What one machine sends at most. Needed for machines of one's own. Default: what the instance has."),
});

const rdma = settings({
  kind: z.literal("rdma").describe("InfiniBand or RoCE adapters that a device plugin gives to pods."),
  bandwidth: bandwidthGbps.describe("What the adapters of one machine send together."),
  resource: z
    .string()
    .regex(
      /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?\/[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$/,
      "an extended resource is written as rdma/ib",
    )
    .describe("The extended resource by which pods ask for an adapter."),
  perNode: count.max(64).describe("Adapters of one machine."),
  lockedMemory: z
    .literal("unlimited")
    .describe(
      "Says that containers on these machines may lock memory without limit (`LimitMEMLOCK=infinity` of the container runtime), which adapters need. Pods never get the capability IPC_LOCK.",
    ),
});

const efa = settings({
  kind: z
    .literal("efa")
    .describe(
      "Elastic Fabric Adapters of EC2 machines, which the EFA device plugin gives to pods. Their number is known.",
    ),
});

/** How machines of a pool reach each other. */
export const fabric = z.discriminatedUnion("kind", [ethernet, rdma, efa]);

export type FabricSettings = z.output<typeof fabric>;

/** What a pool says of its machines, as far as their network depends on it. */
interface FabricOf {
  readonly fabric?: FabricSettings | undefined;
  readonly instance?: string | undefined;
  readonly instances?: readonly string[] | undefined;
}

/** Rented machines have the network of their type, with adapters of EC2; others have what somebody says of them. */
export function checkFabric({ fabric, instance, instances = [] }: FabricOf, context: z.RefinementCtx): void {
  if (fabric === undefined) return;
  const types = instance === undefined ? instances : [instance];
  const wrong = types.length === 0 ? wrongOfOwn(fabric) : wrongOfRented(fabric, types);
  if (wrong !== undefined) context.addIssue({ code: "custom", path: ["fabric"], message: wrong });
  if (types.length > 0 || fabric.kind !== "ethernet" || fabric.bandwidth !== undefined) return;
  const message = "expected what one machine sends, such as 100Gbps";
  context.addIssue({ code: "custom", path: ["fabric", "bandwidth"], message });
}

function wrongOfOwn({ kind }: FabricSettings): string | undefined {
  const fix = "Write `kind: rdma` with the resource of your device plugin, or `kind: ethernet`.";
  return kind === "efa" ? statement.write("is for machines rented on EC2", fix) : undefined;
}

function wrongOfRented({ kind }: FabricSettings, types: readonly string[]): string | undefined {
  if (kind === "ethernet") return undefined;
  if (kind === "rdma") return statement.write("is not what EC2 has", "Write `fabric: { kind: efa }`.");
  const without = types.filter((type) => {
    const found = findInstance(type);
    return found?.kind !== "gpu" || found.efaInterfaces === 0;
  });
  if (without.length === 0) return undefined;
  const fix = "Remove `fabric`, or rent a type that has adapters.";
  return statement.write(`cannot be \`efa\`: ${without.join(", ")} has no such adapter`, fix);
}
