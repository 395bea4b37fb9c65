import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planEnvironment, type Finding } from "../../planning";
import { load as loadWritten, smallest, today, withPool, withReleases } from "../harness/environments";
import { volumeSizes } from "../harness/volumes";
import { findingOf, findingsOf, parsed, planOf, release, roomy, usualLoad, withRoutes, type Written } from "./parsed";

const targets = [{ release: "chat" }];

function route(changes: Written = {}, load: Written = {}): Written {
  return { large: { targets, load: { ...usualLoad, ...load }, ...changes } };
}

function chat(changes: Written): Written {
  return { chat: { ...smallest.releases.chat, ...changes } };
}

describe("the number of pods", () => {
  test("is one where no route says its load", () => {
    expect(release(planOf(withRoutes({}))).replicas).toEqual({ min: 1, expected: 1, max: 1 });
    expect(release(planOf(withRoutes({}))).speed).toBeNull();
  });

  test("follows the load of the routes: a fifth more than expected, or the worst moment", () => {
    const podsAt = (requests: string, peak = requests) =>
      release(planOf(withRoutes(route({}, { requests, peak }), chat({ tensorParallel: 1 })))).replicas.max;
    const { speed } = release(planOf(withRoutes(route(), chat({ tensorParallel: 1 }))));
    const most = speed?.saturation.withinSlo ?? NaN;
    expect(podsAt(`${((2.9 * most) / 1.2).toFixed(4)}/s`)).toBe(3);
    expect(podsAt(`${((3.1 * most) / 1.2).toFixed(4)}/s`)).toBe(4);
    expect(podsAt("1/s", `${(4.9 * most).toFixed(4)}/s`)).toBe(5);
    expect(podsAt("1/s", `${(5.1 * most).toFixed(4)}/s`)).toBe(6);
  });

  test("is what is written, where that is enough", () => {
    const { replicas, speed } = release(planOf(withRoutes(route(), chat({ replicas: 7 }))));
    expect(replicas).toEqual({ min: 7, expected: 7, max: 7 });
    expect(speed?.needed).toBeLessThanOrEqual(7);
  });

  test("moves between bounds with the load that is expected", () => {
    const pods = (requests: string) =>
      release(planOf(withRoutes(route({}, { requests }), chat({ replicas: { min: 2, max: 12 }, tensorParallel: 1 }))))
        .replicas;
    expect(pods("1/min")).toEqual({ min: 2, expected: 2, max: 12 });
    const { speed } = release(planOf(withRoutes(route(), chat({ tensorParallel: 1 }))));
    expect(pods(`${(5 * (speed?.saturation.withinSlo ?? NaN)) / 1.3}/s`)).toEqual({ min: 2, expected: 5, max: 12 });
  });

  test("that nothing moves between is a warning that says how many run", () => {
    const finding = findingOf(withRoutes({}, chat({ replicas: { min: 2, max: 5 } })), "not-scaled");
    expect(finding).toMatchObject({ level: "warning", at: ["releases", "chat", "replicas"] });
    expect(finding?.message).toMatch(/^nothing scales chat between 2 and 5 pods: .*, so 2 run$/);
  });
});

