import { describe, expect, test } from "vitest";
import { isLanguageModel } from "../../../../planning";

import {
  onnxEncoder,
  onnxRelease,
  onProcessors,
  only,
  languageModel,
  llmapiInside,
  tensorrtLlm,
  vllmInside,
  withTriton,
} from "../../../harness/triton";
import { everySetting } from "../../../harness/triton-everything";
import { planOf, usualLoad, type Written } from "../../parsed";

function planned(environment: Written) {
  const release = planOf(environment).releases["ensemble"];
  if (release?.kind !== "triton") throw new Error("no release of Triton");
  return release;
}

describe("a release of Triton", () => {
  test("asks for what its copies take together, the GPUs that they name, and nothing else", () => {
    const { resources, pod, endpoint, model } = planned(withTriton());
    expect(resources).toEqual({ cpu: 4, memoryGiB: 11, diskGiB: 2, gpus: 1 });
    expect(model).toBe("llama_8b_ensemble");
    expect(pod.user).toEqual({ id: 1000, group: 1000 });
    expect(endpoint).toMatchObject({
      protocol: "kserve-v2",
      port: 8000,
      probes: { ready: "/v2/health/ready", live: "/v2/health/live" },
      metrics: { port: 8002, path: "/metrics" },
      servedModel: "llama_8b_ensemble",
    });
  });

  test("waits at the models of its ensemble, and counts microseconds as such", () => {
    const { endpoint, queueShare } = planned(withTriton());
    const own = 'namespace="test-serving",app_kubernetes_io_instance="ensemble"';
    const steps = 'model=~"postprocessor|llama_8b_tensorrt|tokenizer"';
    expect(endpoint.signals.map(({ id, query }) => [id, query])).toEqual([
      ["waiting", `sum(nv_inference_pending_request_count{${own},${steps}})`],
      ["running", `sum(rate(nv_inference_request_duration_us{${own},model="llama_8b_ensemble"}[2m])) / 1000000`],
    ]);
    expect(queueShare.query).toBe(
      `sum(rate(nv_inference_queue_duration_us{${own},${steps}}[2m])) / sum(rate(nv_inference_request_duration_us{${own},model="llama_8b_ensemble"}[2m]))`,
    );
  });

  test("puts each model's directory together: our config, and the versions that are served", () => {
    const mounts = planned(withTriton()).pod.container.mounts.filter(({ path }) => path.includes("llama_8b_"));
    expect(mounts.map(({ volume, path, subPath }) => [volume, path, subPath])).toEqual([
      ["configs", "/repository/llama_8b_ensemble/config.pbtxt", "llama_8b_ensemble.config.pbtxt"],
      ["configs", "/repository/llama_8b_ensemble/1/no-files.txt", "no-files.txt"],
      ["configs", "/repository/llama_8b_tensorrt/config.pbtxt", "llama_8b_tensorrt.config.pbtxt"],
      ["repository", "/repository/llama_8b_tensorrt/1", "llama_8b/llama_8b_tensorrt/1"],
    ]);
    expect(mounts.every(({ readOnly }) => readOnly)).toBe(true);
  });

  test.each<[string, Written, unknown]>([
    ["a claim", { from: "pvc", claim: "models" }, { kind: "claim", claim: "models", readOnly: true }],
    ["an image", llmapiInside.repository, { kind: "image", reference: llmapiInside.repository.image }],
  ])("reads its repository from %s", (_, repository, volume) => {
    expect(planned(withTriton({ repository })).pod.volumes["repository"]).toEqual(volume);
  });

  test("reads its repository from a bucket through a claim of its own, which begins where the repository does", () => {
    const { buckets = [], pod } = planned(only(everySetting));
    const [bucket] = buckets;
    expect(bucket).toMatchObject({ bucket: "models", region: "eu-central-1", prefix: "triton/everything/" });
    expect(pod.volumes["repository"]).toEqual({ kind: "claim", claim: bucket?.claim, readOnly: true });
    expect(pod.container.mounts.map(({ subPath }) => subPath)).toContain("bert/5");
    // Of three versions the newest two are served.
    expect(pod.container.mounts.map(({ subPath }) => subPath)).not.toContain("bert/1");
  });

  test("counts copies on every GPU of a group, for each version that is served", () => {
    const { resources } = planned(only(everySetting));
    // Server 1 + bert 2 copies × 2 GPUs × 2 versions × 2 + classifier 1 + speech 1.5 + ranker 1 + old 1.
    expect(resources).toMatchObject({ cpu: Math.ceil(1 + 16 + 1 + 1.5 + 1 + 1), gpus: 2 });
  });

  test("knows what its engine was built for, as one key", () => {
    expect(planned(withTriton()).models["llama_8b_tensorrt"]?.engine?.key).toBe(
      "meta-llama/Llama-3.1-8B-Instruct@0e9e39f249a16976918f6564b8830bc894c89659 float16 tp1 pp1 sm80 26.07 batch16 input_ids16x2048",
    );
  });

  test("runs on processors where no model needs a GPU, and costs their share of the machine", () => {
    const { resources, usdPerHour } = planned(only(onnxRelease, onProcessors));
    expect(resources.gpus).toBe(0);
    expect(usdPerHour).toBeGreaterThan(0);
    expect(usdPerHour).toBeLessThan(1);
  });

  test("starts as slowly as engines that are built when they load", () => {
    const gpuMemory = { ...onnxEncoder.resources, gpuMemory: "2GiB" };
    const compiled = { ...onnxEncoder, accelerator: { name: "tensorrt" }, resources: gpuMemory };
    const without = { ...onnxRelease, start: undefined };
    const plain = planned(only(without)).seconds.podStart;
    expect(planned(only({ ...without, models: { bert: compiled } })).seconds.podStart).toBeGreaterThan(10 * plain);
    // Unless somebody measured it.
    expect(planned(only(onnxRelease)).seconds.podStart).toBe(120);
  });

  test("has as many pods as its load needs at the capacity that was measured", () => {
    const routes = { chat: { targets: [{ release: "ensemble" }], load: { ...usualLoad, requests: "50/s" } } };
    expect(planned(only({ ...onnxRelease, capacity: "20/s" }, { routes })).replicas.max).toBe(3);
  });
});

