import { delimiter, dirname, join } from "node:path";
import type { Plan } from "../../planning";
import { findGpu } from "../../catalog/gpus";
import { ensureParts } from "../run/parts";
import type { Target } from "../run/pulumi";
import { simulated, startSimulation, type SimulatedPool, type Simulation } from "../simulator";
import type { Terminal } from "./command";
import { requireContext } from "../../stacks/kubeconfig";
import type { ReadPlan } from "../../stacks/read-plan";
import program from "../../stacks/index";
import { root } from "./root";

const policyPacks = [join(root, "policies")];
const installation = join(root, ".modelyard", "pulumi-cli");

/** A simulated cluster as the target: everything that differs enters from outside the program. */
export async function simulatedTarget(
  plan: Plan,
  terminal: Terminal,
): Promise<{ target: Target; simulation: Simulation }> {
  const parts = await ensureParts(["pulumi", "kubernetes-provider", "control-plane", "kwok"], terminal);
  const simulation = await startSimulation({
    root,
    environment: plan.environment,
    context: plan.context,
    pools: simulatedPools(plan),
    program: parts.program,
    progress: terminal.progress,
  });
  // The program runs in this process, and finds its cluster where kubectl would.
  process.env["KUBECONFIG"] = simulation.kubeconfig;
  const target: Target = {
    stack: plan.environment,
    program: simulated(program, simulation),
    folder: simulation.projectFolder,
    pulumi: parts.program("pulumi"),
    installation,
    variables: simulation.variables,
    projectSettings: simulation.projectSettings,
    policyPacks,
  };
  return { target, simulation };
}

/** The cluster that the environment names, with the state and the plugins that the user's own Pulumi has. */
export async function realTarget({ plan, contextPlace }: ReadPlan, terminal: Terminal): Promise<Target> {
  requireContext(plan.context, contextPlace);
  const parts = await ensureParts(["pulumi", "kubernetes-provider"], terminal);
  const provider = dirname(parts.program("pulumi-resource-kubernetes"));
  const variables = { PATH: [process.env["PATH"] ?? "", provider].join(delimiter) };
  const pulumi = parts.program("pulumi");
  return { stack: plan.environment, program, folder: root, pulumi, installation, variables, policyPacks };
}

/** The machines that the environment's pools promise. */
function simulatedPools(plan: Plan): readonly SimulatedPool[] {
  return Object.values(plan.pools).map((pool) => ({
    name: pool.name,
    nodes: pool.nodes,
    gpus: pool.gpusPerNode,
    gpuResource: pool.placement.gpuResource,
    gpuProduct: findGpu(pool.accelerator)?.productLabel ?? pool.accelerator,
    zones: pool.zones,
    labels: pool.placement.nodeSelector,
    taints: pool.placement.toleratedTaints.map((key) => ({ key, value: "present", effect: "NoSchedule" as const })),
    capacity: pool.capacity,
    allocatable: pool.allocatable,
  }));
}
