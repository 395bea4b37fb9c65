import { describe, expect, test } from "vitest";

import {
  onnxEncoder,
  onnxRelease,
  onProcessors,
  only,
  builtFor,
  referenceModels,
  tensorrtLlm,
  vllmInside,
  withModel,
  withTriton,
} from "../../../harness/triton";
import { findingsOf, type Written } from "../../parsed";

function errorsOf(environment: Written): readonly string[] {
  return findingsOf(environment)
    .filter(({ level }) => level === "error")
    .map(({ id, at, message }) => `${id} ${at.slice(2).join(".")}: ${message}`);
}

describe("an engine is refused that was built for", () => {
  const engine = (changes: Written, more: Written = {}) =>
    errorsOf(withModel("llama_8b_tensorrt", { builtFor: { ...builtFor, ...changes }, ...more }));
  const at = "engine-artefact-mismatch models.llama_8b_tensorrt.builtFor";

  test.each<[string, readonly string[], string]>([
    [
      "another GPU",
      engine({ computeCapability: "8.9" }),
      `${at}.computeCapability: the engine was built for compute capability 8.9, and the pool gpus (A100-40GB) has 8.0`,
    ],
    [
      "another container",
      engine({ container: "26.05" }),
      `${at}.container: the engine was built by the container 26.05, and the release runs 26.07`,
    ],
    [
      "smaller batches",
      engine({ maxBatchSize: 8, profiles: [] }),
      `${at}.maxBatchSize: the engine was built for batches of 8, and Triton would give it 16`,
    ],
    [
      "other inputs",
      engine({ profiles: [{ input: "tokens", min: [1, 1], opt: [1, 1], max: [16, 9] }] }),
      `${at}.profiles.0.input: the engine was built with the input tokens, and the model is declared with input_ids`,
    ],
    [
      "another number of dimensions",
      engine({ profiles: [{ input: "input_ids", min: [1], opt: [8], max: [16] }] }),
      `${at}.profiles.0.max: input_ids was built with 1 dimensions ([16]), and is declared with 2 ([-1, -1], the batch among them)`,
    ],
    [
      "batches that its profile does not reach",
      engine({ profiles: [{ input: "input_ids", min: [1, 1], opt: [1, 1], max: [4, 2048] }] }),
      `${at}.profiles.0.max: input_ids is declared for shapes that the engine was not built for: batches reach 16, the profile 4`,
    ],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual([expected]);
  });

  test("more GPUs than a machine has", () => {
    const { llama } = tensorrtLlm.models;
    const models = { llama: { ...llama, builtFor: { ...llama.builtFor, tensorParallel: 8 } } };
    expect(errorsOf(only({ ...tensorrtLlm, models }))).toContain(
      "engine-artefact-mismatch models.llama.builtFor.tensorParallel: the engine was built for 8 GPUs (tensor 8 × pipeline 1), and a machine of the pool gpus (A100-40GB) has 4",
    );
  });
});

