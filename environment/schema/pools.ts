import { z } from "zod";
import { cpuIds } from "../../catalog/cpus";
import { gpuIds } from "../../catalog/gpus";
import { instances, interconnects, type Interconnect } from "../../catalog/instances";
import { settings } from "../settings";
import { durationSeconds, priceOfMachines, sizeGiB, usdPerHour, vcpus } from "../units";
import { count, labelKey, labelValue, name, overrides, type OverrideSettings } from "./common";
import { checkFabric, fabric, type FabricSettings } from "./fabric";
import { checkMachines, checkNumbers } from "./pool-checks";
import { sharing, type SharingSettings } from "./sharing";

/** Whole GPUs only: a share of one is a smaller GPU than the catalogue's. */
const rentable: readonly string[] = instances.flatMap((instance) =>
  instance.kind === "gpu" && instance.gpuCount >= 1 ? [instance.type] : [],
);

const instanceType = z.enum(rentable);
const purchases = ["on-demand", "spot", "reserved"] as const;

const machine = settings({
  cpu: count.describe("CPU of one machine, as Kubernetes counts them: threads, where cores run two."),
  memory: sizeGiB.describe("Memory of one machine."),
  disk: sizeGiB
    .default(200)
    .describe("Disk that pods of one machine share for images, weights and caches. Default 200GiB."),
});

const nodes = settings({
  min: z
    .int()
    .min(0)
    .max(5000)
    .optional()
    .describe(
      "Machines that are kept and paid although nothing needs them. Default: 0 where machines are rented, `max` where they are not.",
    ),
  max: count.max(5000).describe("Machines that the pool can reach; for an existing cluster: that there are."),
});

/** A pool as people write it: what machines of one's own need, and what rented ones need, side by side. */
const written = settings({
  cluster: name.describe("One of `clusters`."),
  accelerator: z
    .enum(gpuIds)
    .optional()
    .describe(
      "The GPU that every machine of the pool has, by its name in the catalogue. Not with `instance`, which says it.",
    ),
  gpusPerNode: count.max(16).optional().describe("GPUs of one machine. Not with `instance`, which says it."),
  processor: z
    .enum(cpuIds)
    .optional()
    .describe(
      "The processor of machines without GPUs, by its name in the catalogue, in place of `accelerator` and `gpusPerNode`.",
    ),
  socketsPerNode: count.max(8).optional().describe("Processors of one machine, with `processor`. Default 1."),
  machine: machine
    .optional()
    .describe("What one machine has beside its GPUs or processors. Not with `instance`, which says it."),
  interconnect: z
    .enum(interconnects)
    .optional()
    .describe(
      "How the GPUs of one machine reach each other. Default: NVLink where the GPU has it, else PCIe. Not with `instance`.",
    ),
  fabric: fabric
    .optional()
    .describe(
      "How the machines reach each other, for replicas over several of them. Default: unknown for machines of one's own, TCP for rented ones.",
    ),
  instance: instanceType
    .optional()
    .describe("EC2 type of the machines, one with GPUs, in place of `accelerator`, `gpusPerNode` and `machine`."),
  instances: z
    .array(instanceType)
    .min(1)
    .optional()
    .describe("EC2 types of which the cheapest that works is taken, in place of `instance`."),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region is written as us-east-1")
    .optional()
    .describe("AWS region of rented machines, which decides their price. Needed with `instance`."),
  purchase: z
    .union([z.enum(purchases), z.array(z.enum(purchases)).min(1)])
    .optional()
    .describe("How machines are rented, one way or several with the first to be used first. Default `on-demand`."),
  reservations: count
    .max(5000)
    .optional()
    .describe(
      "Machines that are reserved, and paid whether they run or not. Default with `purchase: reserved` alone: `nodes.max`; needed beside another way.",
    ),
  reservedPrice: usdPerHour
    .optional()
    .describe("What one reserved machine costs an hour, by the contract. Default: the on-demand price."),
  quota: vcpus
    .optional()
    .describe(
      "vCPU that the account may run of this family in the region, as AWS counts its quotas. Default: not checked.",
    ),
  disk: sizeGiB
    .optional()
    .describe(
      "Disk that pods of one rented machine share for images, weights and caches. Default 200GiB. Not with `machine`, which says it.",
    ),
  nodes: nodes.describe("How many machines the pool has."),
  provisioning: durationSeconds
    .optional()
    .describe(
      "From asking for a machine until pods run on it. Default 5m where machines are rented: measure it. Needed where others come and go.",
    ),
  zones: z
    .array(labelValue.min(1))
    .min(1)
    .default(["a"])
    .describe("Zones over which the machines are spread. Default: one zone, `a`."),
  selector: z
    .record(labelKey, labelValue)
    .optional()
    .describe("Labels that the machines carry. Default: `modelyard.dev/pool: <name of the pool>`."),
  sharing: sharing.optional().describe("How pods share a GPU. Default: every pod has its GPUs for itself."),
  overrides,
  price: priceOfMachines
    .optional()
    .describe(
      "What a GPU of this pool costs an hour, or a machine without GPUs; amortised where the machines are owned. Default where they are rented: the catalogue's price of the instance.",
    ),
});

