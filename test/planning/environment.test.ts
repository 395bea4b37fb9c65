import { describe, expect, test } from "vitest";
import { planEnvironment, type Finding, type Plan } from "../../planning";
import { load, smallest, today, withPool, withReleases } from "../harness/environments";
import { vllmRelease } from "../harness/releases";
import { volumeSizes } from "../harness/volumes";

type Written = Readonly<Record<string, unknown>>;

function planOf(environment: Written): Plan {
  const { plan, findings } = planEnvironment(load(environment).environment, today);
  if (plan === undefined) throw new Error(findings.map((finding) => finding.message).join("\n"));
  return plan;
}

function findingsOf(environment: Written): readonly Finding[] {
  return planEnvironment(load(environment).environment, today).findings;
}

function release(environment: Written, name = "chat") {
  return vllmRelease(planOf(environment), name);
}

describe("what cannot work is found before anything is applied", () => {
  const huge = {
    model: "meta-llama/Llama-3.1-405B-Instruct",
    weights: { from: "pvc", claim: "weights", path: "llama" },
  };
  test.each<[id: string, environment: Written, at: string, message: RegExp]>([
    [
      "memory-too-small",
      withReleases({ chat: huge }),
      "releases.chat.model",
      /does not fit on 2 × L40S \(tensor 2\): per GPU 39\.98 GiB of its GPU memory − 3[78]\d\.\d\d GiB weights/,
    ],
    [
      "context-does-not-fit",
      withPool(
        { accelerator: "RTX-4090" },
        withReleases({ chat: { tensorParallel: 1, context: 40960 } })["releases"] as Written,
      ),
      "releases.chat.context",
      /one request of 40960 tokens does not fit on one RTX-4090: .* holds 3\d{4} tokens of one request/,
    ],
    [
      "context-too-long",
      withReleases({ chat: { context: 65536 } }),
      "releases.chat.context",
      /a context of 65536 tokens is beyond the 40960 that Qwen\/Qwen3-8B allows/,
    ],
    [
      "tensor-parallel-impossible",
      withReleases({ chat: { tensorParallel: 4 } }),
      "releases.chat.tensorParallel",
      /tensor parallelism of 4 does not fit a machine with 2 GPUs/,
    ],
    [
      "model-not-planned",
      withReleases({ chat: { model: "BAAI/bge-m3", context: 512 } }),
      "releases.chat.model",
      /it is no decoder/,
    ],
    [
      "token-missing",
      withReleases({ chat: { model: "meta-llama/Llama-3.1-8B-Instruct" } }),
      "releases.chat.weights",
      /is gated/,
    ],
    [
      "pool-too-small",
      withReleases({ chat: { replicas: 5 } }),
      "releases.chat.replicas",
      /1 of 5 pods find no place in the pool gpus \(2 machines\)/,
    ],
    [
      "pod-never-fits",
      withPool({ machine: { cpu: 4, memory: "16GiB" } }),
      "releases.chat.pool",
      /a pod of chat fits no machine of the pool gpus: .*6 CPU, 26 GiB of memory/,
    ],
    [
      "price-unknown",
      withPool({ price: undefined }),
      "pools.gpus",
      /nobody has said what a GPU of the pool gpus costs/,
    ],
    [
      "one-cluster",
      { ...smallest, clusters: { ...smallest.clusters, there: { kind: "existing", context: "there" } } },
      "clusters",
      /2 clusters/,
    ],
  ])("%s", (id, environment, at, message) => {
    const finding = findingsOf(environment).find((candidate) => candidate.id === id);
    expect(finding?.at.join(".")).toBe(at);
    expect(finding?.level).toBe("error");
    expect(finding?.message).toMatch(message);
    expect(finding?.fix).toMatch(/\.$/);
    expect(planEnvironment(load(environment).environment, today).plan).toBeUndefined();
  });

  test("an engine with known weaknesses is a warning, and the plan stands", () => {
    const environment = { ...smallest, engines: { vllm: "0.30.0" } };
    expect(findingsOf(environment)).toMatchObject([
      { id: "engine-advisory", level: "warning", at: ["engines", "vllm"] },
    ]);
    expect(planOf(environment).releases["chat"]?.version).toBe("0.30.0");
  });

  test("everything wrong is reported at once", () => {
    const environment = withReleases({
      a: { context: 65536 },
      b: { tensorParallel: 4 },
      c: { model: "BAAI/bge-m3", context: 512 },
    });
    expect(findingsOf(environment).map((finding) => finding.at[1])).toEqual(["a", "b", "c"]);
  });
});

