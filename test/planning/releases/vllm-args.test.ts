import { expect, test } from "vitest";
import { vllmFlags } from "../../../catalog/engine-flags";
import { vllmVersions } from "../../../catalog/engines";
import { readVllmArguments, wrongValue } from "../../../catalog/vllm-arguments";
import type { ReleasePlan } from "../../../planning";
import { ownerOf } from "../../../planning/releases/arguments/owned";
import { bucketArgs, tablesOf } from "../../../planning/releases/vllm-buckets";
import { smallest } from "../../harness/environments";
import { planOf, release, roomy, withRoutes, type Written } from "../parsed";

const { revision } = smallest.releases.chat;
const volume = { weights: { from: "pvc", claim: "weights", path: "chat" } };

/** A decoder that gives vectors: Qwen3-Embedding-0.6B, as its publisher describes it. */
const embedding = {
  layers: { full: 28 },
  hiddenSize: 1024,
  attentionHeads: 16,
  kvHeads: 8,
  headDim: 128,
  intermediateSize: 3072,
  vocabulary: 151669,
  maxContext: 32768,
  tiedEmbeddings: true,
};

const token = { secret: "hf-token", key: "token" };
const multimodal = { model: "google/gemma-3-12b-it", weights: { from: "hub", token } };
const adapters = {
  legal: { from: "hub", repository: "my-team/legal", revision, rank: 16, token },
  medical: { from: "pvc", claim: "adapters", path: "medical", rank: 32 },
};

function planned(changes: Written, more: Written = {}): ReleasePlan {
  const releases = { chat: { ...smallest.releases.chat, ...changes } };
  const routes = { answers: { targets: [{ release: "chat" }] } };
  return release(planOf(withRoutes(routes, releases, { models: { embedding }, ...more })));
}

function argsOf(changes: Written, more: Written = {}): readonly string[] {
  return planned(changes, more).pod.container.args;
}

const large = { tensorParallel: 8, context: 8192 };
const onH100 = { pools: { gpus: { ...roomy, accelerator: "H100-80GB" } } };

const realistic: readonly (readonly [what: string, changes: Written, more?: Written])[] = [
  ["a dense model", {}],
  ["a dense model from a volume", volume],
  ["a mixture of experts", { model: "Qwen/Qwen3-30B-A3B", tensorParallel: 4, expertParallel: true }],
  ["copies of attention", { model: "Qwen/Qwen3-30B-A3B", tensorParallel: 1, dataParallel: 4, expertParallel: true }],
  ["pipeline stages", { pipelineParallel: 2 }],
  ["latent attention", { model: "deepseek-ai/DeepSeek-V3", ...large, pipelineParallel: 1, context: 4096 }, onH200()],
  [
    "latent attention over several GPUs' cache",
    { ...large, model: "deepseek-ai/DeepSeek-V2-Lite-Chat", tensorParallel: 2, decodeContextParallel: 2 },
  ],
  ["linear attention", { model: "Qwen/Qwen3-Next-80B-A3B-Instruct", tensorParallel: 4 }, onH100],
  ["weights made FP8 while loading", { quantization: "fp8", kvCache: "fp8" }],
  ["a checkpoint in AWQ", { ...volume, quantization: "awq" }],
  ["a checkpoint in FP8 with its cache in bfloat16", { ...volume, quantization: "fp8", kvCache: "bfloat16" }],
  ["a cache of a fixed size", { kvCacheMemory: "12GiB", kvOffload: "32GiB" }],
  ["adapters", { lora: { maxRank: 32, adapters } }],
  ["guesses from the prompt", { draft: { method: "ngram", tokens: 4, longest: 4, shortest: 2 } }],
  ["an EAGLE head", { draft: { method: "eagle3", model: "my-team/head", revision, tokens: 3 } }],
  ["a head on a volume", { ...volume, draft: { method: "eagle", model: "heads/chat", tokens: 3 } }],
  ["layers for several tokens", { model: "Qwen/Qwen3.5-4B", draft: { method: "mtp", tokens: 2 } }],
  ["a smaller model that guesses", { draft: { method: "draft-model", model: "Qwen/Qwen3-0.6B", revision, tokens: 5 } }],
  ["a multimodal model", multimodal],
  ["media from two hosts", { ...multimodal, media: { images: 2, domains: ["a.example.com", "b.example.com"] } }],
  ["vectors", { model: "embedding", task: "embed" }],
  ["scores", { model: "embedding", task: "rerank" }],
  [
    "tools, reasoning and schemas",
    { toolCallParser: "hermes", reasoningParser: "qwen3", structuredOutputs: "xgrammar" },
  ],
  ["everything turned off", { prefixCaching: false, chunkedPrefill: false, enforceEager: true, batchedTokens: 16384 }],
  ["limits of the queue", { queueLimits: { requests: 200, promptTokens: 100000 } }],
];

