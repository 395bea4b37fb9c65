import { delimiter, dirname, join } from "node:path";
import type { Plan } from "../../planning";
import { findGpu } from "../../catalog/gpus";
import { ensureParts } from "../run/parts";
import type { Target } from "../run/pulumi";
import { simulated, startSimulation, type SimulatedPool, type Simulation } from "../simulator";
import type { Terminal } from "./command";
import program = require("../../stacks/index");
import { root } from "./root";

const policyPacks = [join(root, "policies")];

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
  const target: Target = {
    stack: plan.environment,
    program: simulated(program, simulation),
    folder: simulation.projectFolder,
    pulumi: parts.program("pulumi"),
    variables: simulation.variables,
    projectSettings: simulation.projectSettings,
    policyPacks,
  };
  return { target, simulation };
}

/** The cluster that the environment names, with the state and the plugins that the user's own Pulumi has. */
export async function realTarget(environment: string, terminal: Terminal): Promise<Target> {
  const parts = await ensureParts(["pulumi", "kubernetes-provider"], terminal);
  const provider = dirname(parts.program("pulumi-resource-kubernetes"));
  const variables = { PATH: [process.env["PATH"] ?? "", provider].join(delimiter) };
  return { stack: environment, program, folder: root, pulumi: parts.program("pulumi"), variables, policyPacks };
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
