import { describe, expect, test } from "vitest";
import { textEmbeddingsMetrics, textEmbeddingsOptions } from "../../../catalog/text-embeddings-inference";
import type { TextEmbeddingsPlan } from "../../../planning";
import { smallest } from "../../harness/environments";
import { asked, encoder, withEncoder } from "../../harness/processors";
import { findingOf, findingsOf, planOf, type Written } from "../parsed";

function planned(changes: Written = {}, more: Written = {}, pool: Written = {}) {
  const { releases, why } = planOf(withEncoder(changes, pool, more));
  const plan = releases["embed"];
  if (plan?.kind !== "text-embeddings-inference") throw new Error("no encoder is released as embed");
  return { plan, why };
}

/** The value of an argument; undefined where it is not given. */
function argument({ pod }: TextEmbeddingsPlan, name: string): string | undefined {
  return pod.container.args.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
}

const m3 = { model: "BAAI/bge-m3" };
const reranker = { model: "BAAI/bge-reranker-base" };

describe("an encoder", () => {
  const { plan } = planned();

  test("is a release like any other: probes, metrics, signals, key, and no GPU", () => {
    expect(plan).toMatchObject({
      task: "embed",
      version: "1.9.3",
      dataType: "float32",
      runs: { kind: "deployment" },
      endpoint: {
        service: "embed",
        protocol: "text-embeddings",
        port: 8080,
        probes: { ready: "/health", live: "/health", timeoutSeconds: 5 },
        metrics: { port: 8080, path: "/metrics" },
        servedModel: "embed",
      },
      apiKey: { variable: "API_KEY", key: { from: "generated" } },
      resources: { gpus: 0 },
      placement: { toleratedTaints: [] },
    });
    expect(plan.endpoint.signals).toEqual([
      {
        id: "waiting",
        query: 'sum(te_queue_size{namespace="test-serving",app_kubernetes_io_instance="embed"})',
        metrics: ["te_queue_size"],
      },
    ]);
    for (const { metrics } of plan.endpoint.signals)
      for (const metric of metrics) expect(textEmbeddingsMetrics).toHaveProperty(metric);
  });

  test("runs the public image for processors by tag and digest, or the environment's own", () => {
    expect(plan.pod.container.image).toMatch(
      /^ghcr\.io\/huggingface\/text-embeddings-inference:cpu-1\.9\.3@sha256:[0-9a-f]{64}$/,
    );
    const own = `mirror.example.com/embeddings:v1@sha256:${"1".repeat(64)}`;
    const { plan: mirrored } = planned({}, { images: { "text-embeddings-inference": own } });
    expect(mirrored.pod.container.image).toBe(own);
  });

  test("gives as many threads to the runtimes as its limit of CPU", () => {
    const { variables } = plan.pod.container;
    expect(plan.pod.limitsCpu).toBe(true);
    expect([variables["OMP_NUM_THREADS"], variables["RAYON_NUM_THREADS"]]).toEqual([
      String(plan.resources.cpu),
      String(plan.resources.cpu),
    ]);
  });

  test("neither shows its key in its arguments nor in its log, where the server writes all of them", () => {
    expect(plan.pod.container.variables["LOG_LEVEL"]).toBe("warn");
    expect(plan.pod.container.args.join(" ")).not.toMatch(/api-key|hf-token/);
  });

  test("listens on every address, whatever `HOSTNAME` says", () => {
    expect(argument(plan, "--hostname")).toBe("0.0.0.0");
  });

  test("finishes its requests after SIGTERM", () => {
    expect(plan.seconds).toMatchObject({ preStop: 15, drain: 300, grace: 330 });
  });

  test("downloads with a token where there is one, and talks to nobody where its weights are on a volume", () => {
    const token = { secret: "hf-token", key: "token" };
    expect(planned({ weights: { from: "hub", token } }).plan.pod.container.secretVariables).toEqual({
      HF_TOKEN: token,
    });
    const { plan: local } = planned({ weights: { from: "pvc", claim: "models", path: "e5" } });
    expect(argument(local, "--model-id")).toBe("/models/e5");
    expect(argument(local, "--revision")).toBeUndefined();
    expect(local.flows.filter((flow) => flow.direction === "egress")).toEqual([{ direction: "egress", to: "dns" }]);
    expect(local.pod.volumes["weights"]).toEqual({ kind: "claim", claim: "models", readOnly: true });
  });
});

test.each<[what: string, changes: Written]>([
  ["an encoder", {}],
  ["a reranker", reranker],
  ["everything said", { pooling: "mean", maxBatchTokens: 300, autoTruncate: true, maxConcurrentRequests: 9, cpu: 3 }],
  ["weights on a volume", { weights: { from: "pvc", claim: "models", path: "e5" } }],
])("arguments of %s are options of the version, each with a value of its type", (_, changes) => {
  for (const written of planned(changes).plan.pod.container.args) {
    const [name = "", value] = written.split(/=(.*)/s);
    const type = textEmbeddingsOptions[name]?.type;
    expect([name, type]).not.toEqual([name, undefined]);
    if (type === "flag") expect(value).toBeUndefined();
    else if (type === "number") expect(value).toMatch(/^\d+$/);
    else if (type === "switch") expect(value).toMatch(/^(true|false)$/);
    else if (type === "text") expect(value).toMatch(/./);
    else expect(type).toContain(value);
  }
});

