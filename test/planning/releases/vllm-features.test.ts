import { describe, expect, test } from "vitest";
import { isLanguageModel, type ReleasePlan } from "../../../planning";
import { vllmRelease } from "../../harness/releases";
import { smallest } from "../../harness/environments";
import { findingsOf, planOf, release, usualLoad, withRoutes, type Written } from "../parsed";

const { revision } = smallest.releases.chat;
const token = { secret: "hf-token", key: "token" };
const multimodal = { model: "google/gemma-3-12b-it", weights: { from: "hub", token } };
const hubAdapter = { from: "hub", repository: "my-team/legal", revision, rank: 16 };

function written(changes: Written, more: Written = {}): Written {
  const releases = { chat: { ...smallest.releases.chat, ...changes } };
  return withRoutes({ answers: { targets: [{ release: "chat" }], ...more } }, releases);
}

function planned(changes: Written, more: Written = {}): ReleasePlan {
  return release(planOf(written(changes, more)));
}

function said(changes: Written, id: string, more: Written = {}): readonly string[] {
  return findingsOf(written(changes, more))
    .filter((finding) => finding.id === id)
    .map(({ at, level, message, fix }) => `${level} at ${at.join(".")}: ${message} | ${fix}`);
}

describe("what the engine would refuse is refused here", () => {
  test.each<[what: string, changes: Written, id: string, expected: string]>([
    [
      "a draft with another vocabulary",
      { draft: { method: "draft-model", model: "meta-llama/Llama-3.2-1B-Instruct", revision, tokens: 4 } },
      "draft-vocabulary",
      "error at releases.chat.draft.model: meta-llama/Llama-3.2-1B-Instruct has a vocabulary of 128256 and Qwen/Qwen3-8B one of 151936: what the draft guesses are no words of the model | Choose a smaller model of the same family.",
    ],
    [
      "a draft that nobody knows",
      { draft: { method: "draft-model", model: "my-team/tiny", revision, tokens: 4 } },
      "draft-unknown",
      "error at releases.chat.draft.model: my-team/tiny is known neither to the catalogue nor to `models`, so that its memory and vocabulary are not | Describe it: `models: { my-team/tiny: { config: … } }`.",
    ],
    [
      "an adapter by the model's own name",
      { lora: { adapters: { chat: hubAdapter } } },
      "adapter-name-taken",
      "error at releases.chat.lora.adapters.chat: the adapter chat has the name by which requests ask for the model itself | Choose another name.",
    ],
    [
      "media for a model of text",
      { media: { images: 1 } },
      "setting-without-effect",
      "error at releases.chat.media: Qwen/Qwen3-8B takes nothing but text | Remove `media`, or choose a multimodal model.",
    ],
    [
      "GPUs that cannot share a cache",
      { tensorParallel: 2, decodeContextParallel: 2 },
      "layout-impossible",
      "error at releases.chat.decodeContextParallel: Qwen/Qwen3-8B: decodeContext 2 would split GPUs that hold different KV heads: tensor 2 ÷ 8 KV heads leaves 0 | Allowed here: 1.",
    ],
    [
      "a fixed cache that the GPU has no room for",
      { tensorParallel: 1, kvCacheMemory: "40GiB" },
      "memory-too-small",
      "error at releases.chat.kvCacheMemory: a KV cache of 40.00 GiB does not fit on 1 × L40S, bf16: per GPU 44.42 GiB − 15.27 GiB weights + 0.93 GiB overhead leave 28.23 GiB | Write `kvCacheMemory: 27GiB` or less.",
    ],
    [
      "an argument that a setting decides",
      { extraArgs: ["--max-model-len=4096"] },
      "argument-contradicts",
      "error at releases.chat.extraArgs.0: `--max-model-len` is what the setting `context` decides; planned memory, speed and probes would be wrong | Write the setting `context` instead.",
    ],
    [
      "a variable that the plan sets",
      { variables: { HF_HOME: "/tmp" } },
      "argument-contradicts",
      'error at releases.chat.variables.HF_HOME: HF_HOME is set by the plan, to "/cache/huggingface" | Remove it.',
    ],
  ])("%s", (_, changes, id, expected) => {
    expect(said(changes, id)).toEqual([expected]);
  });

  test("FP8 of the other kind beside weights in FP8", () => {
    expect(said({ model: "deepseek-ai/DeepSeek-V3", kvCache: "fp8_e5m2" }, "layout-impossible")).toContain(
      "error at releases.chat.kvCache: vLLM has no KV cache in fp8_e5m2 for weights that are published in FP8, as deepseek-ai/DeepSeek-V3 is | Write `kvCache: fp8`.",
    );
  });

  test.each<[what: string, changes: Written, load: Written, id: string, expected: string]>([
    [
      "prefixes that the cache does not keep",
      { prefixCaching: false },
      { prefixHit: "30%" },
      "prefix-cache-off",
      "error at releases.chat.prefixCaching: the routes answers count on 30 % of their prompts in the prefix cache, which is off | Turn it on, or write `prefixHit: 0%`.",
    ],
    [
      "answers of a model that gives vectors",
      { task: "embed" },
      {},
      "setting-without-effect",
      "error at releases.chat.task: the routes answers expect answers of 250 tokens, and `task: embed` writes none | Write `outputTokens: 0` in their load.",
    ],
  ])("%s, on which routes count", (_, changes, load, id, expected) => {
    expect(said(changes, id, { load: { ...usualLoad, ...load } })).toEqual([expected]);
  });
});