describe("choices", () => {
  test("a model is laid over the fewest GPUs on which it fits", () => {
    expect(release(smallest).tensorParallel).toBe(1);
    expect(release(withReleases({ chat: { model: "Qwen/Qwen3-32B" } })).tensorParallel).toBe(2);
  });

  test("a pinned number of GPUs is kept", () => {
    expect(release(withReleases({ chat: { tensorParallel: 2 } })).tensorParallel).toBe(2);
  });

  test.each([
    ["T4", "float16"],
    ["L40S", "bfloat16"],
  ])("on %s the type is %s", (accelerator, type) => {
    const environment = withPool(
      { accelerator },
      withReleases({ chat: { model: "Qwen/Qwen3-0.6B", context: 4096 } })["releases"] as Written,
    );
    expect(release(environment).pod.container.args).toContain(`--dtype=${type}`);
  });

  test("the public image is pinned by digest, and another one replaces it", () => {
    const vllm = `registry.example.com/vllm:v0.31.0@sha256:${"a".repeat(64)}`;
    expect(release(smallest).pod.container.image).toMatch(
      /^docker\.io\/vllm\/vllm-openai:v0\.31\.0@sha256:[0-9a-f]{64}$/,
    );
    expect(release({ ...smallest, images: { vllm } }).pod.container.image).toBe(vllm);
  });

  test("weights on a volume are read without the hub, and the pod may not reach the internet", () => {
    const { pod, flows } = release(
      withReleases({ chat: { weights: { from: "pvc", claim: "weights", path: "qwen/3-8b" } } }),
    );
    const { args, variables } = pod.container;
    expect(args[0]).toBe("/models/qwen/3-8b");
    expect(args.some((arg) => arg.startsWith("--revision"))).toBe(false);
    expect(variables["HF_HUB_OFFLINE"]).toBe("1");
    expect(flows.some((flow) => flow.direction === "egress" && flow.to === "internet")).toBe(false);
  });

  test("weights from the hub pin model, tokenizer and code to one commit", () => {
    const pinned = release(smallest).pod.container.args.filter((arg) => arg.endsWith(smallest.releases.chat.revision));
    expect(pinned.map((arg) => arg.split("=")[0])).toEqual(["--revision", "--tokenizer-revision", "--code-revision"]);
  });
});

describe("one number has one home", () => {
  const plan = release(withReleases({ chat: { longestRequest: "7m" } }));

  test("the engine drains for as long as the longest request, inside the pod's grace", () => {
    expect(plan.pod.container.args).toContain("--shutdown-timeout=420");
    expect(plan.seconds.grace).toBe(15 + 420 + 15);
  });

  test("shared memory is part of the memory limit, and writable volumes of the disk limit", () => {
    const size = volumeSizes(plan);
    expect(size("shm")).toBeLessThan(plan.resources.memoryGiB);
    expect(size("cache") + size("tmp")).toBeLessThan(plan.resources.diskGiB);
  });
});