describe("memory", () => {
  test("is that of weights, the largest batch, tokenizers and the process", () => {
    const { plan } = planned({ ...m3, cpu: 16 });
    const { weightsGiB, activationsGiB, tokenizersGiB, processGiB } = plan.hostMemory;
    expect(weightsGiB).toBeCloseTo((2 * 4 * 567_754_752) / 2 ** 30, 1);
    // 4 bytes × 8192 tokens × (8 × 1024 + 2 × 4096 + 3 × 16 heads × 8192 tokens).
    expect(activationsGiB).toBeCloseTo((4 * 8192 * (8 * 1024 + 2 * 4096 + 3 * 16 * 8192)) / 2 ** 30, 6);
    expect(tokenizersGiB).toBeCloseTo((4 * 250002 * 1024) / 2 ** 30, 6);
    expect(plan.resources.memoryGiB).toBe(Math.ceil(weightsGiB + activationsGiB + tokenizersGiB + processGiB));
  });

  test("is less where texts are shorter", () => {
    const shorter = planned({ ...m3, maxBatchTokens: 2048, autoTruncate: true }).plan;
    expect(shorter.batch.longestText).toBe(2048);
    expect(shorter.hostMemory.activationsGiB).toBeLessThan(planned(m3).plan.hostMemory.activationsGiB / 10);
  });
});

describe("CPU and pods", () => {
  test("without a load: one pod, with the CPU that answers a usual text within a second", () => {
    const { plan } = planned();
    expect(plan.replicas).toEqual({ min: 1, expected: 1, max: 1 });
    expect(plan.encoding).toBeNull();
    expect(plan.resources.cpu).toBe(32);
  });

  test("under a load: pods that keep the promise, with the fewest CPU in all", () => {
    const { plan, why } = planned({}, asked({ requests: "4/s" }, { ttftP95: "2s" }));
    expect(plan.encoding?.peak.answered95).toBeLessThanOrEqual(2);
    expect(plan.replicas.max).toBe(plan.encoding?.needed);
    const together = plan.resources.cpu * plan.replicas.max;
    for (const { name } of why["releases.embed.resources.cpu"]?.terms ?? []) {
      const other = /all pods (\d+)$/.exec(name)?.[1];
      if (other !== undefined) expect(Number(other)).toBeGreaterThanOrEqual(together);
    }
  });

  test.each(["1/s", "5/s", "20/s"])(
    "%s keeps no pod busier than waiting allows where nothing is promised",
    (requests) => {
      const { plan } = planned({}, asked({ requests }), { nodes: { max: 20 } });
      expect(plan.encoding?.expected.utilization).toBeLessThanOrEqual(0.7);
      expect(plan.encoding?.peak.utilization).toBeLessThanOrEqual(0.7);
    },
  );

  test("a request longer than the longest text has several", () => {
    const { plan } = planned(reranker, asked({ requests: "1/s", inputTokens: 4000 }));
    expect(plan.task).toBe("rerank");
    expect(plan.encoding).toMatchObject({ texts: 8, textTokens: 500 });
  });

  test("threads that share a core count for half of it", () => {
    const seconds = (cpu: number) =>
      planned({ cpu: 16 }, {}, { machine: { cpu, memory: "256GiB" } }).plan.batch.seconds;
    expect(seconds(128)).toBeCloseTo(2 * seconds(64), 9);
    // A machine of a few threads has no more than its part of the processor.
    expect(seconds(32)).toBeCloseTo(seconds(64), 9);
  });

  test("a pod never waits for more texts than it works off within the longest request", () => {
    const { plan } = planned({ ...m3, cpu: 2, longestRequest: "2m", maxBatchTokens: 512, autoTruncate: true });
    const seconds = plan.batch.seconds;
    expect(plan.concurrentTexts * seconds).toBeLessThanOrEqual(Math.max(120, 8 * seconds));
    expect(argument(plan, "--max-concurrent-requests")).toBe(String(plan.concurrentTexts));
  });

  test("probes wait for the batch that is computed", () => {
    const { plan } = planned(m3);
    expect(plan.endpoint.probes.timeoutSeconds).toBe(Math.ceil(2 * plan.batch.seconds));
    expect(plan.batch.seconds).toBeGreaterThan(5);
  });
});

