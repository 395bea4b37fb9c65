import { findGpu, type Gpu } from "../catalog/gpus";
import {
  findInstance,
  onDemandPrice,
  type GpuInstance,
  type Interconnect,
  type OnDemandPrice,
} from "../catalog/instances";
import type { OwnedPoolSettings, PoolSettings, ProcessorPoolSettings, RentedPoolSettings } from "../environment";
import { allocatable, whyOfMachine } from "./machine";
import { sharedPool, type DeviceSettings } from "./pool-sharing";
import { poolLabel } from "./names";
import { errorAt, type Finding } from "./findings";
import type { Arithmetic, By, GpuPoolPlan, PoolPlan, PriceBasis } from "./plan";
import { fixed, prefixed, setting } from "./why";

export interface PoolPlanned {
  readonly plan: PoolPlan;
  readonly findings: readonly Finding[];
  /** The arithmetic of the plan's numbers, by path inside it. */
  readonly why: By<Arithmetic>;
}

/** Plans one pool, once for each kind of machine that it may have: one where machines are owned. */
export function planPool(name: string, settings: PoolSettings, cluster?: DeviceSettings): readonly PoolPlanned[] {
  if (settings.kind === "processors") return [withoutGpus(processorPool(name, settings))];
  const wholes =
    settings.kind === "owned"
      ? [ownedPool(name, settings)]
      : settings.instances.map((type) => rentedPool(name, settings, type));
  return wholes.map((whole) => planned(whole, settings, cluster));
}

function withoutGpus(plan: PoolPlan): PoolPlanned {
  return { plan, findings: plan.usdPerMachineHour === null ? [priceUnknown(plan)] : [], why: whyOfPool(plan) };
}

function planned(whole: GpuPoolPlan, { sharing }: PoolSettings, cluster: DeviceSettings | undefined): PoolPlanned {
  const shared = sharedPool(whole, sharing, cluster);
  const findings = [...(whole.usdPerMachineHour === null ? [priceUnknown(whole)] : []), ...shared.findings];
  return { plan: shared.plan, findings, why: { ...whyOfPool(whole), ...shared.why } };
}

function ownedPool(name: string, settings: OwnedPoolSettings): GpuPoolPlan {
  const { accelerator, gpusPerNode, interconnect, price } = settings;
  return {
    ...common(name, settings),
    ...described(settings),
    accelerator,
    gpusPerNode,
    processor: null,
    interconnect: interconnect ?? interconnectOf(gpuNamed(accelerator), gpusPerNode),
    placement: placement(labels(name, settings)),
    usdPerMachineHour: price === undefined ? null : price * gpusPerNode,
    usdPerGpuHour: price ?? null,
  };
}

function processorPool(name: string, settings: ProcessorPoolSettings): PoolPlan {
  const { processor, socketsPerNode, price } = settings;
  return {
    ...common(name, settings),
    ...described(settings),
    accelerator: null,
    gpusPerNode: 0,
    processor: { id: processor, sockets: socketsPerNode },
    interconnect: "none",
    placement: { ...placement(labels(name, settings)), toleratedTaints: [] },
    usdPerMachineHour: price ?? null,
    usdPerGpuHour: null,
  };
}

/** What is said of machines that are described one by one. */
function described({ machine, price }: OwnedPoolSettings | ProcessorPoolSettings) {
  const { cpu, memory: memoryGiB, disk: diskGiB } = machine;
  return {
    rented: null,
    capacity: { cpu, memoryGiB, diskGiB },
    allocatable: allocatable({ cpu, memoryGiB, diskGiB }),
    price: price === undefined ? null : ({ from: "setting" } as const),
  };
}

function labels(name: string, { selector }: PoolSettings): Readonly<Record<string, string>> {
  return selector ?? { [poolLabel]: name };
}

function rentedPool(name: string, settings: RentedPoolSettings, type: string): GpuPoolPlan {
  const instance = instanceNamed(type);
  const listed = onDemandPrice(type, settings.region);
  const capacity = { cpu: instance.vcpu, memoryGiB: instance.memoryGiB, diskGiB: settings.disk };
  const { region, purchase, reservations, reservedPrice, quota, price } = settings;
  const perMachine = price === undefined ? (listed?.usdPerHour ?? null) : price * instance.gpuCount;
  return {
    ...common(name, settings),
    accelerator: instance.gpu,
    gpusPerNode: instance.gpuCount,
    processor: null,
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
    usdPerMachineHour: perMachine,
    usdPerGpuHour: price ?? (perMachine === null ? null : perMachine / instance.gpuCount),
    price: price === undefined ? fromCatalogue(listed) : { from: "setting" },
  };
}

function common(name: string, { cluster, nodes, zones, provisioning, fabric }: PoolSettings) {
  return {
    name,
    kind: "existing",
    cluster,
    nodes: nodes.max,
    leastNodes: nodes.min,
    zones,
    sharing: null,
    fabric: fabric ?? null,
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
    ...whyOfProcessor(plan),
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

function whyOfProcessor({ processor, gpusPerNode }: PoolPlan): By<Arithmetic> {
  if (processor === null) return {};
  return {
    gpusPerNode: { formula: "machines that are known by their processor have none", terms: [], result: gpusPerNode },
    "processor.sockets": setting("socketsPerNode", processor.sockets),
  };
}

function whyOfPrice({ usdPerMachineHour, usdPerGpuHour, price, ...pool }: PoolPlan): By<Arithmetic> {
  if (usdPerMachineHour === null) return {};
  if (usdPerGpuHour === null) return { usdPerMachineHour: setting("price", usdPerMachineHour, "$/machine-hour") };
  const { rented } = pool;
  const gpus = { name: "GPUs", value: pool.gpusPerNode };
  if (price?.from !== "catalogue") {
    const perGpu = { name: "price", value: usdPerGpuHour, unit: "$/GPU-hour" };
    const machine = { formula: "the setting `price` × GPUs of the machine", terms: [perGpu, gpus] };
    return {
      usdPerMachineHour: { ...machine, result: usdPerMachineHour, unit: "$/machine-hour" },
      usdPerGpuHour: setting("price", usdPerGpuHour, "$/GPU-hour"),
    };
  }
  const source = `${price.source} (${price.date}, ${price.standing})`;
  const machine = { name: rented?.instance ?? "machine", value: usdPerMachineHour, unit: "$/h", source };
  const formula = `on-demand price in ${rented?.region ?? "the region"}`;
  return {
    usdPerMachineHour: { formula, terms: [machine], result: usdPerMachineHour, unit: "$/machine-hour" },
    usdPerGpuHour: {
      formula: `${formula} ÷ GPUs of the machine`,
      terms: [machine, gpus],
      result: usdPerGpuHour,
      unit: "$/GPU-hour",
    },
  };
}

function priceUnknown({ name, rented, processor }: PoolPlan): Finding {
  const [what, unit] = processor === null ? ["GPU", "GPU-hour"] : ["machine", "machine-hour"];
  const message =
    rented === null
      ? `nobody has said what a ${what} of the pool ${name} costs, so no cost of this environment could be trusted`
      : `the catalogue has no price of ${rented.instance} in ${rented.region}, so no cost of this environment could be trusted`;
  const fix = `Write \`price\`, for example \`price: $0.80/${unit}\`; for owned machines divide what they cost over their life.`;
  return errorAt(["pools", name], "price-unknown", message, fix);
}
