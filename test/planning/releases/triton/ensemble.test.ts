import { describe, expect, test } from "vitest";
import { referenceModels, withModel, withTriton } from "../../../harness/triton";
import { findingsOf, planOf, type Written } from "../../parsed";

const { llama_8b_ensemble: ensemble } = referenceModels;
const [postprocessor, llama, tokenizer] = ensemble.steps;

function problemsOf(environment: Written): readonly string[] {
  return findingsOf(environment)
    .filter(({ id }) => id === "ensemble-broken")
    .map(({ at, message }) => `${at.slice(4).join(".")}: ${message}`);
}

const changed = (changes: Written) => problemsOf(withModel("llama_8b_ensemble", changes));
const steps = (...all: readonly unknown[]) => changed({ steps: all });

test("the reference ensemble is whole, and its steps are written in the order in which they run", () => {
  const release = planOf(withTriton()).releases["ensemble"];
  if (release?.kind !== "triton") throw new Error("no release of Triton");
  const { scheduling } = release.models["llama_8b_ensemble"]?.config ?? {};
  expect(scheduling).toMatchObject({
    kind: "ensemble",
    steps: [{ model: "tokenizer" }, { model: "llama_8b_tensorrt" }, { model: "postprocessor" }],
  });
  expect(problemsOf(withTriton())).toEqual([]);
});