describe("what cannot work is refused", () => {
  const onGpus = { ...smallest, releases: { embed: { ...encoder, pool: "gpus" } } };
  const decoder = withEncoder({ model: "Qwen/Qwen3-0.6B" });
  const quantised = JSON.stringify({
    architectures: ["BertModel"],
    hidden_size: 384,
    intermediate_size: 1536,
    max_position_embeddings: 512,
    model_type: "bert",
    num_attention_heads: 12,
    num_hidden_layers: 6,
    quantization_config: { quant_method: "fp8" },
    torch_dtype: "float32",
    type_vocab_size: 2,
    vocab_size: 30522,
  });
  const small = { machine: { cpu: 128, memory: "16GiB" } };

  test.each<[what: string, id: Parameters<typeof findingOf>[1], at: string, environment: Written, message: RegExp]>([
    [
      "GPUs, which the image does not use",
      "wrong-machines",
      "pool",
      onGpus,
      /^the image of embed computes on processors, and the GPUs of the pool gpus \(2 L40S a machine\) would be paid and not used$/,
    ],
    [
      "a model that generates text",
      "model-not-planned",
      "model",
      decoder,
      /^Qwen\/Qwen3-0\.6B is a decoder: text-embeddings-inference makes vectors and scores, no text, and of the decoders .*Qwen3 and Gemma 3/,
    ],
    [
      "weights in fewer bits",
      "layout-impossible",
      "model",
      withEncoder({ model: "my-team/small" }, {}, { models: { "my-team/small": { config: "models/small.json" } } }),
      /^my-team\/small in fp8: text-embeddings-inference computes on processors in 32 bits$/,
    ],
    [
      "pooling of a reranker",
      "layout-impossible",
      "pooling",
      withEncoder({ ...reranker, pooling: "mean" }),
      /^BAAI\/bge-reranker-base scores pairs of texts, and pooling makes one vector of a text: the engine ignores it$/,
    ],
    [
      "a batch smaller than the longest text, which may not be cut",
      "batch-below-text",
      "maxBatchTokens",
      withEncoder({ ...m3, maxBatchTokens: 2048 }),
      /^batches of 2048 tokens do not hold the longest text of BAAI\/bge-m3, 8192 tokens, and the engine does not start unless it may cut texts$/,
    ],
    [
      "a model whose tokenizer only Python has",
      "tokenizer-missing",
      "model",
      withEncoder({ model: "tohoku-nlp/bert-base-japanese-v3" }),
      /^the repository of tohoku-nlp\/bert-base-japanese-v3 has no tokenizer\.json, without which text-embeddings-inference does not start/,
    ],
    [
      "a model that does not fit the machine",
      "host-memory-too-small",
      "model",
      withEncoder(m3, small),
      /^BAAI\/bge-m3 does not fit a machine of the pool epyc: 4\.23 GiB to load the weights \+ 12\.50 GiB for a batch of 8192 tokens in texts of 8192 \+ 1\.91 GiB for tokenizers \+ 1\.00 GiB for the process = 20 GiB, and a machine has 13\.\d\d GiB for pods$/,
    ],
    [
      "a batch that outlives the longest request",
      "batch-too-slow",
      "longestRequest",
      withEncoder({ ...m3, cpu: 2 }),
      /^2 CPU compute a batch of 8192 tokens in texts of 8192 in 295 s: a text that comes after one has begun is answered after two, and the longest request is 300 s$/,
    ],
    [
      "a promise that no pod keeps",
      "load-not-met",
      "",
      withEncoder({ cpu: 1 }, {}, asked({ requests: "1/s" }, { ttftP95: "500ms" })),
      /^no number of pods keeps what the routes embed promise: one request alone takes 1 CPU 6\.36 s, and 500 ms are promised$/,
    ],
    [
      "fewer pods than the load needs",
      "load-not-met",
      "replicas",
      withEncoder({ cpu: 16, replicas: 1 }, {}, asked({ requests: "4/s" })),
      /^one pod cannot keep what the routes embed ask \(4 requests\/s at the worst moment, each 398 ms of 16 CPU\): that needs 3$/,
    ],
  ])("%s", (_, id, key, environment, message) => {
    const finding = findingsOf(environment, { "stacks/models/small.json": quantised }).find((each) => each.id === id);
    expect(finding?.level).toBe("error");
    expect(finding?.at).toEqual(["releases", "embed", ...(key === "" ? [] : [key])]);
    expect(finding?.message).toMatch(message);
    expect(finding?.fix).toMatch(/\w+/);
  });

  test("a directory on a volume may have the tokenizer that the repository has not", () => {
    const weights = { from: "pvc", claim: "models", path: "bert-japanese" };
    const found = findingsOf(withEncoder({ model: "tohoku-nlp/bert-base-japanese-v3", weights }));
    expect(found.map(({ id }) => id)).not.toContain("tokenizer-missing");
  });

  test("answers that vectors do not have are pointed out", () => {
    const finding = findingOf(withEncoder({}, {}, asked({ requests: "1/s", outputTokens: 100 })), "answers-expected");
    expect(finding).toMatchObject({ level: "warning", fix: "Write `outputTokens: 0` under `load` of the routes." });
  });

  test("a pod over two sockets is warned of", () => {
    const two = { socketsPerNode: 2, machine: { cpu: 256, memory: "512GiB" } };
    expect(findingOf(withEncoder({ cpu: 160 }, two), "pod-over-sockets")).toMatchObject({ level: "warning" });
    expect(findingOf(withEncoder({ cpu: 128 }, two), "pod-over-sockets")).toBeUndefined();
  });
});
