import { oneOf, readSource, type Source } from "./fact";
import table from "./data/instances.json";
import prices from "./data/prices.json";

export const interconnects = ["none", "pcie", "nvlink", "nvswitch"] as const;
const architectures = ["amd64", "arm64"] as const;

/** How the GPUs of one machine reach each other; `none` where there is only one. */
export type Interconnect = (typeof interconnects)[number];

interface AnyInstance {
  /** Type as EC2 names it, such as `g6e.12xlarge`. */
  readonly type: string;
  /** The part before the dot. */
  readonly family: string;
  readonly architecture: (typeof architectures)[number];
  readonly vcpu: number;
  readonly memoryGiB: number;
  /** Where the specification comes from; prices carry their own. */
  readonly source: Source;
}

/** A type with NVIDIA GPUs. */
export interface GpuInstance extends AnyInstance {
  readonly kind: "gpu";
  /** Id of the GPU in the catalogue. */
  readonly gpu: string;
  /** GPUs of one machine; below one where the type has a share of a GPU. */
  readonly gpuCount: number;
  /** MiB of one GPU, or of the share, as EC2 reports them: CUDA sees less (`cudaTotalGiB` of the GPU). */
  readonly gpuReportedMiB: number;
  readonly interconnect: Interconnect;
  readonly nvswitch: boolean;
  /** Gigabytes per second and GPU, both directions together; null where GPUs have no link to each other. */
  readonly nvlinkGBps: number | null;
  /** Elastic Fabric Adapters, the resource `vpc.amazonaws.com/efa`. */
  readonly efaInterfaces: number;
  /** Megabits per second; null where it is not known. */
  readonly networkMbps: number | null;
  /** Gigabytes of local disks; 0 without. */
  readonly localNvmeGB: number;
  /** Regions that sold no such machine when prices were read. A region in no list is unknown, not absent. */
  readonly absentRegions: readonly string[];
}

export interface CpuInstance extends AnyInstance {
  readonly kind: "cpu";
  readonly networkMbps: number;
  /** Pods that the VPC network plugin has addresses for. */
  readonly maxPods: number;
}

/** A type with AWS's own accelerators. */
export interface NeuronInstance extends AnyInstance {
  readonly kind: "neuron";
  readonly accelerator: string;
  /** Accelerators of one machine, the resource `aws.amazon.com/neuron`. */
  readonly acceleratorCount: number;
  /** The resource `aws.amazon.com/neuroncore`. */
  readonly neuronCores: number;
}

export type Instance = GpuInstance | CpuInstance | NeuronInstance;

/** Dollars per hour of Linux on shared tenancy. */
export interface OnDemandPrice extends Source {
  readonly usdPerHour: number;
}

/**
 * What a spot machine cost over the zones of a region, in dollars per hour, at one moment. A range to show,
 * never a price to plan with; one equal to the on-demand price means that there was no spare machine.
 */
export interface SpotRange extends Source {
  readonly minUsdPerHour: number;
  readonly medianUsdPerHour: number;
  readonly maxUsdPerHour: number;
  readonly zones: number;
}

const sources = new Map(
  Object.entries({ ...table.sources, ...prices.sources }).map(([name, row]) => [name, readSource(row)]),
);

function source(name: string): Source {
  const found = sources.get(name);
  if (found === undefined) throw new Error(`the catalogue names a source that it does not describe: ${name}`);
  return found;
}

/** What every kind of type has beside the numbers of its row. */
function common(row: { readonly architecture: string; readonly source: string }) {
  return {
    architecture: oneOf(architectures, row.architecture, "architecture"),
    source: source(row.source),
  };
}

/** Every EC2 type of the catalogue. */
export const instances: readonly Instance[] = [
  ...table.gpu.map((row): GpuInstance => {
    const interconnect = oneOf(interconnects, row.interconnect, "interconnect");
    return { ...row, ...common(row), kind: "gpu", interconnect, nvswitch: interconnect === "nvswitch" };
  }),
  ...table.cpu.map((row): CpuInstance => ({ ...row, ...common(row), kind: "cpu" })),
  ...table.neuron.map((row): NeuronInstance => ({ ...row, ...common(row), kind: "neuron" })),
];

/** The types by name. */
export const instanceTypes: readonly string[] = instances.map((instance) => instance.type);

const byType = new Map(instances.map((instance) => [instance.type, instance]));

/** The type with this name; undefined when the catalogue has none. */
export function findInstance(type: string): Instance | undefined {
  return byType.get(type);
}

/** The region whose prices were read for every type; the multipliers start from it. */
const homeRegion = "us-east-1";
const place = (name: string, region: string): string => `${name} ${region}`;

const listed = new Map(prices.onDemand.map((row) => [place(row.type, row.region), row]));
const multipliers = new Map(prices.multipliers.map((row) => [place(row.family, row.region), row]));
const spot = new Map(prices.spot.map((row) => [place(row.type, row.region), row]));

/**
 * What one machine costs in a region: the price that was read there, or else the price in us-east-1 times the
 * ratio of its family, which its standing says.
 *
 * @returns undefined where neither is known. Unknown is not free: a plan must not count it as zero.
 */
export function onDemandPrice(type: string, region: string): OnDemandPrice | undefined {
  const price = listed.get(place(type, region));
  if (price !== undefined) return { usdPerHour: price.usdPerHour, ...source(price.basis) };
  const instance = byType.get(type);
  const home = listed.get(place(type, homeRegion));
  if (instance === undefined || home === undefined) return undefined;
  const ratio = multipliers.get(place(instance.family, region));
  return ratio && { usdPerHour: home.usdPerHour * ratio.multiplier, ...source(ratio.basis) };
}

/** What spot machines of a type cost in a region; undefined where no range was read. */
export function spotRange(type: string, region: string): SpotRange | undefined {
  const row = spot.get(place(type, region));
  if (row === undefined) return undefined;
  const { minUsdPerHour, medianUsdPerHour, maxUsdPerHour, zones } = row;
  return { minUsdPerHour, medianUsdPerHour, maxUsdPerHour, zones, ...source("spot") };
}
