/** How a replica may be split over machines. */
import type { Path, VllmSettings } from "../../environment";
import { errorAt, type Finding } from "../findings";
import type { PoolPlan } from "../plan";

type GroupSettings = Pick<VllmSettings, "nodes" | "tensorParallel" | "pipelineParallel" | "dataParallel">;

/** GPUs that each layer is split over, where the settings leave it open: as many as make a group take whole machines. */
export function groupTensor(
  { nodes, pipelineParallel, dataParallel }: GroupSettings,
  { gpusPerNode }: PoolPlan,
): number {
  return (nodes * gpusPerNode) / (pipelineParallel * dataParallel);
}

/** Why this split cannot be laid over the machines; null where it can, and where one machine has it all. */
export function groupSplitProblem(settings: GroupSettings, pool: PoolPlan, at: Path): Finding | null {
  const { nodes, pipelineParallel: pipeline, dataParallel: data } = settings;
  const { gpusPerNode: gpus } = pool;
  if (nodes === 1) return null;
  const tensor = settings.tensorParallel ?? groupTensor(settings, pool);
  const refuse = (where: string, message: string, fix: string) =>
    errorAt([...at, where], "layout-impossible", message, fix);
  const whole = `Write \`tensorParallel: ${gpus}\` and \`pipelineParallel: ${nodes}\`.`;
  if (data > 1) {
    const message = `data parallelism over machines is not declared here: ${data} ranks would each be an engine of their own`;
    return refuse(
      "dataParallel",
      message,
      `Leave it out, and write more \`replicas\` of \`pipelineParallel: ${nodes}\`.`,
    );
  }
  if (tensor > gpus && settings.tensorParallel !== undefined) return tensorAcross(tensor, gpus, at, whole);
  if (pipeline % nodes !== 0) {
    const message = `${stages(pipeline)} cannot be divided among ${nodes} machines, each of which has whole ones`;
    return refuse("pipelineParallel", message, whole);
  }
  if (tensor * pipeline !== nodes * gpus) {
    const message = `tensor ${tensor} × pipeline ${pipeline} = ${tensor * pipeline} GPUs, and ${nodes} machines have ${nodes} × ${gpus} = ${nodes * gpus}: a replica over several machines takes all of each, so that nothing else shares their network`;
    return refuse("nodes", message, whole);
  }
  if (Number.isInteger(tensor)) return null;
  const message = `${stages(pipeline)} cannot be divided among the ${nodes * gpus} GPUs of ${nodes} machines`;
  return refuse("pipelineParallel", message, whole);
}

/** Tensor parallelism that no machine has the GPUs for: every layer would wait for the network, twice. */
export function tensorAcross(tensor: number, gpus: number, at: Path, fix: string): Finding {
  const message = `tensor parallelism of ${tensor} does not fit a machine with ${gpus} GPUs, and it never crosses machines: every layer would wait for the network twice. Stages of a pipeline do`;
  return errorAt([...at, "tensorParallel"], "tensor-parallel-impossible", message, fix);
}

function stages(pipeline: number): string {
  return pipeline === 1 ? "one pipeline stage" : `${pipeline} pipeline stages`;
}