test("a promise between two buckets is told, and one that a bucket ends at is not", () => {
  const of = (ttftP95: string): readonly string[] =>
    said({}, "promise-between-buckets", { load: usualLoad, slo: { ttftP95 } });
  expect(of("1700ms")).toEqual([
    "warning at routes.answers.slo.ttftP95: answers promises 1.7s, and vllm:time_to_first_token_seconds of vLLM 0.31.0 has buckets that end at 1s and 2.5s: how many requests keep the promise cannot be counted | Promise 1s or 2.5s.",
  ]);
  expect(of("2500ms")).toEqual([]);
});

test("a parser that only a newer version has is refused in the older", () => {
  const of = (vllm: string): readonly string[] =>
    findingsOf({ ...written({ reasoningParser: "granite_thinking_parser" }), engines: { vllm } })
      .filter(({ id }) => id === "setting-not-in-version")
      .map(({ at, message, fix }) => `${at.join(".")}: ${message} | ${fix}`);
  expect(of("0.31.0")).toEqual([]);
  expect(of("0.30.0")).toEqual([
    'releases.chat.reasoningParser: vLLM 0.30.0 has no parser granite_thinking_parser | Did you mean "granite"?',
  ]);
});

describe("adapters", () => {
  const adapters = {
    legal: { ...hubAdapter, token },
    medical: { from: "pvc", claim: "adapters", path: "medical/v2", rank: 32 },
  };
  const plan = (): ReleasePlan => planned({ lora: { maxRank: 32, adapters } });

  test("of the hub are fetched at their commit before the engine starts, without pickles", () => {
    const { setUp, container } = plan().pod;
    expect(setUp).toEqual([
      {
        name: "adapter-legal",
        image: container.image,
        command: ["hf"],
        args: [
          "download",
          "my-team/legal",
          "adapter_config.json",
          "adapter_model.safetensors",
          `--revision=${revision}`,
          "--local-dir=/adapters/legal",
        ],
        variables: { HOME: "/adapters", HF_HOME: "/adapters/.cache" },
        secretVariables: { HF_TOKEN: token },
        ports: {},
        mounts: [{ volume: "adapters", path: "/adapters", readOnly: false }],
      },
    ]);
  });

  test("of a volume are mounted where the engine looks for them", () => {
    const { volumes, container } = plan().pod;
    expect(volumes["adapter-medical"]).toEqual({ kind: "claim", claim: "adapters", readOnly: true });
    expect(container.mounts).toContainEqual({
      volume: "adapter-medical",
      path: "/adapters/medical",
      subPath: "medical/v2",
      readOnly: true,
    });
  });

  test("take host memory for all of them, disk for those of the hub, and GPU memory for the slots", () => {
    const without = planned({ lora: { maxRank: 32 } });
    const with64 = planned({ lora: { maxRank: 64, adapters: manyOf(64) } });
    expect(with64.resources.memoryGiB).toBeGreaterThan(without.resources.memoryGiB + 4);
    expect(with64.resources.diskGiB).toBeGreaterThan(without.resources.diskGiB + 4);
    const slots = (maxAdapters: number) => vllmRelease(planOf(written({ lora: { maxAdapters } }))).memory.weightsGiB;
    expect(slots(8)).toBeGreaterThan(slots(1));
  });

  function manyOf(count: number): Written {
    const names = Array.from({ length: count }, (_, index) => `a${index}`);
    return Object.fromEntries(names.map((name) => [name, { ...hubAdapter, rank: 64 }]));
  }

  test("of the hub open the way there", () => {
    const volume = { weights: { from: "pvc", claim: "weights", path: "chat" } };
    const open = planned({ ...volume, lora: { maxRank: 32, adapters } }).flows.flatMap((flow) =>
      "reason" in flow ? [flow.reason] : [],
    );
    expect(open).toEqual(["adapters are downloaded from the Hugging Face hub"]);
  });
});

