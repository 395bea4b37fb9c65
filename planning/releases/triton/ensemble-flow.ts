import type { EnsembleQuestion, ModelProblem } from "./ensemble";
import type { StepConfig, TensorConfig } from "./model-config";

/** A tensor of an ensemble, as somebody makes or takes it. */
export interface Flowing {
  readonly tensor: TensorConfig;
  /** Whether a batch dimension stands before its dims. */
  readonly batched: boolean;
  /** In words. */
  readonly by: string;
}

export interface TensorFlow {
  /** Every tensor that is there at some time, as who makes it first makes it. */
  readonly made: ReadonlyMap<string, Flowing>;
  /** Positions of the steps in the order in which they can run. */
  readonly order: readonly number[];
  readonly problems: readonly ModelProblem[];
}

/** Who makes which tensor, who needs it, and in which order steps can run. */
export function tensorFlow(question: EnsembleQuestion): TensorFlow {
  const made = new Map<string, Flowing>();
  const problems: ModelProblem[] = [];
  for (const tensor of question.inputs)
    made.set(tensor.name, { tensor, batched: question.maxBatchSize > 0, by: "the ensemble's input" });
  question.steps.forEach((step, index) => {
    problems.push(...addOutputs(made, question, step, index));
  });
  const { order, stuck } = runningOrder(question);
  return {
    made,
    order: [...order, ...stuck],
    problems: [
      ...problems,
      ...question.steps.flatMap((step, index) => danglingInputs(step, index, named(question))),
      ...cycle(question, stuck, order),
      ...neverMade(question, named(question)),
      ...neverUsed(question),
    ],
  };
}

function addOutputs(made: Map<string, Flowing>, question: EnsembleQuestion, step: StepConfig, index: number) {
  const model = question.models.get(step.model);
  return Object.entries(step.outputs).flatMap(([output, tensor]): readonly ModelProblem[] => {
    const first = made.get(tensor);
    const declared = model?.outputs.find(({ name }) => name === output);
    if (first !== undefined) {
      const message = `step ${index + 1} makes the tensor ${tensor}, which ${first.by} makes already`;
      return [{ at: ["steps", index, "outputs", output], message, fix: "Give each tensor a name of its own." }];
    }
    if (declared !== undefined && model !== undefined)
      made.set(tensor, {
        tensor: declared,
        batched: model.maxBatchSize > 0,
        by: `${step.model} (output ${output}, step ${index + 1})`,
      });
    return [];
  });
}

/** Every name that somebody makes, whether or not its model has such an output. */
function named({ inputs, steps }: EnsembleQuestion): ReadonlySet<string> {
  return new Set([...inputs.map(({ name }) => name), ...steps.flatMap(({ outputs }) => Object.values(outputs))]);
}

function danglingInputs({ model, inputs }: StepConfig, index: number, there: ReadonlySet<string>) {
  return Object.entries(inputs)
    .filter(([, tensor]) => !there.has(tensor))
    .map(([input, tensor]) => ({
      at: ["steps", index, "inputs", input],
      message: `step ${index + 1} gives ${model} the tensor ${tensor}, which no step makes and which is no input of the ensemble`,
      fix: `Tensors that there are: ${[...there].join(", ")}.`,
    }));
}

/** Steps run when their tensors are there; what is left waits for itself. */
function runningOrder({ inputs, steps }: EnsembleQuestion): {
  readonly order: readonly number[];
  readonly stuck: readonly number[];
} {
  const all = new Set(steps.flatMap(({ outputs }) => Object.values(outputs)));
  const there = new Set(inputs.map(({ name }) => name));
  const order: number[] = [];
  const left = steps.map((_, index) => index);
  for (;;) {
    const ready = left.filter((index) =>
      // A tensor that nobody makes is said elsewhere, and holds nobody up here.
      Object.values(steps[index]?.inputs ?? {}).every((tensor) => there.has(tensor) || !all.has(tensor)),
    );
    if (ready.length === 0) return { order, stuck: left };
    for (const index of ready) {
      order.push(index);
      left.splice(left.indexOf(index), 1);
      for (const tensor of Object.values(steps[index]?.outputs ?? {})) there.add(tensor);
    }
  }
}

function cycle(
  { steps }: EnsembleQuestion,
  stuck: readonly number[],
  order: readonly number[],
): readonly ModelProblem[] {
  const [first] = stuck;
  if (first === undefined) return [];
  const outside = new Set(order.flatMap((index) => Object.values(steps[index]?.outputs ?? {})));
  const waits = stuck.map((index) => {
    const step = steps[index];
    const for_ = Object.values(step?.inputs ?? {}).filter(
      (tensor) =>
        !outside.has(tensor) && stuck.some((other) => Object.values(steps[other]?.outputs ?? {}).includes(tensor)),
    );
    return `step ${index + 1} (${step?.model ?? ""}) for ${for_.join(", ")}`;
  });
  const message = `steps wait for each other and none of them ever runs: ${waits.join("; ")}`;
  return [
    { at: ["steps", first], message, fix: "Break the circle: let one of them read a tensor that is made before." },
  ];
}

function neverMade({ outputs }: EnsembleQuestion, there: ReadonlySet<string>): readonly ModelProblem[] {
  return outputs.flatMap(({ name }, index) =>
    there.has(name)
      ? []
      : [
          {
            at: ["outputs", index, "name"],
            message: `no step makes the ensemble's output ${name}`,
            fix: `Let a step's outputs name it; tensors that there are: ${[...there].join(", ")}.`,
          },
        ],
  );
}

function neverUsed({ inputs, outputs, steps }: EnsembleQuestion): readonly ModelProblem[] {
  const used = new Set(steps.flatMap((step) => Object.values(step.inputs)));
  const answered = new Set(outputs.map(({ name }) => name));
  const unusedInputs = inputs.flatMap(({ name }, index) =>
    used.has(name)
      ? []
      : [
          {
            at: ["inputs", index, "name"],
            message: `no step uses the ensemble's input ${name}`,
            fix: "Give it to a step, or leave it out.",
          },
        ],
  );
  const unusedTensors = steps.flatMap((step, index) =>
    Object.entries(step.outputs)
      .filter(([, tensor]) => !used.has(tensor) && !answered.has(tensor))
      .map(([output, tensor]) => ({
        at: ["steps", index, "outputs", output],
        message: `step ${index + 1} makes the tensor ${tensor}, which no step uses and the ensemble does not answer`,
        fix: `Leave \`${output}\` out of the step's outputs, or use ${tensor}.`,
      })),
  );
  return [...unusedInputs, ...unusedTensors];
}
