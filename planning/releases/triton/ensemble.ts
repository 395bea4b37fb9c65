import { suggestion } from "../../../catalog/suggest";
import type { Path } from "../../../environment";
import { tensorFlow, type Flowing } from "./ensemble-flow";
import type { ModelInterface } from "./interfaces";
import type { StepConfig, TensorConfig } from "./model-config";

/** A model as an ensemble sees it. */
export interface StepModel extends ModelInterface {
  /** Versions that are served. */
  readonly versions: readonly number[];
}

export interface EnsembleQuestion extends ModelInterface {
  readonly name: string;
  readonly steps: readonly StepConfig[];
  /** Every model of the repository by its name, ensembles with the others. */
  readonly models: ReadonlyMap<string, StepModel>;
}

/** Something that is wrong, at a path inside the model's settings. */
export interface ModelProblem {
  readonly at: Path;
  readonly message: string;
  readonly fix: string;
}

export interface EnsembleChecked {
  /** Everything that is wrong, in the order of the settings. */
  readonly problems: readonly ModelProblem[];
  /** Positions of the steps in the order in which they can run; of those that never can, at the end. */
  readonly order: readonly number[];
}

/**
 * Whether an ensemble can work: every model and tensor that it names is there, each tensor is made once and used, and
 * types, shapes and batches agree from step to step. Triton says the first of these alone, when it starts.
 */
export function checkEnsemble(question: EnsembleQuestion): EnsembleChecked {
  const found = question.steps.map((step, index) => ({ step, index, model: question.models.get(step.model) }));
  const flow = tensorFlow(question);
  const problems = [
    ...found.flatMap(({ step, index, model }) =>
      model === undefined
        ? [unknownModel(question, step, index)]
        : [...versionProblems(step, index, model), ...batchProblems(question, step, index, model)],
    ),
    ...found.flatMap(({ step, index, model }) => (model === undefined ? [] : tensorProblems(step, index, model))),
    ...flow.problems,
    ...found.flatMap(({ step, index, model }) =>
      model === undefined ? [] : agreementProblems(step, index, model, flow.made),
    ),
    ...outputProblems(question, flow.made),
  ];
  return { problems, order: flow.order };
}

function unknownModel({ name, models }: EnsembleQuestion, { model }: StepConfig, index: number): ModelProblem {
  const known = [...models.keys()].filter((other) => other !== name);
  return {
    at: ["steps", index, "model"],
    message: `step ${index + 1} runs the model ${model}, which this release does not have`,
    fix: suggestion(model, known),
  };
}

function versionProblems({ model, version }: StepConfig, index: number, { versions }: StepModel) {
  if (version === -1 || versions.includes(version)) return [];
  const message = `step ${index + 1} runs version ${version} of ${model}, which is not served: served are ${versions.join(", ")}`;
  return [{ at: ["steps", index, "version"], message, fix: "Name a version that is served, or leave it out." }];
}

/** A model without batches may be part of an ensemble with them where its shapes have the batch in them. */
function batchProblems({ maxBatchSize }: EnsembleQuestion, { model }: StepConfig, index: number, step: StepModel) {
  if (step.maxBatchSize === 0 || step.maxBatchSize >= maxBatchSize) return [];
  const message = `the ensemble takes batches of ${maxBatchSize}, and ${model} in step ${index + 1} only of ${step.maxBatchSize}`;
  const fix = `Write \`maxBatchSize: ${step.maxBatchSize}\` for the ensemble, or allow ${model} larger batches.`;
  return [{ at: ["maxBatchSize"], message, fix }];
}

/** Tensors of the step's model: those that it does not have, and inputs that it needs and does not get. */
function tensorProblems({ model, inputs, outputs }: StepConfig, index: number, of: StepModel): readonly ModelProblem[] {
  const missing = of.inputs.filter(({ name, optional }) => !optional && !Object.hasOwn(inputs, name));
  return [
    ...unknownTensors("input", Object.keys(inputs), of.inputs, model, index),
    ...missing.map(({ name, type }) => ({
      at: ["steps", index, "inputs"],
      message: `step ${index + 1} gives ${model} nothing for its input ${name} (${type}), which it needs`,
      fix: `Add \`${name}: <tensor of the ensemble>\`, or declare the input \`optional: true\` if the model does without it.`,
    })),
    ...unknownTensors("output", Object.keys(outputs), of.outputs, model, index),
  ];
}

function unknownTensors(
  what: "input" | "output",
  names: readonly string[],
  there: readonly TensorConfig[],
  model: string,
  index: number,
): readonly ModelProblem[] {
  const known = there.map(({ name }) => name);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      at: ["steps", index, `${what}s`, name],
      message: `step ${index + 1} names the ${what} ${name} of ${model}, which has none of this name`,
      fix: suggestion(name, known),
    }));
}

/** What a step is given against what its model expects. */
function agreementProblems(
  { model, inputs }: StepConfig,
  index: number,
  of: StepModel,
  made: ReadonlyMap<string, Flowing>,
): readonly ModelProblem[] {
  return Object.entries(inputs).flatMap(([input, tensor]) => {
    const from = made.get(tensor);
    const expected = of.inputs.find(({ name }) => name === input);
    if (from === undefined || expected === undefined) return [];
    const to: Flowing = { tensor: expected, batched: of.maxBatchSize > 0, by: `${model} (input ${input})` };
    return disagreement(tensor, from, to, ["steps", index, "inputs", input]);
  });
}

/** What the ensemble promises to answer against what its steps make. */
function outputProblems({ outputs, maxBatchSize }: EnsembleQuestion, made: ReadonlyMap<string, Flowing>) {
  return outputs.flatMap((tensor, index) => {
    const from = made.get(tensor.name);
    if (from === undefined) return [];
    const to: Flowing = { tensor, batched: maxBatchSize > 0, by: "the ensemble's output" };
    return disagreement(tensor.name, from, to, ["outputs", index]);
  });
}

function disagreement(name: string, from: Flowing, to: Flowing, at: Path): readonly ModelProblem[] {
  if (from.tensor.type !== to.tensor.type) {
    const message = `the tensor ${name} is ${from.tensor.type} as ${from.by} makes it, and ${to.tensor.type} for ${to.by}`;
    return [{ at, message, fix: "Give both the same type, or put a step between that converts it." }];
  }
  if (shapesAgree(from, to)) return [];
  const message = `the tensor ${name} has the shape ${shapeText(from)} as ${from.by} makes it, and ${shapeText(to)} for ${to.by}`;
  return [{ at, message, fix: "Correct the dims of one of them; -1 is any size, and batches add a dimension before." }];
}

/** As Triton compares them: without the batch, or with it where only one of them has one. */
function shapesAgree(from: Flowing, to: Flowing): boolean {
  return alike(from.tensor.dims, to.tensor.dims) || alike(whole(from), whole(to));
}

function alike(one: readonly number[], other: readonly number[]): boolean {
  return (
    one.length === other.length &&
    one.every((size, index) => size === -1 || other[index] === -1 || size === other[index])
  );
}

function whole({ tensor, batched }: Flowing): readonly number[] {
  return batched ? [-1, ...tensor.dims] : tensor.dims;
}

function shapeText(flowing: Flowing): string {
  return `[${whole(flowing).join(", ")}]`;
}