/** What people may write of a pool. */
export type WrittenPool = z.output<typeof written>;

export const pool = written
  .superRefine(checkMachines, { when: ({ value }) => typeof value === "object" && value !== null })
  .superRefine(checkNumbers)
  .superRefine(checkFabric)
  .transform((pool): PoolSettings => {
    if (rents(pool)) return rented(pool);
    return pool.processor === undefined ? owned(pool) : processors(pool);
  });

/** What every pool has. */
interface AnyPool {
  readonly cluster: string;
  readonly nodes: { readonly min: number; readonly max: number };
  /** Seconds from asking for a machine until pods run on it; 0 where all machines are always there. */
  readonly provisioning: number;
  readonly zones: readonly string[];
  readonly selector?: Readonly<Record<string, string>> | undefined;
  readonly sharing?: SharingSettings | undefined;
  readonly fabric?: FabricSettings | undefined;
  readonly overrides: Readonly<Record<string, OverrideSettings>>;
  /** Dollars per hour of a GPU, or of a machine without GPUs. For rented machines it stands above the catalogue's price. */
  readonly price?: number | undefined;
}

/** Machines with GPUs that are described one by one: owned, or rented where the catalogue has no prices. */
export interface OwnedPoolSettings extends AnyPool {
  readonly kind: "owned";
  /** Id of the GPU in the catalogue. */
  readonly accelerator: string;
  readonly gpusPerNode: number;
  /** Cores, GiB, GiB. */
  readonly machine: z.output<typeof machine>;
  readonly interconnect?: Interconnect | undefined;
}

/** Machines without GPUs that are described one by one, likewise. The catalogue has no such EC2 types. */
export interface ProcessorPoolSettings extends AnyPool {
  readonly kind: "processors";
  /** Id of the processor in the catalogue. */
  readonly processor: string;
  readonly socketsPerNode: number;
  /** Threads, GiB, GiB. */
  readonly machine: z.output<typeof machine>;
}

export type Purchase = (typeof purchases)[number];

/** Machines rented on EC2. */
export interface RentedPoolSettings extends AnyPool {
  readonly kind: "rented";
  /** EC2 types of the catalogue with whole GPUs, at least one; of several the cheapest that works is taken. */
  readonly instances: readonly string[];
  readonly region: string;
  /** At least one, the preferred first. */
  readonly purchase: readonly Purchase[];
  /** Machines reserved: 0 unless `purchase` has `reserved`, at most `nodes.max`. There is then one instance. */
  readonly reservations: number;
  /** Dollars per machine and hour. */
  readonly reservedPrice?: number | undefined;
  /** vCPU. */
  readonly quota?: number | undefined;
  /** GiB. */
  readonly disk: number;
}

export type PoolSettings = OwnedPoolSettings | ProcessorPoolSettings | RentedPoolSettings;

/** Disk of a rented machine, as `machine.disk` of others. */
const defaultDiskGiB = 200;
/** Ours, between the 86 s and 966 s that were measured from a claim to a ready engine; sites measure their own. */
const defaultProvisioningSeconds = 300;

function rents({ instance, instances }: WrittenPool): boolean {
  return instance !== undefined || instances !== undefined;
}

function common({ cluster, zones, selector, sharing, fabric, overrides, price }: WrittenPool) {
  return { cluster, zones, selector, sharing, fabric, overrides, price: price?.usdPerHour };
}

/** Of machines that are not rented, all are there unless something else is said. */
function always({ nodes: { min, max }, provisioning = 0 }: WrittenPool) {
  return { nodes: { min: min ?? max, max }, provisioning };
}

function owned(pool: WrittenPool): OwnedPoolSettings {
  const { accelerator, gpusPerNode, machine, interconnect } = pool;
  if (accelerator === undefined || gpusPerNode === undefined || machine === undefined)
    throw new RangeError("a pool without machines passed its check");
  return {
    kind: "owned",
    ...common(pool),
    accelerator,
    gpusPerNode,
    machine,
    interconnect,
    ...always(pool),
  };
}

function processors(pool: WrittenPool): ProcessorPoolSettings {
  const { processor, socketsPerNode = 1, machine } = pool;
  if (processor === undefined || machine === undefined)
    throw new RangeError("a pool without machines passed its check");
  return { kind: "processors", ...common(pool), processor, socketsPerNode, machine, ...always(pool) };
}

function rented(pool: WrittenPool): RentedPoolSettings {
  const { instance, instances = [], region, nodes, reservedPrice, quota } = pool;
  if (region === undefined) throw new RangeError("a rented pool without a region passed its check");
  const { purchase = "on-demand", provisioning = defaultProvisioningSeconds, disk = defaultDiskGiB } = pool;
  const ways = typeof purchase === "string" ? [purchase] : purchase;
  return {
    kind: "rented",
    ...common(pool),
    instances: instance === undefined ? instances : [instance],
    region,
    purchase: ways,
    reservations: ways.includes("reserved") ? (pool.reservations ?? nodes.max) : 0,
    reservedPrice,
    quota,
    disk,
    nodes: { min: nodes.min ?? 0, max: nodes.max },
    provisioning,
  };
}