function onH200(): Written {
  return { pools: { gpus: { ...roomy, accelerator: "H200" } } };
}

const inEachVersion = vllmVersions.flatMap((version) =>
  realistic.map(([what, changes, more = {}]) => ({ version, what, changes, more })),
);

test.each(inEachVersion)(
  "vLLM $version takes every argument of $what, with its value",
  ({ version, changes, more }) => {
    const args = argsOf(changes, { ...more, engines: { vllm: version } });
    const [model, ...words] = args;
    expect(model).not.toMatch(/^-/);
    const read = readVllmArguments(version, words);
    expect(read.length).toBeGreaterThan(10);
    expect(read.map(({ meaning, written }) => [written, meaning.kind])).toEqual(
      read.map(({ written }) => [written, "flag"]),
    );
    expect(read.flatMap((argument) => wrongValue(argument) ?? [])).toEqual([]);
    expect(
      read.flatMap(({ meaning }) => (meaning.kind === "flag" && meaning.short ? [meaning.flag.name] : [])),
    ).toEqual([]);
  },
);

test("whatever planning renders, nobody can write a second time", () => {
  const rendered = new Set(
    realistic.flatMap(([, changes, more = {}]) => {
      const [, ...words] = argsOf(changes, more);
      return readVllmArguments("0.31.0", words).flatMap(({ meaning }) =>
        meaning.kind === "flag" ? [meaning.flag.name] : [],
      );
    }),
  );
  expect(rendered.size).toBeGreaterThan(30);
  // Dangerous ones are refused before anybody asks who decides them.
  const free = [...rendered].filter((flag) => ownerOf(flag) === undefined && flag !== "--enable-log-requests");
  expect(free).toEqual([]);
});

test("a small release runs with these arguments", () => {
  const lora = { maxAdapters: 1, maxRank: 32, adapters };
  expect(argsOf({ lora, toolCallParser: "hermes", extraArgs: ["--seed=7"] })).toMatchInlineSnapshot(`
    [
      "Qwen/Qwen3-8B",
      "--revision=b968826d9c46dd6066d109eabc6255188de91218",
      "--tokenizer-revision=b968826d9c46dd6066d109eabc6255188de91218",
      "--code-revision=b968826d9c46dd6066d109eabc6255188de91218",
      "--served-model-name=chat",
      "--port=8000",
      "--load-format=safetensors",
      "--dtype=bfloat16",
      "--kv-cache-dtype=auto",
      "--tensor-parallel-size=1",
      "--max-model-len=8192",
      "--max-num-seqs=64",
      "--max-num-batched-tokens=2048",
      "--gpu-memory-utilization=0.9",
      "--enable-lora",
      "--max-loras=1",
      "--max-lora-rank=32",
      "--max-cpu-loras=2",
      "--lora-modules",
      "legal=/adapters/legal",
      "medical=/adapters/medical",
      "--enable-auto-tool-choice",
      "--tool-call-parser=hermes",
      "--max-num-queued-reqs=256",
      "--shutdown-timeout=300",
      "--no-enable-log-requests",
      "--seed=7",
    ]
  `);
});

