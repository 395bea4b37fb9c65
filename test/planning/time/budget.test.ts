import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { measuredStarts, timings } from "../../../catalog/timings";
import {
  brokenRules,
  budgetLine,
  explainTime,
  nodeGrace,
  planTime,
  rolloutWaves,
  timeFindings,
  weightsSources,
  type EngineQuestion,
  type TimeQuestion,
} from "../../../planning/time";
import { engineParts } from "../../../planning/time/parts";
import { startupMargin } from "../../../planning/time/rules";

const vllm: EngineQuestion = { kind: "vllm", layers: 32, eager: false, compileCache: false, drains: true };

const small: TimeQuestion = {
  weights: { gigabytes: 16, from: "hub", networkMbps: null },
  image: { gigabytes: null, pull: "layers" },
  node: { kind: "existing" },
  engine: vllm,
  longestRequest: 300,
  replicas: 2,
  rollout: { kind: "rolling", maxSurge: 0, maxUnavailable: 1 },
};

function weights(
  gigabytes: number,
  from: TimeQuestion["weights"]["from"],
  more: Partial<TimeQuestion["weights"]> = {},
) {
  return { ...small, weights: { gigabytes, from, networkMbps: null, ...more } };
}

function part(question: TimeQuestion, id: string): number {
  return planTime(question).parts.find((each) => each.id === id)?.seconds ?? NaN;
}

describe("durations are derived, not chosen", () => {
  test("a startup budget is never below ten minutes", () => {
    expect(planTime(weights(1, "pvc")).startup).toBe(600);
  });

  test("70B from the hub gets the hour that it needs", () => {
    const engine = { ...vllm, layers: 80 };
    // 141 GB ÷ 0.064 GB/s; 95 s of imports; 52 s and 54 s for each 32 layers; 48 s of warm-up; and half as much again.
    const expected = Math.ceil(141 / 0.064) + 95 + 130 + 135 + 48;
    expect(planTime({ ...weights(141, "hub"), engine })).toMatchObject({
      podStart: expected,
      startup: Math.ceil(expected * 1.5),
    });
  });

  test.each(
    (["hub", "pvc", "s3", "pvc-stream", "oci", "s3-stream", "page-cache"] as const).map(
      (from, index, all) => [all[index - 1] ?? "hub", from] as const,
    ),
  )("weights from %s take no less time than from %s", (slower, faster) => {
    expect(part(weights(141, faster), "weights")).toBeLessThanOrEqual(part(weights(141, slower), "weights"));
  });

  test.each<[what: string, question: TimeQuestion, id: string, seconds: number]>([
    [
      "a site's own throughput replaces the catalogue's",
      weights(100, "pvc", { measured: { value: 2, source: "fio" } }),
      "weights",
      50,
    ],
    [
      "no source is faster than the machine's network",
      weights(100, "s3-stream", { networkMbps: 8000 }),
      "weights",
      100,
    ],
    ["a fast network makes no source faster", weights(50, "pvc", { networkMbps: 400_000 }), "weights", 100],
    [
      "what was measured came over the network already",
      weights(100, "pvc", { measured: { value: 2, source: "fio" }, networkMbps: 8000 }),
      "weights",
      50,
    ],
    ["pods that read one volume at once share it", weights(50, "pvc", { readersAtOnce: 3 }), "weights", 300],
    ["the hub is not shared", weights(6.4, "hub", { readersAtOnce: 3 }), "weights", 100],
    ["a measured load replaces the estimate", { ...small, measuredLoad: { value: 7, source: "log" } }, "weights", 7],
    ["machines that exist are not waited for", small, "node", 0],
    ["a cloud's machine takes what was measured", { ...small, node: { kind: "cloud" } }, "node", 410],
    [
      "a machine takes what was measured here",
      { ...small, node: { kind: "cloud", measured: { value: 90, source: "log" } } },
      "node",
      90,
    ],
    ["an image of unknown size takes what the published one took", small, "image", 101],
    ["an image takes its size", { ...small, image: { gigabytes: 11, pull: "layers" } }, "image", 200],
    ["parallel pulling is faster", { ...small, image: { gigabytes: 9, pull: "parallel" } }, "image", 50],
    ["an image that is there takes no time", { ...small, image: { gigabytes: 9, pull: "present" } }, "image", 0],
    [
      "weights in an image are pulled with it",
      { ...weights(18, "oci"), image: { gigabytes: 9, pull: "parallel" } },
      "image",
      150,
    ],
    ["eager engines compile nothing", { ...small, engine: { ...vllm, eager: true } }, "compile", 0],
    ["eager engines capture nothing", { ...small, engine: { ...vllm, eager: true } }, "capture", 0],
    ["a compile cache leaves the tracing", { ...small, engine: { ...vllm, compileCache: true } }, "compile", 23],
    ["twice the layers compile twice as long", { ...small, engine: { ...vllm, layers: 64 } }, "compile", 104],
    [
      "Triton with vLLM starts as vLLM does",
      { ...small, engine: { kind: "triton-vllm", layers: 64, eager: false, compileCache: false } },
      "capture",
      108,
    ],
    [
      "engines that are built before only load",
      { ...small, engine: { kind: "triton", optimisesAtStart: false } },
      "bootstrap",
      65,
    ],
    [
      "engines that are built at the start take as long",
      { ...small, engine: { kind: "triton", optimisesAtStart: true } },
      "bootstrap",
      750,
    ],
  ])("%s", (_, question, id, seconds) => {
    expect(part(question, id)).toBe(seconds);
  });

  test("a measured start of the engine replaces its parts", () => {
    const { parts } = planTime({ ...small, measuredEngineStart: { value: 33, source: "log" } });
    expect(parts.slice(-3).map(({ seconds }) => seconds)).toEqual([0, 0, 33]);
  });

  test.each(
    measuredStarts.map((start) => [start.model, start.cached ? "again" : "for the first time", start] as const),
  )("what %s took to start %s is inside the estimate and its margin", (_, __, { layers, cached, seconds }) => {
    const estimate = engineParts({ ...vllm, layers, compileCache: cached });
    const whole = estimate.compile + estimate.capture + estimate["warm-up"];
    expect(seconds).toBeLessThanOrEqual(whole * startupMargin);
  });
});