describe("a release is refused", () => {
  const { llama_8b_tensorrt: llama, tokenizer } = referenceModels;
  const withLlama = (changes: Written) => errorsOf(withModel("llama_8b_tensorrt", changes));
  const llamaAt = "model-config-invalid models.llama_8b_tensorrt";

  test.each<[string, readonly string[], string]>([
    [
      "whose copies take more GPU memory than there is",
      withLlama({ instanceGroups: [{ count: 2 }] }),
      "memory-too-small models: GPU 0 of ensemble would hold 48.0 GiB (llama_8b_tensorrt, 2 × 24 GiB = 48.0 GiB), and A100-40GB has 39.4 GiB",
    ],
    [
      "that names more GPUs than a machine has",
      withLlama({ instanceGroups: [{ count: 1, gpus: [7] }] }),
      "wrong-machines pool: models name 8 GPUs of one pod, and one of the pool gpus has 4 at most",
    ],
    [
      "whose copies are on the CPU where the backend needs a GPU",
      withLlama({ instanceGroups: [{ count: 1, kind: "cpu" }] }),
      `${llamaAt}.instanceGroups.0: llama_8b_tensorrt: the backend tensorrt runs on GPUs alone, and these copies are on the CPU`,
    ],
    [
      "where nobody said how much GPU memory a copy takes",
      withLlama({ instanceGroups: [{ count: 1, kind: "gpu" }], resources: tokenizer.resources }),
      `${llamaAt}.resources: llama_8b_tensorrt: copies run on GPUs, and nobody has said how much GPU memory one takes`,
    ],
    [
      "that prefers batches which the model does not take",
      withLlama({ dynamicBatching: { preferredBatchSizes: [8, 32] } }),
      `${llamaAt}.dynamicBatching.preferredBatchSizes: llama_8b_tensorrt: batches of 32 are preferred, and the model takes 16 at most`,
    ],
    [
      "with batches and sequences",
      withLlama({ sequenceBatching: {} }),
      `${llamaAt}.sequenceBatching: llama_8b_tensorrt: a model has dynamic batches or sequences, not both`,
    ],
    [
      "that serves a version which is not there",
      withLlama({ versionPolicy: { specific: [2] } }),
      `${llamaAt}.versionPolicy.specific: llama_8b_tensorrt: version 2 is to be served, and \`versions\` has 1`,
    ],
    [
      "whose warm-up has another shape than the model",
      withLlama({ outputs: llama.outputs, warmUp: [{ name: "w", inputs: [{ name: "input_ids", dims: [1, 16] }] }] }),
      `${llamaAt}.warmUp.0.inputs.0.dims: llama_8b_tensorrt: input_ids has the shape [-1], and the warm-up sends [1, 16]`,
    ],
    [
      "with a tensor that cannot be reshaped",
      withLlama({ inputs: [{ ...llama.inputs[0], reshape: [] }], builtFor: { ...builtFor, profiles: [] } }),
      `${llamaAt}.inputs.0.reshape: llama_8b_tensorrt: input_ids cannot be reshaped from [-1] to []: a scalar is one element`,
    ],
    [
      "that limits rates nowhere but at a model",
      withLlama({ instanceGroups: [{ count: 1, rateLimiter: { resources: [{ name: "r", count: 1 }] } }] }),
      "model-config-invalid : copies of llama_8b_tensorrt wait for resources, and the server does not limit rates: nothing would wait",
    ],
    [
      "whose cached answers have no room",
      withLlama({ responseCache: true }),
      "model-config-invalid : answers of llama_8b_tensorrt are to be cached, and the server has no cache",
    ],
    [
      "with a cache that nobody uses",
      errorsOf(withTriton({ responseCache: { size: "1GiB" } })),
      "model-config-invalid responseCache: the server has a cache that no model uses",
    ],
    [
      "without the repository that its models are in",
      errorsOf(withTriton({ repository: undefined })),
      "model-config-invalid : models have files, and no repository holds them: tokenizer/<version>/model.py, llama_8b_tensorrt/<version>/model.plan, postprocessor/<version>/model.py",
    ],
    [
      "where clients call a model that is not there",
      errorsOf(withTriton({ serves: "llama" })),
      "model-config-invalid serves: clients call llama, which is no model of this release",
    ],
    [
      "where nobody said which model clients call",
      errorsOf(only({ ...onnxRelease, serves: undefined, models: { one: onnxEncoder, two: onnxEncoder } })),
      "model-config-invalid : nobody has said which of the models clients call: one, two",
    ],
    [
      "on onProcessors, for an engine of TensorRT",
      errorsOf(withTriton({}, onProcessors)),
      "wrong-machines pool: llama_8b_tensorrt run on GPUs, and the machines of the pool gpus have none: EPYC-7763",
    ],
    [
      "on onProcessors, for a language model",
      errorsOf(only(vllmInside, onProcessors)),
      "wrong-machines pool: the backend vllm computes on GPUs, and the machines of the pool gpus have none: EPYC-7763",
    ],
    [
      "with two language models",
      errorsOf(only({ ...vllmInside, serves: "a", models: { a: vllmInside.models.qwen, b: vllmInside.models.qwen } })),
      "model-config-invalid models: a and b would each take all GPUs of the pod, and their memory cannot be planned together",
    ],
    [
      "with OpenAI's API for no language model",
      errorsOf(withTriton({ openai: { tokenizer: "tokenizer" } })),
      "model-config-invalid openai: OpenAI's API is for language models, and the release has none (vllm, llmapi, tensorrtllm)",
    ],
    [
      "with OpenAI's API and a tokenizer of any commit",
      errorsOf(only({ ...vllmInside, openai: {} })),
      "model-config-invalid openai: the tokenizer of qwen would come from the hub at whatever commit is newest: the front end takes no revision",
    ],
    [
      "with OpenAI's API in an image that has none",
      errorsOf(only({ ...tensorrtLlm, image: undefined, openai: { tokenizer: "llama/tokenizer" } })),
      "model-config-invalid openai: the published image for tensorrtllm has no OpenAI front end: its guide adds it by hand",
    ],
    [
      "whose weights a Job would bring",
      errorsOf(
        only({
          ...vllmInside,
          models: {
            qwen: { ...vllmInside.models.qwen, weights: { from: "hub", prefetch: true, cache: { claim: "c" } } },
          },
        }),
      ),
      "model-config-invalid models.qwen.weights.prefetch: no Job brings weights to Triton yet",
    ],
    [
      "with an image whose digest nobody knows",
      errorsOf(withTriton({ image: undefined })),
      "image-not-pinned image: no digest of nvcr.io/nvidia/tritonserver:26.07-py3 is known, and a tag alone may be another image tomorrow",
    ],
    [
      "with a backend that no published image has",
      errorsOf(only({ ...onnxRelease, image: undefined, models: { bert: { ...onnxEncoder, backend: "tensorflow" } } })),
      "image-lacks-backend image: no published image has the backend tensorflow any more",
    ],
    [
      "with backends that no published image has together",
      errorsOf(
        only({ ...onnxRelease, image: undefined, serves: "qwen", models: { bert: onnxEncoder, ...vllmInside.models } }),
      ),
      "image-lacks-backend image: no published image has the backends onnxruntime, vllm together",
    ],
  ])("%s", (_, found, expected) => {
    expect(found).toContain(expected);
  });

  test("with a model that neither the environment nor the catalogue has", () => {
    const models = { qwen: { ...vllmInside.models.qwen, model: "Qwen/Qwen9-8B" } };
    expect(() => errorsOf(only({ ...vllmInside, models }))).toThrow(
      'releases.ensemble.models.qwen.model names the model "Qwen/Qwen9-8B", which neither this environment nor the catalogue has',
    );
  });
});