describe("an ensemble is refused", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    [
      "with a model that is not there",
      steps(postprocessor, llama, { ...tokenizer, model: "tokeniser" }),
      ["steps.2.model: llama_8b_ensemble: step 3 runs the model tokeniser, which this release does not have"],
    ],
    [
      "with a version that is not served",
      steps(postprocessor, { ...llama, version: 3 }, tokenizer),
      [
        "steps.1.version: llama_8b_ensemble: step 2 runs version 3 of llama_8b_tensorrt, which is not served: served are 1",
      ],
    ],
    [
      "with a tensor of a model that has none of the name",
      steps(postprocessor, { ...llama, outputs: { logit: "logits" } }, tokenizer),
      [
        "steps.1.outputs.logit: llama_8b_ensemble: step 2 names the output logit of llama_8b_tensorrt, which has none of this name",
      ],
    ],
    [
      "where a model does not get what it needs",
      steps({ ...postprocessor, inputs: { text: "logits" } }, llama, tokenizer),
      [
        "steps.0.inputs.text: llama_8b_ensemble: step 1 names the input text of postprocessor, which has none of this name",
        "steps.0.inputs: llama_8b_ensemble: step 1 gives postprocessor nothing for its input logits (TYPE_FP32), which it needs",
      ],
    ],
    [
      "with a tensor that nobody makes",
      steps(postprocessor, { ...llama, inputs: { input_ids: "ids" } }, tokenizer),
      [
        "steps.1.inputs.input_ids: llama_8b_ensemble: step 2 gives llama_8b_tensorrt the tensor ids, which no step makes and which is no input of the ensemble",
        "steps.2.outputs.input_ids: llama_8b_ensemble: step 3 makes the tensor input_ids, which no step uses and the ensemble does not answer",
      ],
    ],
    [
      "with an output that nobody makes",
      changed({ outputs: [...ensemble.outputs, { name: "score", type: "TYPE_FP32", dims: [1] }] }),
      ["outputs.1.name: llama_8b_ensemble: no step makes the ensemble's output score"],
    ],
    [
      "with an input that nobody uses",
      changed({ inputs: [...ensemble.inputs, { name: "language", type: "TYPE_STRING", dims: [1] }] }),
      ["inputs.1.name: llama_8b_ensemble: no step uses the ensemble's input language"],
    ],
    [
      "with a tensor that two steps make",
      steps(postprocessor, llama, tokenizer, { ...tokenizer }),
      [
        "steps.3.outputs.input_ids: llama_8b_ensemble: step 4 makes the tensor input_ids, which tokenizer (output input_ids, step 3) makes already",
      ],
    ],
    [
      "whose steps wait for each other",
      steps(postprocessor, { ...llama, inputs: { input_ids: "output" } }, tokenizer),
      [
        "steps.2.outputs.input_ids: llama_8b_ensemble: step 3 makes the tensor input_ids, which no step uses and the ensemble does not answer",
        "steps.0: llama_8b_ensemble: steps wait for each other and none of them ever runs: step 1 (postprocessor) for logits; step 2 (llama_8b_tensorrt) for output",
        "steps.1.inputs.input_ids: llama_8b_ensemble: the tensor output is TYPE_STRING as postprocessor (output output, step 1) makes it, and TYPE_INT64 for llama_8b_tensorrt (input input_ids)",
      ],
    ],
    [
      "whose tensors have other types from step to step",
      problemsOf(withModel("tokenizer", { outputs: [{ name: "input_ids", type: "TYPE_INT32", dims: [-1] }] })),
      [
        "steps.1.inputs.input_ids: llama_8b_ensemble: the tensor input_ids is TYPE_INT32 as tokenizer (output input_ids, step 3) makes it, and TYPE_INT64 for llama_8b_tensorrt (input input_ids)",
      ],
    ],
    [
      "whose tensors have other shapes from step to step",
      problemsOf(withModel("postprocessor", { inputs: [{ name: "logits", type: "TYPE_FP32", dims: [-1, 32000] }] })),
      [
        "steps.0.inputs.logits: llama_8b_ensemble: the tensor logits has the shape [-1, -1, 128256] as llama_8b_tensorrt (output logits, step 2) makes it, and [-1, -1, 32000] for postprocessor (input logits)",
      ],
    ],
    [
      "that promises another type than its steps make",
      changed({ outputs: [{ name: "output", type: "TYPE_UINT8", dims: [1] }] }),
      [
        "outputs.0: llama_8b_ensemble: the tensor output is TYPE_STRING as postprocessor (output output, step 1) makes it, and TYPE_UINT8 for the ensemble's output",
      ],
    ],
    [
      "whose batches are larger than those of a step",
      problemsOf(withModel("tokenizer", { maxBatchSize: 8 })),
      ["maxBatchSize: llama_8b_ensemble: the ensemble takes batches of 16, and tokenizer in step 3 only of 8"],
    ],
  ])("%s", (_, found, expected) => {
    expect([...found].sort()).toEqual([...expected].sort());
  });

  test("with everything that is wrong at once", () => {
    const found = steps(
      { ...postprocessor, model: "post" },
      { ...llama, inputs: { input_ids: "ids", mask: "mask" } },
      tokenizer,
    );
    expect(found.map((problem) => problem.split(": ")[0])).toEqual([
      "steps.0.model",
      "steps.1.inputs.mask",
      "steps.1.inputs.input_ids",
      "steps.1.inputs.mask",
      "steps.2.outputs.input_ids",
    ]);
  });
});

describe("ensembles of ensembles", () => {
  const passOn = (model: string) => ({
    backend: "ensemble",
    maxBatchSize: 16,
    inputs: ensemble.inputs,
    outputs: ensemble.outputs,
    steps: [{ model, inputs: { text: "text" }, outputs: { output: "output" } }],
  });

  test("work", () => {
    const models = { ...referenceModels, outer: passOn("llama_8b_ensemble") };
    expect(problemsOf(withTriton({ models, serves: "outer" }))).toEqual([]);
  });

  test("are refused where one comes back to itself", () => {
    const models = { ...referenceModels, one: passOn("other"), other: passOn("one") };
    expect(problemsOf(withTriton({ models, serves: "one" }))).toEqual([
      "steps: one: the ensemble runs itself: one → other → one",
      "steps: other: the ensemble runs itself: other → one → other",
    ]);
  });
});

test("a model without batches may be a step where the batch is part of its shape", () => {
  const whole = {
    maxBatchSize: 0,
    inputs: [{ name: "text", type: "TYPE_STRING", dims: [-1, 1] }],
    outputs: [{ name: "input_ids", type: "TYPE_INT64", dims: [-1, -1] }],
  };
  expect(problemsOf(withModel("tokenizer", whole))).toEqual([]);
});