describe("a load that is not met", () => {
  const heavy = { requests: "60/s" };
  const needed = release(planOf(withRoutes(route({}, heavy), chat({ tensorParallel: 1 })))).replicas.max;

  test.each([
    ["one pod", 1, /^one pod cannot keep/],
    ["a number", 2, /^2 pods cannot keep/],
    ["bounds", { min: 1, max: 3 }, /^3 pods cannot keep/],
  ])("by %s is an error at `replicas`, with the number that is needed", (_, replicas, message) => {
    const finding = findingOf(withRoutes(route({}, heavy), chat({ replicas, tensorParallel: 1 })), "load-not-met");
    expect(finding).toMatchObject({ level: "error", at: ["releases", "chat", "replicas"] });
    expect(finding?.message).toMatch(message);
    expect(finding?.message).toContain("the routes large ask (60 requests/s of 1000 + 250 tokens)");
    expect(finding?.message).toMatch(new RegExp(`that needs ${needed}$`));
    expect(finding?.fix).toContain(`\`replicas: ${needed}\``);
    expect(needed).toBeGreaterThan(3);
  });

  test("is met by the number that the finding names", () => {
    const written = withRoutes(route({}, heavy), chat({ replicas: needed, tensorParallel: 1 }));
    expect(findingOf(written, "load-not-met")).toBeUndefined();
  });

  test.each<[what: string, slo: Written, reason: RegExp]>([
    [
      "the first token",
      { ttftP95: "30ms" },
      /the first token takes \d+ ms where 30 ms are promised of a request that is alone/,
    ],
    ["the next token", { interTokenP95: "2ms" }, /a token takes \d+ ms where 2 ms are promised/],
    ["the speed of one answer", { tokensPerSecond: 1000 }, /a token takes \d+ ms where 1 ms are promised/],
    [
      "the speed of a replica",
      { tokensPerSecondPerReplica: 90000 },
      /a replica delivers \d+ output tokens per second within the limits, 90000 are wanted/,
    ],
  ])("by no number of pods, for %s, says so with the reason", (_, slo, reason) => {
    const finding = findingOf(withRoutes(route({ slo })), "load-not-met");
    expect(finding?.level).toBe("error");
    expect(finding?.message).toMatch(/^no number of pods keeps what the routes large ask: /);
    expect(finding?.message).toMatch(reason);
    expect(finding?.fix).toBe("Ask for less in `slo`, or use faster GPUs.");
  });

  test("may be overridden: the pods are those that are written, and what they do is not known", () => {
    const overrides = { "load-not-met": { reason: "clients wait: it is a nightly batch", expires: "2026-12-31" } };
    const { replicas, speed } = release(
      planOf(withRoutes(route({}, heavy), chat({ replicas: 1, overrides, tensorParallel: 1 }))),
    );
    expect(replicas.max).toBe(1);
    expect(speed).toBeNull();
  });
});

describe("a promise that one layout cannot keep", () => {
  test("is kept by another: more GPUs for each pod, and the ones that are too slow are listed", () => {
    const slo = { interTokenP95: "20ms" };
    const { tensorParallel, runnersUp } = release(planOf(withRoutes(route({ slo }, { requests: "1/s" }))));
    expect(tensorParallel).toBeGreaterThan(1);
    expect(runnersUp[0]?.name).toBe("1 × L40S, bf16");
    expect(runnersUp[0]?.reason).toMatch(/no number of pods keeps .* a token takes \d+ ms where 20 ms are promised/);
  });
});

describe("weights in fewer bits", () => {
  const large = { model: "Qwen/Qwen3-32B", context: 8192 };

  test("are taken with `auto` when they save GPUs, and not otherwise", () => {
    const quantization = "auto";
    expect(release(planOf(withRoutes({}, chat({ ...large, quantization }))))).toMatchObject({
      tensorParallel: 1,
      quantization: "fp8",
    });
    expect(release(planOf(withRoutes({}, chat({ quantization }))))).toMatchObject({
      tensorParallel: 1,
      quantization: "bf16",
    });
    expect(release(planOf(withRoutes({}, chat(large))))).toMatchObject({ tensorParallel: 2, quantization: "bf16" });
  });

  test("that vLLM makes while it loads are loaded from the published ones: the host and the disk hold those", () => {
    const of = (quantization: string) =>
      release(planOf(withRoutes({}, chat({ ...large, quantization, tensorParallel: 2 }))));
    expect(of("fp8").memory.weightsGiB).toBeLessThan(0.6 * of("native").memory.weightsGiB);
    expect(of("fp8").resources).toEqual(of("native").resources);
    expect(volumeSizes(of("fp8"))("cache")).toBe(volumeSizes(of("native"))("cache"));
    expect(of("fp8").pod.container.args).toContain("--quantization=fp8");
  });

  test("that exist only as a checkpoint of their own are refused of the published one, but not of a volume", () => {
    const finding = findingOf(withRoutes({}, chat({ quantization: "awq" })), "checkpoint-needed");
    expect(finding).toMatchObject({ level: "error", at: ["releases", "chat", "quantization"] });
    expect(finding?.message).toContain("Qwen/Qwen3-8B is published in bf16, and vLLM makes no awq of it");
    const weights = { from: "pvc", claim: "weights", path: "qwen-awq" };
    expect(findingOf(withRoutes({}, chat({ quantization: "awq", weights })), "checkpoint-needed")).toBeUndefined();
  });
});