describe("a language model inside Triton", () => {
  test("has the layout, the memory and the pods of a release of vLLM", () => {
    const inside = planned(only(vllmInside));
    const outside = planOf(only({ engine: "vllm", pool: "gpus", ...languageModel })).releases["ensemble"];
    if (!isLanguageModel(inside) || outside?.kind !== "vllm") throw new Error("no language model");
    expect(inside.tensorParallel).toBe(outside.tensorParallel);
    expect(inside.memory.kvGiB).toBeCloseTo(outside.memory.kvGiB, 0);
    expect(inside.resources).toEqual(outside.resources);
  });

  test("gives vLLM its arguments in model.json, every length and share said", () => {
    expect(planned(only(vllmInside)).models["qwen"]).toMatchObject({
      config: {
        maxBatchSize: 0,
        decoupled: true,
        instanceGroups: [{ count: 1, kind: "KIND_MODEL" }],
      },
      arguments: {
        file: "model.json",
        values: {
          model: languageModel.model,
          revision: languageModel.revision,
          load_format: "safetensors",
          dtype: "bfloat16",
          tensor_parallel_size: 1,
          max_model_len: 8192,
          gpu_memory_utilization: 0.9,
        },
      },
    });
  });

  test("takes with TensorRT-LLM the share of what is free that leaves the planned KV cache", () => {
    const release = planned(only(llmapiInside));
    if (!isLanguageModel(release)) throw new Error("no language model");
    const { totalGiB, weightsGiB, overheadGiB, kvGiB } = release.memory;
    expect(release.models["qwen"]?.arguments?.values).toMatchObject({
      kv_cache_config: {
        free_gpu_memory_fraction: Math.floor((1000 * kvGiB) / (totalGiB - weightsGiB - overheadGiB)) / 1000,
      },
      triton_config: { max_batch_size: 0, decoupled: true },
    });
    expect(release.pod.container.variables["LLM_CONFIG_PATH"]).toBe("/repository/qwen/model.yaml");
  });

  test("is served by OpenAI's API where that is wanted, on its own port with its own probes", () => {
    const weights = { from: "pvc", claim: "weights", path: "qwen3-8b" };
    const models = { qwen: { ...vllmInside.models.qwen, weights } };
    const { endpoint, pod } = planned(only({ ...vllmInside, models, openai: {} }));
    expect(endpoint).toMatchObject({
      protocol: "openai",
      port: 9000,
      probes: { ready: "/health/ready" },
      metrics: { port: 9000 },
    });
    expect(pod.container.args).toContain("--tokenizer=/models/qwen3-8b");
  });

  test("of TensorRT-LLM asks for the GPUs that its engine was built for, started by one server", () => {
    const { resources, pod } = planned(only(tensorrtLlm));
    expect(resources.gpus).toBe(2);
    expect(pod.container.variables["TRTLLM_ORCHESTRATOR"]).toBe("1");
  });
});

test("an image may be named for all releases that need its backends", () => {
  const image = `registry.example.com/tritonserver:26.07-py3@sha256:${"9".repeat(64)}`;
  const { pod } = planned(withTriton({ image: undefined }, { images: { triton: image } }));
  expect(pod.container.image).toBe(image);
});