describe("stopping", () => {
  test("an engine that finishes its requests is given the longest one to do it", () => {
    expect(planTime(small)).toMatchObject({ preStop: 15, drain: 300, grace: 330 });
  });

  test("an engine that aborts its requests is told only when they are done", () => {
    expect(planTime({ ...small, engine: { ...vllm, drains: false } })).toMatchObject({
      preStop: 315,
      drain: 0,
      grace: 330,
    });
  });

  test("Triton drains by its own timeout", () => {
    expect(planTime({ ...small, engine: { kind: "triton", optimisesAtStart: false } }).drain).toBe(300);
  });

  test("a machine is emptied pod by pod, and never before one pod's grace is over", () => {
    const seconds = planTime(small);
    expect(nodeGrace([{ seconds, podsPerMachine: 4 }])).toBe(4 * seconds.progressDeadline);
    expect(nodeGrace([{ seconds, podsPerMachine: 0 }])).toBe(seconds.grace);
    expect(nodeGrace([])).toBe(0);
  });
});

const questions: fc.Arbitrary<TimeQuestion> = fc.record({
  weights: fc.record({
    gigabytes: fc.double({ min: 0.1, max: 1000, noNaN: true }),
    from: fc.constantFrom(...weightsSources),
    networkMbps: fc.option(fc.integer({ min: 1000, max: 400_000 })),
    readersAtOnce: fc.integer({ min: 1, max: 8 }),
  }),
  image: fc.record({
    gigabytes: fc.option(fc.double({ min: 1, max: 40, noNaN: true })),
    pull: fc.constantFrom("layers" as const, "parallel" as const, "parallel-bottlerocket" as const, "present" as const),
  }),
  node: fc.constantFrom<TimeQuestion["node"][]>({ kind: "existing" }, { kind: "cloud" }),
  engine: fc.oneof(
    fc.record({
      kind: fc.constant("vllm" as const),
      layers: fc.integer({ min: 1, max: 130 }),
      eager: fc.boolean(),
      compileCache: fc.boolean(),
      drains: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("triton" as const), optimisesAtStart: fc.boolean() }),
  ),
  longestRequest: fc.integer({ min: 1, max: 3600 }),
  replicas: fc.integer({ min: 1, max: 50 }),
  rollout: fc.constantFrom<TimeQuestion["rollout"][]>(
    { kind: "recreate" },
    { kind: "rolling", maxSurge: 1, maxUnavailable: 0 },
    { kind: "rolling", maxSurge: 0, maxUnavailable: 1 },
  ),
});