describe("a context that fits by less than the estimate may be wrong", () => {
  const on = (release: Written) =>
    withPool({ accelerator: "RTX-4090", gpusPerNode: 1 }, { chat: { ...smallest.releases.chat, ...release } });
  const longest = (id: Finding["id"], release: Written) => {
    const fix = findingsOf(on(release)).find((finding) => finding.id === id)?.fix ?? "";
    return Number(/context: (\d+)/.exec(fix)?.[1]);
  };
  const withMargin = longest("context-does-not-fit", { context: 40960 });

  test("is not taken where the layout is ours to choose", () => {
    expect(findingsOf(on({ context: withMargin })).filter(({ level }) => level === "error")).toEqual([]);
    const finding = findingsOf(on({ context: withMargin + 512 })).find(({ id }) => id === "context-does-not-fit");
    expect(finding?.level).toBe("error");
    expect(finding?.message).toMatch(new RegExp(`which holds ${withMargin} tokens of one request$`));
  });

  test("is a warning where somebody pinned it, and an error where even the exact estimate does not hold it", () => {
    const pinned = (context: number) =>
      findingsOf(on({ context, tensorParallel: 1 })).map(({ id, level }) => [id, level]);
    expect(pinned(withMargin)).toEqual([]);
    expect(pinned(withMargin + 512)).toEqual([["memory-tight", "warning"]]);
    expect(pinned(40960)).toEqual([["context-does-not-fit", "error"]]);
    expect(longest("memory-tight", { context: withMargin + 512, tensorParallel: 1 })).toBe(withMargin);
  });
});

describe("a measurement of this very model, GPU, version and split", () => {
  const log = {
    model: "Qwen/Qwen3-8B",
    gpu: "L40S",
    version: "0.31.0",
    tensorParallel: 1,
    weightsGiB: 15.5,
    kvGiB: 20.25,
    loadSeconds: 33,
    engineStartSeconds: 77,
    source: "log of chat-0",
    date: "2026-11-20",
  };
  const planned = (change: Written = {}) => {
    const files = { "stacks/measured/chat.json": JSON.stringify({ ...log, ...change }) };
    const { plan } = planEnvironment(loadWritten(withReleases({ chat: {} }), files).environment, today);
    if (plan === undefined) throw new Error("no plan");
    return { ...release(plan), why: plan.why };
  };

  test("replaces the estimate, and its log is named in the arithmetic", () => {
    const { memory, seconds, why } = planned();
    expect(memory).toMatchObject({ weightsGiB: 15.5, kvGiB: 20.25, marginGiB: 0, measured: ["weightsGiB", "kvGiB"] });
    expect(seconds.startup).toBeGreaterThanOrEqual(33 + 77);
    for (const number of ["weightsGiB", "kvGiB"]) {
      const { formula, terms } = why[`releases.chat.memory.${number}`] ?? {};
      expect(formula).toBe("measured");
      expect(terms?.[0]?.source).toBe("stacks/measured/chat.json: log of chat-0 (2026-11-20)");
    }
  });

  test.each<[what: string, change: Written]>([
    ["another GPU", { gpu: "H100-80GB" }],
    ["another version", { version: "0.30.0" }],
    ["another model", { model: "Qwen/Qwen3-14B" }],
    ["another format", { quantization: "fp8" }],
    ["another split", { tensorParallel: 2 }],
  ])("of %s changes nothing", (_, change) => {
    expect(planned(change).memory.measured).toEqual([]);
  });
});

