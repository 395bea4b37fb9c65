import { findGpu, type Gpu } from "../catalog/gpus";
import {
  findInstance,
  onDemandPrice,
  type GpuInstance,
  type Interconnect,
  type OnDemandPrice,
} from "../catalog/instances";
import type { OwnedPoolSettings, PoolSettings, RentedPoolSettings } from "../environment";
import { allocatable, whyOfMachine } from "./machine";
import { poolLabel } from "./names";
import { errorAt, type Finding } from "./findings";
import type { Arithmetic, By, PoolPlan, PriceBasis } from "./plan";
import { fixed, prefixed, setting } from "./why";

export interface PoolPlanned {
  readonly plan: PoolPlan;
  readonly findings: readonly Finding[];
  /** The arithmetic of the plan's numbers, by path inside it. */
  readonly why: By<Arithmetic>;
}

/** Plans one pool, once for each kind of machine that it may have: one where machines are owned. */
export function planPool(name: string, settings: PoolSettings): readonly PoolPlanned[] {
  if (settings.kind === "owned") return [planned(ownedPool(name, settings))];
  return settings.instances.map((type) => planned(rentedPool(name, settings, type)));
}

function planned(plan: PoolPlan): PoolPlanned {
  return { plan, findings: plan.usdPerGpuHour === null ? [priceUnknown(plan)] : [], why: whyOfPool(plan) };
}

function ownedPool(name: string, settings: OwnedPoolSettings): PoolPlan {
  const { cpu, memory: memoryGiB, disk: diskGiB } = settings.machine;
  const gpu = gpuNamed(settings.accelerator);
  return {
    ...common(name, settings),
    accelerator: settings.accelerator,
    gpusPerNode: settings.gpusPerNode,
    interconnect: settings.interconnect ?? interconnectOf(gpu, settings.gpusPerNode),
    rented: null,
    capacity: { cpu, memoryGiB, diskGiB },
    allocatable: allocatable({ cpu, memoryGiB, diskGiB }),
    placement: placement(settings.selector ?? { [poolLabel]: name }),
    usdPerGpuHour: settings.price ?? null,
    price: settings.price === undefined ? null : { from: "setting" },
  };
}

function rentedPool(name: string, settings: RentedPoolSettings, type: string): PoolPlan {
  const instance = instanceNamed(type);
  const listed = onDemandPrice(type, settings.region);
  const capacity = { cpu: instance.vcpu, memoryGiB: instance.memoryGiB, diskGiB: settings.disk };
  const { region, purchase, reservations, reservedPrice, quota } = settings;
  return {
    ...common(name, settings),
    accelerator: instance.gpu,
    gpusPerNode: instance.gpuCount,
    interconnect: instance.interconnect,
    rented: {
      instance: type,
      family: instance.family,
      region,
      purchase,
      reservations,
      reservedUsdPerHour: reservedPrice ?? null,
      quotaVcpus: quota ?? null,
      networkMbps: instance.networkMbps,
    },
    capacity,
    allocatable: allocatable(capacity),
    placement: placement(settings.selector ?? { "node.kubernetes.io/instance-type": type }),
    usdPerGpuHour: settings.price ?? (listed === undefined ? null : listed.usdPerHour / instance.gpuCount),
    price: settings.price === undefined ? fromCatalogue(listed) : { from: "setting" },
  };
}

function common(name: string, { cluster, nodes, zones, provisioning }: PoolSettings) {
  return {
    name,
    kind: "existing",
    cluster,
    nodes: nodes.max,
    leastNodes: nodes.min,
    zones,
    provisioningSeconds: provisioning,
    runnersUp: [],
  } as const;
}

function placement(nodeSelector: Readonly<Record<string, string>>): PoolPlan["placement"] {
  return { nodeSelector, toleratedTaints: ["nvidia.com/gpu"], gpuResource: "nvidia.com/gpu" };
}

/** How GPUs of a machine reach each other where nothing else is said: NVLink where they have it. */
export function interconnectOf(gpu: Gpu, gpus: number): Interconnect {
  if (gpus === 1) return "none";
  if (gpu.nvlinkGBps === null) return "pcie";
  return gpu.name.includes("PCIe") ? "nvlink" : "nvswitch";
}

function gpuNamed(name: string): Gpu {
  const gpu = findGpu(name);
  if (gpu === undefined) throw new RangeError(`not in the catalogue: ${name}`);
  return gpu;
}

function instanceNamed(type: string): GpuInstance {
  const instance = findInstance(type);
  if (instance?.kind !== "gpu") throw new RangeError(`not in the catalogue: ${type}`);
  return instance;
}

function fromCatalogue(listed: OnDemandPrice | undefined): PriceBasis | null {
  if (listed === undefined) return null;
  const { source, date, standing } = listed;
  return { from: "catalogue", source, date, standing };
}

function whyOfPool(plan: PoolPlan): By<Arithmetic> {
  const { nodes, leastNodes, provisioningSeconds } = plan;
  return {
    nodes: setting("nodes.max", nodes),
    leastNodes: setting("nodes.min", leastNodes),
    provisioningSeconds: setting("provisioning", provisioningSeconds, "s"),
    ...whyOfPrice(plan),
    ...whyOfMachine(plan),
    ...whyOfRent(plan),
  };
}

/** What is the catalogue's, or the setting of another name, of machines that are rented. */
function whyOfRent({ rented, gpusPerNode }: PoolPlan): By<Arithmetic> {
  if (rented === null) return {};
  const { instance, reservations, reservedUsdPerHour, quotaVcpus, networkMbps } = rented;
  const { source } = instanceNamed(instance).source;
  const known = {
    reservedUsdPerHour: reservedUsdPerHour === null ? null : setting("reservedPrice", reservedUsdPerHour, "$/h"),
    quotaVcpus: quotaVcpus === null ? null : setting("quota", quotaVcpus, "vCPU"),
    networkMbps: networkMbps === null ? null : fixed(`the network of ${instance}`, networkMbps, source),
    reservations: setting("reservations", reservations, "machines"),
  };
  const inside = Object.entries(known).filter((entry): entry is [string, Arithmetic] => entry[1] !== null);
  return {
    gpusPerNode: fixed(`the GPUs of ${instance}`, gpusPerNode, source),
    ...prefixed("rented", Object.fromEntries(inside)),
  };
}

function whyOfPrice({ usdPerGpuHour, price, rented, gpusPerNode }: PoolPlan): By<Arithmetic> {
  if (usdPerGpuHour === null) return {};
  if (price?.from !== "catalogue") return { usdPerGpuHour: setting("price", usdPerGpuHour, "$/GPU-hour") };
  const source = `${price.source} (${price.date}, ${price.standing})`;
  const terms = [
    { name: rented?.instance ?? "machine", value: usdPerGpuHour * gpusPerNode, unit: "$/h", source },
    { name: "GPUs", value: gpusPerNode },
  ];
  const formula = `on-demand price in ${rented?.region ?? "the region"} ÷ GPUs of the machine`;
  return { usdPerGpuHour: { formula, terms, result: usdPerGpuHour, unit: "$/GPU-hour" } };
}

function priceUnknown({ name, rented }: PoolPlan): Finding {
  const message =
    rented === null
      ? `nobody has said what a GPU of the pool ${name} costs, so no cost of this environment could be trusted`
      : `the catalogue has no price of ${rented.instance} in ${rented.region}, so no cost of this environment could be trusted`;
  const fix =
    "Write `price`, for example `price: $0.80/GPU-hour`; for owned machines divide what they cost over their life.";
  return errorAt(["pools", name], "price-unknown", message, fix);
}
