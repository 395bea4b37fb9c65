import { realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Plan, PoolPlan } from "../../planning";
import { networkOf } from "../../planning/network";
import { findGpuOrInstance } from "../../catalog/mig";
import { connectContext } from "../run/kubeconfig-api";
import { ensureParts } from "../run/parts";
import { runVariable } from "../run/leftovers";
import type { ClusterTarget } from "../run/recovery";
import { openApi, operatorsFrom, simulated, startSimulation, type SimulatedPool, type Simulation } from "../simulator";
import type { Terminal } from "./command";
import { requireContext } from "../../stacks/kubeconfig";
import { contextPlace, type ReadPlan } from "../../stacks/read-plan";
import program from "../../stacks/index";
import { root } from "./root";

const policyPacks = [join(root, "policies")];
const installation = join(root, ".modelyard", "pulumi-cli");

/** A target, and the simulation that it is where it is one. */
export interface ChosenTarget {
  readonly target: ClusterTarget;
  readonly simulation?: Simulation;
}

/** The cluster that the environment names, or with `--simulate` a simulated one in its place. */
export async function chooseTarget(read: ReadPlan, simulate: boolean, terminal: Terminal): Promise<ChosenTarget> {
  return simulate ? simulatedTarget(read.plan, terminal) : { target: await realTarget(read, terminal) };
}

/** A simulated cluster as the target: everything that differs enters from outside the program. */
export async function simulatedTarget(
  plan: Plan,
  terminal: Terminal,
): Promise<{ target: ClusterTarget; simulation: Simulation }> {
  const parts = await ensureParts(
    ["pulumi", "kubernetes-provider", "control-plane", "kwok", ...plan.operators],
    terminal,
  );
  const simulation = await startSimulation({
    root,
    environment: plan.environment,
    context: plan.context,
    pools: simulatedPools(plan),
    operators: operatorsFrom(parts, plan.operators),
    program: parts.program,
    progress: terminal.progress,
  });
  // The program runs in this process, and finds its cluster where kubectl would.
  process.env["KUBECONFIG"] = simulation.kubeconfig;
  const target: ClusterTarget = {
    stack: plan.environment,
    program: simulated(program, simulation),
    folder: simulation.projectFolder,
    pulumi: parts.program("pulumi"),
    installation,
    variables: { ...simulation.variables, [runVariable]: runFolder(plan) },
    projectSettings: simulation.projectSettings,
    ...common(plan),
    connect: () => Promise.resolve(openApi(simulation.kubeconfig)),
  };
  return { target, simulation };
}

/** The cluster that the environment names, with the state and the plugins that the user's own Pulumi has. */
export async function realTarget(read: ReadPlan, terminal: Terminal): Promise<ClusterTarget> {
  const { plan } = read;
  requireContext(plan.context, contextPlace(read));
  const parts = await ensureParts(["pulumi", "kubernetes-provider"], terminal);
  const provider = dirname(parts.program("pulumi-resource-kubernetes"));
  const variables = { [runVariable]: runFolder(plan), PATH: [process.env["PATH"] ?? "", provider].join(delimiter) };
  const pulumi = parts.program("pulumi");
  const connect = () => connectContext(plan.context);
  return { stack: plan.environment, program, folder: root, pulumi, installation, variables, ...common(plan), connect };
}

/** What does not depend on where the environment runs. */
function common(plan: Plan): Pick<ClusterTarget, "policyPacks" | "run" | "namespaces"> {
  const run = runFolder(plan);
  return { policyPacks, run, namespaces: Object.values(plan.namespaces).map(({ name }) => name) };
}

/** The machines that the environment's pools promise. */
function simulatedPools(plan: Plan): readonly SimulatedPool[] {
  return Object.values(plan.pools).map((pool) => ({
    name: pool.name,
    nodes: pool.nodes,
    gpus: pool.gpusPerNode,
    gpuResource: pool.placement.gpuResource,
    devices: devicesOf(pool),
    gpuProduct:
      pool.accelerator === null ? "none" : (findGpuOrInstance(pool.accelerator)?.productLabel ?? pool.accelerator),
    zones: pool.zones,
    labels: pool.placement.nodeSelector,
    taints: pool.placement.toleratedTaints.map((key) => ({ key, value: "present", effect: "NoSchedule" as const })),
    capacity: pool.capacity,
    allocatable: pool.allocatable,
  }));
}

/** What the device plugin of the network and the kernel say of a machine with adapters. */
function devicesOf(pool: PoolPlan): Readonly<Record<string, string>> {
  const devices = networkOf(pool)?.devices ?? null;
  if (devices === null) return {};
  const { resource, perPod, hugePagesMiB } = devices;
  return { [resource]: String(perPod), ...(hugePagesMiB === 0 ? {} : { "hugepages-2Mi": `${hugePagesMiB}Mi` }) };
}

function runFolder(plan: Plan): string {
  return join(realpathSync(root), ".modelyard", plan.environment);
}
