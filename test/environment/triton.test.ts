import { describe, expect, test } from "vitest";
import { EnvironmentError } from "../../environment";
import { builtFor, referenceModels, tensorrtLlm, vllmInside, withModel, withTriton } from "../harness/triton";
import { load } from "../harness/environments";

type Written = Parameters<typeof load>[0];

/** What is said about an environment, places and advice with it; nothing where it is taken. */
function complaintsOf(environment: Written): readonly string[] {
  try {
    load(environment);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return [error.message];
  }
}

const llama = (changes: Readonly<Record<string, unknown>>) =>
  complaintsOf(withModel("llama_8b_tensorrt", changes)).join("\n");

const { llama: engine } = tensorrtLlm.models;

test("the reference ensemble is written as it stands", () => {
  expect(complaintsOf(withTriton())).toEqual([]);
});

describe("a repository is refused", () => {
  test.each<[string, string, string]>([
    [
      "with a type of tensors that Triton does not have",
      llama({ inputs: [{ name: "x", type: "INT64", dims: [1] }] }),
      'Did you mean "TYPE_INT64"?',
    ],
    [
      "with a dimension of zero",
      llama({ inputs: [{ name: "x", type: "TYPE_INT64", dims: [0] }] }),
      "a dimension is -1, for any size, or at least 1",
    ],
    [
      "with a tensor whose name would break out of its quotes",
      llama({ inputs: [{ name: 'x"\n', type: "TYPE_INT64", dims: [1] }] }),
      "a tensor's name has no spaces and no control characters",
    ],
    [
      "with copies on the CPU that name GPUs",
      llama({ instanceGroups: [{ kind: "cpu", gpus: [0] }] }),
      "copies on the CPU have no GPUs",
    ],
    ["with a version twice", llama({ versions: [1, 1] }), "each version once"],
    [
      "with a delay that has no unit",
      llama({ dynamicBatching: { maxQueueDelay: 100 } }),
      "100 has no unit; expected a latency such as 200ms, 2s",
    ],
    [
      "with a control of a type that says nothing",
      llama({
        dynamicBatching: undefined,
        sequenceBatching: { controls: [{ input: "END", kind: "end", type: "TYPE_UINT64" }] },
      }),
      "yes and no are INT32, FP32 or BOOL",
    ],
    [
      "with a compute capability that is none",
      llama({ builtFor: { ...builtFor, computeCapability: "sm80" } }),
      "a compute capability is written as 8.0",
    ],
    [
      "with a profile that falls",
      llama({
        builtFor: { ...builtFor, profiles: [{ input: "input_ids", min: [1, 1], opt: [32, 512], max: [16, 2048] }] },
      }),
      "`min`, `opt` and `max` do not fall",
    ],
    [
      "with a profile of unlike shapes",
      llama({
        builtFor: { ...builtFor, profiles: [{ input: "input_ids", min: [1], opt: [8, 512], max: [16, 2048] }] },
      }),
      "`min`, `opt` and `max` have as many dimensions",
    ],
    ["with a setting of another backend", llama({ accelerator: { name: "tensorrt" } }), "accelerator"],
    [
      "without what an engine was built for",
      complaintsOf(withTriton({ models: { llama: { ...engine, builtFor: undefined } } })).join("\n"),
      "builtFor",
    ],
    [
      "without what a copy takes",
      complaintsOf(withModel("tokenizer", { resources: undefined })).join("\n"),
      "resources",
    ],
    [
      "with a name that climbs out of the repository",
      complaintsOf(withTriton({ models: { "../up": referenceModels.tokenizer } })).join("\n"),
      "a model's name is letters, digits, dashes and underlines",
    ],
    ["without a model", complaintsOf(withTriton({ models: {} })).join("\n"), "at least one model"],
    [
      "with a backend that there is none of",
      complaintsOf(withTriton({ models: { m: { ...referenceModels.tokenizer, backend: "caffe2" } } })).join("\n"),
      "backend",
    ],
    [
      "with a setting of vLLM that is not offered inside Triton",
      complaintsOf(withTriton({ models: { q: { ...vllmInside.models.qwen, lora: {} } } })).join("\n"),
      "lora",
    ],
    [
      "in a version that is not in the catalogue",
      complaintsOf(withTriton({}, { engines: { triton: "25.01" } })).join("\n"),
      "26.07",
    ],
    [
      "with an image that is not pinned",
      complaintsOf(withTriton({ image: "nvcr.io/nvidia/tritonserver:26.07-py3" })).join("\n"),
      "registry/repository:tag@sha256:digest",
    ],
  ])("%s", (_, complaints, said) => {
    // Sentences of advice begin with a capital.
    expect(complaints.toLowerCase()).toContain(said.toLowerCase());
  });
});
