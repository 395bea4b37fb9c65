import type { Parallel } from "../replica";
import type { FitQuestion, Part } from "./question";

/** How the GPUs of a question are used. */
export interface Placed {
  readonly parallel: Parallel;
  /** Independent replicas side by side, each with weights and KV cache of its own. */
  readonly replicas: number;
}

/**
 * How GPUs are shared out. What is not said follows from their number: first all of them share each layer; then what is
 * left is data parallel where a model has experts, and independent replicas where it has none.
 */
export function parallelOf(question: FitQuestion, hasExperts: boolean): Part<Placed> {
  const { gpus, tensorParallel, dataParallel, pipelineParallel: pipeline = 1 } = question;
  const rest = {
    pipeline,
    expert: question.expertParallel ?? false,
    decodeContext: question.decodeContextParallel ?? 1,
  };
  const tensor = tensorParallel ?? (gpus ?? pipeline * (dataParallel ?? 1)) / pipeline / (dataParallel ?? 1);
  const used = tensor * pipeline * (dataParallel ?? 1);
  const left = (gpus ?? used) / used;
  if (!Number.isInteger(tensor) || !Number.isInteger(left)) return { problems: [indivisible(question)] };
  if (!hasExperts) return { parallel: { tensor, data: 1, ...rest }, replicas: left * (dataParallel ?? 1) };
  if (dataParallel === undefined) return { parallel: { tensor, data: left, ...rest }, replicas: 1 };
  return { parallel: { tensor, data: dataParallel, ...rest }, replicas: left };
}

function indivisible({ gpus = 1, tensorParallel, pipelineParallel, dataParallel }: FitQuestion) {
  const said = Object.entries({ tensor: tensorParallel, pipeline: pipelineParallel, data: dataParallel }).flatMap(
    ([name, degree]) => (degree === undefined ? [] : [{ name, degree }]),
  );
  const product = said.reduce((sum, { degree }) => sum * degree, 1);
  const factors = said.map(({ name, degree }) => `${degree} ${name}`).join(" × ");
  const message = `${gpus} GPUs cannot be ${factors} parallel; allowed: multiples of ${product}`;
  return { key: "gpus", message } as const;
}