describe("cost", () => {
  const { cost, why } = planOf(withReleases({ chat: { replicas: 3 } }));

  test("counts machines whether they are used or not", () => {
    expect(cost.usdPerHour).toBe(2 * 2 * 2);
    expect(cost.usdPerMonth).toBeCloseTo(8 * 730, 6);
    expect(cost.byPool["gpus"]?.usedByReleasesUsdPerHour).toBe(3 * 2);
  });

  test("says its arithmetic", () => {
    expect(why["cost.usdPerHour"]?.result).toBe(8);
    expect(why["cost.byPool.gpus.usdPerHour"]?.terms.map((term) => term.value)).toEqual([8]);
    expect(why["pools.gpus.usdPerGpuHour"]?.result).toBe(2);
  });
});

test("a plan is plain JSON: nothing is lost on the way through text", () => {
  const plan = planOf(smallest);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

describe("an override", () => {
  const reason = "measured on this very machine: 4 GiB are left";
  const overridden = (id: string, expires = "2026-12-31") => ({ [id]: { reason, expires } });
  const small = withPool({ machine: { cpu: 4, memory: "16GiB" } });
  const inRelease = (overrides: Written): Written => ({
    ...small,
    releases: { chat: { ...smallest.releases.chat, overrides } },
  });

  test("lets the plan stand, and the finding is still shown with its reason", () => {
    const { plan, findings } = planEnvironment(load(inRelease(overridden("pod-never-fits"))).environment, today);
    expect(plan?.releases["chat"]?.resources.cpu).toBe(6);
    expect(findings).toMatchObject([
      { id: "pod-never-fits", level: "overridden", override: { reason, expires: "2026-12-31" } },
    ]);
  });

  test("of an unknown price makes every sum with it unknown, never smaller", () => {
    const { cost, releases } = planOf(withPool({ price: undefined, overrides: overridden("price-unknown") }));
    expect(cost).toMatchObject({
      levels: { min: { usdPerHour: null }, expected: { usdPerMonth: null }, max: { usdPerHour: null } },
      releases: { chat: { max: null } },
      usdPerHour: null,
      usdPerMonth: null,
      byPool: { gpus: { usdPerHour: null, usedByReleasesUsdPerHour: null } },
    });
    expect(releases["chat"]?.usdPerHour).toBeNull();
  });

  test("holds through its last day and not beyond", () => {
    const through = (day: string) =>
      planEnvironment(load(inRelease(overridden("pod-never-fits", "2026-11-30"))).environment, day).findings.map(
        ({ id, level }) => [id, level],
      );
    expect(through("2026-11-30")).toEqual([["pod-never-fits", "overridden"]]);
    expect(through("2026-12-01")).toEqual([
      ["pod-never-fits", "error"],
      ["override-expired", "error"],
    ]);
  });

  test("holds only where it stands", () => {
    const elsewhere = {
      ...small,
      pools: { gpus: { ...(small["pools"] as typeof smallest.pools).gpus, overrides: overridden("pod-never-fits") } },
    };
    expect(findingsOf(elsewhere).map(({ id, level }) => [id, level])).toEqual([
      ["pod-never-fits", "error"],
      ["override-unused", "warning"],
    ]);
  });

  test.each([
    ["override-unknown", "pool-to-small", "error"],
    ["override-refused", "tensor-parallel-impossible", "error"],
    ["override-unused", "price-unknown", "warning"],
  ])("is a finding itself when it is wrong: %s", (id, overrides, level) => {
    const found = findingsOf(withReleases({ chat: { overrides: overridden(overrides) } }));
    expect(found).toMatchObject([{ id, level, at: ["releases", "chat", "overrides", overrides] }]);
  });

  test.each([
    ["a short reason", { reason: "because", expires: "2026-12-31" }],
    ["no last day", { reason }],
    ["a last day that is no date", { reason, expires: "soon" }],
  ])("with %s is refused", (_, override) => {
    expect(() => load(withReleases({ chat: { overrides: { "pod-never-fits": override } } }))).toThrow(
      "releases.chat.overrides.pod-never-fits",
    );
  });
});