test.each<[what: string, changes: Written, args: readonly string[]]>([
  ["adapters beyond the GPU's slots wait in host memory", { lora: { maxRank: 32, adapters } }, ["--max-cpu-loras=2"]],
  [
    "each adapter has its directory",
    { lora: { maxRank: 32, adapters } },
    ["--lora-modules", "legal=/adapters/legal", "medical=/adapters/medical"],
  ],
  ["without hosts no media are fetched", multimodal, ["--allowed-media-domains", "none.invalid"]],
  [
    "media are limited",
    { ...multimodal, media: { images: 1 } },
    ['--limit-mm-per-prompt={"image":1,"video":0,"audio":0}'],
  ],
  ["a fixed cache is told in bytes", { kvCacheMemory: "8GiB" }, ["--kv-cache-memory-bytes=8589934592"]],
  ["vectors come of a pooling runner", { model: "embedding", task: "embed" }, ["--runner=pooling", "--convert=embed"]],
  [
    "scores come of a pooling runner",
    { model: "embedding", task: "rerank" },
    ["--runner=pooling", "--convert=classify"],
  ],
  ["four batches may be inside a pod", {}, ["--max-num-queued-reqs=256"]],
  [
    "all engines of a pod share the limit",
    { model: "Qwen/Qwen3-30B-A3B", tensorParallel: 1, dataParallel: 4 },
    ["--max-num-queued-reqs=1024"],
  ],
  [
    "a draft is told by its method",
    { draft: { method: "draft-model", model: "Qwen/Qwen3-0.6B", revision, tokens: 5 } },
    [
      `--speculative-config={"method":"draft_model","model":"Qwen/Qwen3-0.6B","revision":"${revision}","num_speculative_tokens":5}`,
    ],
  ],
  [
    "the window of guesses from the prompt is told",
    { draft: { method: "ngram", tokens: 4, longest: 4, shortest: 2 } },
    ['--speculative-config={"method":"ngram","prompt_lookup_max":4,"prompt_lookup_min":2,"num_speculative_tokens":4}'],
  ],
])("%s", (_, changes, expected) => {
  const args = argsOf(changes);
  const start = args.indexOf(expected[0] ?? "");
  expect(args.slice(start, start + expected.length)).toEqual(expected);
});

test("a fixed cache takes no share of the memory beside it", () => {
  expect(argsOf({ kvCacheMemory: "8GiB" }).filter((arg) => arg.includes("memory"))).toEqual([
    "--kv-cache-memory-bytes=8589934592",
  ]);
});

test("an allowed host of media cannot send the engine on to another", () => {
  const { container } = planned(multimodal).pod;
  expect(container.variables).toMatchObject({ VLLM_MEDIA_URL_ALLOW_REDIRECTS: "0" });
  expect(planned({}).pod.container.variables).not.toHaveProperty("VLLM_MEDIA_URL_ALLOW_REDIRECTS");
});

test("what people add stands last", () => {
  expect(argsOf({ extraArgs: ["--seed=7", "--generation-config", "vllm"] }).slice(-3)).toEqual([
    "--seed=7",
    "--generation-config",
    "vllm",
  ]);
});

const ttft = [{ route: "answers", objectives: { ttftP95: 1.7, interTokenP95: 0.05 } }];

test("a version that can be told gets a bucket that ends at the promise", () => {
  const { flags, metrics } = tablesOf("0.31.0");
  const [json] = [...(vllmFlags("0.31.0")?.values() ?? [])].filter(({ type }) => type === "json");
  if (json === undefined) throw new Error("no flag of JSON");
  const told = { flags: new Map([...flags, ["--custom-histogram-buckets", json]]), metrics };
  const [arg = ""] = bucketArgs(told, ttft);
  const families: Readonly<Record<string, readonly number[]>> = JSON.parse(
    arg.replace("--custom-histogram-buckets=", ""),
  );
  expect(Object.keys(families)).toEqual(["time_to_first_token"]);
  expect(families["time_to_first_token"]).toContain(1.7);
  expect(families["time_to_first_token"]).toEqual([...(families["time_to_first_token"] ?? [])].sort((a, b) => a - b));
  expect(bucketArgs({ flags, metrics }, ttft)).toEqual([]);
});