describe("whatever is asked", () => {
  test("no deadline is shorter than what happens inside it", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const budget = planTime(question);
        expect(brokenRules({ ...budget, nodeGrace: nodeGrace([{ seconds: budget, podsPerMachine: 1 }]) })).toEqual([]);
        expect(budget.startup).toBeGreaterThan(budget.podStart);
        expect(budget.progressDeadline).toBeGreaterThan(budget.grace + budget.coldStart);
        expect(budget.rolloutTimeout).toBeGreaterThanOrEqual(budget.progressDeadline);
      }),
    );
  });

  test("every duration is whole, and has an arithmetic that ends in it", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const budget = planTime(question);
        const { parts, ...durations } = budget;
        const why = explainTime(question, budget);
        for (const [name, seconds] of Object.entries(durations)) {
          expect(Number.isInteger(seconds)).toBe(true);
          expect(why[name]?.result).toBe(seconds);
        }
        parts.forEach(({ seconds }, index) => expect(why[`parts.${index}.seconds`]?.result).toBe(seconds));
      }),
    );
  });

  test("the line adds up", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const budget = planTime(question);
        const [left = "", right] = budgetLine(budget).split(" = ");
        const added = left.split(" + ").reduce((sum, text) => sum + Number(/(\d+) s$/.exec(text)?.[1]), 0);
        expect(`${added} s`).toBe(right);
        expect(added).toBe(budget.coldStart);
      }),
    );
  });
});

test("a cold start is said in one line", () => {
  const cold: TimeQuestion = {
    ...weights(31, "pvc"),
    node: { kind: "cloud", measured: { value: 284, source: "log" } },
    measuredEngineStart: { value: 100, source: "log" },
  };
  expect(budgetLine(planTime(cold))).toBe("node 284 s + image 101 s + weights 62 s + engine 195 s = 642 s");
});

test.each<[rule: string, change: Partial<Parameters<typeof brokenRules>[0]>]>([
  ["the longest request takes 300 s and a stopping pod has 215 s for it", { drain: 200, gatewayTimeout: 0 }],
  ["a pod is killed after 315 s, and preStop and drain alone take 315 s", { grace: 315 }],
  ["the gateway gives up after 200 s, before the longest request of 300 s is done", { gatewayTimeout: 200 }],
  ["the gateway waits 315 s for a pod that is gone after 315 s", { gatewayTimeout: 315 }],
  [
    "a rollout is called stuck after 930 s, and one pod may take 330 s to stop and 600 s to start",
    { progressDeadline: 930 },
  ],
  ["a machine is emptied by force after 300 s, before its pods' 330 s are over", { nodeGrace: 300 }],
])("durations set by hand are caught: %s", (rule, change) => {
  expect(brokenRules({ ...planTime(weights(1, "pvc")), ...change })).toContain(rule);
});

describe("findings of time", () => {
  test.each<[what: string, question: TimeQuestion, spot: boolean, ids: readonly string[]]>([
    ["nothing is wrong with a small model", small, false, []],
    ["a spot machine is gone before long requests are done", small, true, ["drain-outlives-spot"]],
    ["short requests are done in time", { ...small, longestRequest: 90 }, true, []],
    ["an engine aborts requests", { ...small, engine: { ...vllm, drains: false } }, false, ["engine-aborts-requests"]],
    ["a large model comes over a slow line", weights(141, "hub"), false, ["start-too-slow"]],
  ])("%s", (_, question, spot, ids) => {
    expect(timeFindings("chat", question, planTime(question), { spot }).map(({ id }) => id)).toEqual(ids);
  });
});

test.each([
  [3, { kind: "recreate" } as const, 1],
  [3, { kind: "rolling", maxSurge: 1, maxUnavailable: 0 } as const, 3],
  [5, { kind: "rolling", maxSurge: 1, maxUnavailable: 1 } as const, 3],
])("%d replicas by %j wait %d times", (replicas, rollout, waves) => {
  expect(rolloutWaves(replicas, rollout)).toBe(waves);
});

test("every timing says where it was measured and when", () => {
  for (const { value, source, date } of [
    ...Object.values(timings),
    ...measuredStarts.map((each) => ({ ...each, value: each.seconds })),
  ]) {
    expect(value).toBeGreaterThan(0);
    expect(source.length).toBeGreaterThan(20);
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});
