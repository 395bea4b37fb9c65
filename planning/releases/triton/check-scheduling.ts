import type { DynamicBatchingSettings, SequenceBatchingSettings, TritonModelSettings } from "../../../environment";
import type { ModelProblem } from "./ensemble";
import type { ModelInterface } from "./interfaces";

/** What Triton refuses about batching (`model_config_utils.cc`), and what would have no effect. */
export function schedulingProblems(model: TritonModelSettings, tensors: ModelInterface): readonly ModelProblem[] {
  const dynamic = "dynamicBatching" in model ? model.dynamicBatching : undefined;
  const sequence = "sequenceBatching" in model ? model.sequenceBatching : undefined;
  const both =
    dynamic === undefined || sequence === undefined
      ? []
      : [
          {
            at: ["sequenceBatching"],
            message: "a model has dynamic batches or sequences, not both",
            fix: "Leave out one of `dynamicBatching` and `sequenceBatching`.",
          },
        ];
  return [
    ...both,
    ...(dynamic === undefined ? [] : dynamicProblems(dynamic, tensors.maxBatchSize)),
    ...(sequence === undefined ? [] : sequenceProblems(sequence, tensors)),
  ];
}

function dynamicProblems(
  { preferredBatchSizes, preserveOrdering, priorities }: DynamicBatchingSettings,
  maxBatchSize: number,
): readonly ModelProblem[] {
  const at = ["dynamicBatching"];
  if (maxBatchSize === 0)
    return [
      {
        at,
        message: "requests cannot be put together: the model takes no batches (`maxBatchSize: 0`)",
        fix: "Write the largest batch that the model takes, or leave `dynamicBatching` out.",
      },
    ];
  const problems = tooLarge(preferredBatchSizes, maxBatchSize, at);
  if (priorities === undefined) return problems;
  const { levels, default: usual, queues } = priorities;
  const beyond = Object.keys(queues).filter((level) => Number(level) > levels);
  return [
    ...problems,
    ...(usual <= levels
      ? []
      : [
          {
            at: [...at, "priorities", "default"],
            message: `the default level is ${usual}, and there are ${levels} levels`,
            fix: "Write one of the levels.",
          },
        ]),
    ...beyond.map((level) => ({
      at: [...at, "priorities", "queues", level],
      message: `level ${level} has a queue, and there are ${levels} levels`,
      fix: "Raise `levels`, or leave the queue out.",
    })),
    ...(preserveOrdering && levels > 1
      ? [
          {
            at: [...at, "preserveOrdering"],
            message: "answers cannot keep the order of requests where some are more urgent than others",
            fix: "Leave out one of `preserveOrdering` and `priorities`.",
          },
        ]
      : []),
  ];
}

function tooLarge(sizes: readonly number[], maxBatchSize: number, at: readonly string[]): readonly ModelProblem[] {
  const large = sizes.filter((size) => size > maxBatchSize);
  if (large.length === 0) return [];
  const message = `batches of ${large.join(", ")} are preferred, and the model takes ${maxBatchSize} at most`;
  return [{ at: [...at, "preferredBatchSizes"], message, fix: "Prefer sizes up to `maxBatchSize`." }];
}

function sequenceProblems(
  { strategy, controls, states }: SequenceBatchingSettings,
  { inputs, outputs, maxBatchSize }: ModelInterface,
): readonly ModelProblem[] {
  const at = ["sequenceBatching"];
  const named = new Set(inputs.map(({ name }) => name));
  const answered = new Set(outputs.map(({ name }) => name));
  const kinds = controls.map(({ kind }) => kind);
  return [
    ...(strategy.kind === "oldest"
      ? tooLarge(strategy.preferredBatchSizes, Math.max(1, maxBatchSize), [...at, "strategy"])
      : []),
    ...controls.flatMap(({ input, kind }, index): readonly ModelProblem[] => [
      ...(named.has(input)
        ? [
            {
              at: [...at, "controls", index, "input"],
              message: `${input} is both an input of requests and what Triton says of a sequence`,
              fix: "Leave it out of `inputs`: Triton itself gives it to the model.",
            },
          ]
        : []),
      ...(kinds.indexOf(kind) === index
        ? []
        : [{ at: [...at, "controls", index, "kind"], message: `${kind} is said twice`, fix: "Say each once." }]),
    ]),
    ...states.flatMap(({ input, output }, index): readonly ModelProblem[] =>
      named.has(input) || answered.has(output)
        ? [
            {
              at: [...at, "states", index],
              message: `the state from ${output} to ${input} is also a tensor of requests`,
              fix: "Leave it out of `inputs` and `outputs`: Triton itself keeps it.",
            },
          ]
        : [],
    ),
  ];
}