describe("memory", () => {
  test("a fixed cache is as large as it is written, and what is left is spare", () => {
    const { memory } = vllmRelease(planOf(written({ tensorParallel: 1, kvCacheMemory: "12GiB" })));
    expect(memory).toMatchObject({ kvGiB: 12, marginGiB: 0 });
    expect(memory.spareGiB).toBeCloseTo(memory.totalGiB - memory.weightsGiB - memory.overheadGiB - 12, 6);
  });

  test("what the GPUs have no room for lies in shared memory, which is part of the pod's", () => {
    const [without, with32] = [planned({}), planned({ kvOffload: "32GiB" })];
    const shm = ({ pod }: ReleasePlan): number => {
      const volume = pod.volumes["shm"];
      return volume?.kind === "memory" ? volume.sizeGiB : 0;
    };
    expect(shm(with32) - shm(without)).toBe(32);
    expect(with32.resources.memoryGiB - without.resources.memoryGiB).toBe(32);
  });

  test("each engine of a pod has a store of its own for what the GPUs have no room for", () => {
    const moe = { model: "Qwen/Qwen3-30B-A3B", tensorParallel: 1, dataParallel: 4 };
    const [without, with8] = [planned(moe), planned({ ...moe, kvOffload: "8GiB" })];
    expect(with8.resources.memoryGiB - without.resources.memoryGiB).toBe(32);
  });

  test("a cache that several GPUs share holds more tokens", () => {
    const model = "deepseek-ai/DeepSeek-V2-Lite-Chat";
    const tokens = (decodeContextParallel: number) =>
      vllmRelease(planOf(written({ model, tensorParallel: 4, decodeContextParallel }))).memory.kvTokens ?? 0;
    expect(tokens(4) / tokens(1)).toBeCloseTo(4, 1);
  });

  test("a smaller model that guesses takes room for its weights and its cache", () => {
    const draft = { method: "draft-model", model: "Qwen/Qwen3-0.6B", revision, tokens: 4 };
    const [without, with06] = [{}, { draft }].map(
      (changes) => vllmRelease(planOf(written({ tensorParallel: 1, ...changes }))).memory,
    );
    // 596 million parameters of 16 bits; 28 layers as wide as those of the model, which has 36.
    expect((with06?.weightsGiB ?? 0) - (without?.weightsGiB ?? 0)).toBeCloseTo(1.11, 1);
    expect((with06?.kvBytesPerToken ?? 0) / (without?.kvBytesPerToken ?? 1)).toBeCloseTo((36 + 28) / 36, 6);
  });

  test("a multimodal model has host memory for prepared media", () => {
    const { why } = planOf(written(multimodal));
    expect(why["releases.chat.resources.memoryGiB"]?.terms).toContainEqual({
      name: "prepared media",
      value: 8,
      unit: "GiB",
    });
  });
});

test("hosts of media open the way to them, and none does not", () => {
  const reasons = (changes: Written): readonly string[] =>
    planned({ ...multimodal, ...changes }).flows.flatMap((flow) => ("reason" in flow ? [flow.reason] : []));
  expect(reasons({ media: { domains: ["media.example.com"] } })).toContain(
    "media of requests are fetched from media.example.com",
  );
  expect(reasons({}).filter((reason) => reason.includes("media"))).toEqual([]);
});

test("all of these numbers have their arithmetic", () => {
  const plan = planOf(
    written({ kvCacheMemory: "12GiB", kvOffload: "8GiB", lora: { adapters: { legal: hubAdapter } } }),
  );
  expect(plan.why["releases.chat.memory.kvGiB"]).toMatchObject({ formula: "the setting `kvCacheMemory`" });
  expect(plan.why["releases.chat.pod.volumes.adapters.sizeGiB"]).toBeDefined();
  expect(Object.values(plan.releases).every(isLanguageModel)).toBe(true);
});