describe("more is never less", { timeout: 120_000 }, () => {
  const models = fc.constantFrom("Qwen/Qwen3-8B", "Qwen/Qwen3-32B", "openai/gpt-oss-20b");
  const gpus = fc.constantFrom("L40S", "A100-40GB", "H100-80GB", "RTX-4090");
  const asked = fc.record({
    requests: fc.integer({ min: 1, max: 300 }),
    inputTokens: fc.integer({ min: 100, max: 3000 }),
    outputTokens: fc.integer({ min: 20, max: 600 }),
  });
  const runs = { numRuns: 120, seed: 5 };

  /** Dollars an hour, or infinitely many where there is no plan; pods likewise. */
  function costOf(release: Written, load: { readonly requests: number }, pool: Written = {}) {
    const routes = route({ slo: { ttftP95: "2s" } }, { ...load, requests: `${load.requests / 10}/s` });
    const written = {
      ...withRoutes(routes, chat(release)),
      pools: { gpus: { ...roomy, nodes: { max: 400 }, ...pool } },
    };
    const { plan } = planEnvironment(parsed(written), today);
    if (plan === undefined) return { usd: Infinity, pods: Infinity };
    const { usdPerHour, replicas } = plan.releases["chat"] ?? {};
    return { usd: usdPerHour ?? NaN, pods: replicas?.max ?? NaN };
  }

  test("more load needs no less money, and no fewer pods of the same layout", () => {
    fc.assert(
      fc.property(models, gpus, asked, fc.integer({ min: 0, max: 300 }), (model, accelerator, load, more) => {
        const heavier = { ...load, requests: load.requests + more };
        expect(costOf({ model }, heavier, { accelerator }).usd).toBeGreaterThanOrEqual(
          costOf({ model }, load, { accelerator }).usd,
        );
        const pinned = { model, tensorParallel: 4 };
        expect(costOf(pinned, heavier, { accelerator }).pods).toBeGreaterThanOrEqual(
          costOf(pinned, load, { accelerator }).pods,
        );
      }),
      runs,
    );
  });

  test("a larger share of the GPU's memory needs no more money", () => {
    const share = fc.integer({ min: 70, max: 95 });
    fc.assert(
      fc.property(models, gpus, asked, share, share, (model, accelerator, load, one, other) => {
        const usd = (percent: number) =>
          costOf({ model, gpuMemoryUtilization: percent / 100 }, load, { accelerator }).usd;
        expect(usd(Math.max(one, other))).toBeLessThanOrEqual(usd(Math.min(one, other)));
      }),
      runs,
    );
  });

  test("a longer context costs no less", () => {
    const context = fc.integer({ min: 4096, max: 40000 });
    fc.assert(
      fc.property(models, gpus, asked, context, context, (model, accelerator, load, one, other) => {
        const usd = (tokens: number) => costOf({ model, context: tokens }, load, { accelerator }).usd;
        expect(usd(Math.max(one, other))).toBeGreaterThanOrEqual(usd(Math.min(one, other)));
      }),
      runs,
    );
  });

  test("higher bounds cost no less", () => {
    const bound = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(bound, bound, bound, (min, more, evenMore) => {
        const usd = (max: number) => {
          const pool = { cluster: "here", instance: "g6e.12xlarge", region: "us-east-1", nodes: { max: 40 } };
          const written = { ...withRoutes({}, chat({ replicas: { min, max } })), pools: { gpus: pool } };
          return planEnvironment(parsed(written), today).plan?.cost.usdPerHour ?? NaN;
        };
        expect(usd(min + more + evenMore)).toBeGreaterThanOrEqual(usd(min + more));
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});
