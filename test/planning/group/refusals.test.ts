import { describe, expect, test } from "vitest";
import { llama405, superPod, withGroups } from "../../harness/groups";
import { smallest } from "../../harness/environments";
import { findingOf, findingsOf, planOf } from "../parsed";

type Changes = Readonly<Record<string, unknown>>;

const big = (changes: Changes = {}) => ({ big: { ...llama405, ...changes } });

/** Without a setting. */
function without(settings: Changes, key: string): Changes {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name !== key));
}

const rented = { cluster: "here", instance: "p5.48xlarge", region: "us-east-1", nodes: { max: 2 } };
const efaImage = { images: { vllm: `mirror.example.com/vllm-efa:v1@sha256:${"0".repeat(64)}` } };

describe("a replica over several machines is refused", () => {
  test.each([
    [
      "where tensor parallelism would cross them",
      { tensorParallel: 16, pipelineParallel: 1 },
      ["tensor-parallel-impossible", ["releases", "big", "tensorParallel"]],
      /tensor parallelism of 16 does not fit a machine with 8 GPUs, and it never crosses machines/,
      /`tensorParallel: 8` and `pipelineParallel: 2`/,
    ],
    [
      "without a stage for each of them",
      { pipelineParallel: 1 },
      ["layout-impossible", ["releases", "big", "pipelineParallel"]],
      /one pipeline stage cannot be divided among 2 machines/,
      /`pipelineParallel: 2`/,
    ],
    [
      "with stages that cannot be divided among them",
      { pipelineParallel: 3 },
      ["layout-impossible", ["releases", "big", "pipelineParallel"]],
      /3 pipeline stages cannot be divided among 2 machines/,
      /`pipelineParallel: 2`/,
    ],
    [
      "with stages that their GPUs cannot be divided among",
      { pipelineParallel: 6 },
      ["layout-impossible", ["releases", "big", "pipelineParallel"]],
      /6 pipeline stages cannot be divided among the 16 GPUs of 2 machines/,
      /`pipelineParallel: 2`/,
    ],
    [
      "that leaves GPUs of a machine to others",
      { tensorParallel: 4 },
      ["layout-impossible", ["releases", "big", "nodes"]],
      /tensor 4 × pipeline 2 = 8 GPUs, and 2 machines have 2 × 8 = 16/,
      /`tensorParallel: 8`/,
    ],
    [
      "with ranks of data parallelism, each an engine of its own",
      { dataParallel: 2, pipelineParallel: 1, model: "deepseek-ai/DeepSeek-R1" },
      ["layout-impossible", ["releases", "big", "dataParallel"]],
      /data parallelism over machines is not declared here/,
      /more `replicas` of `pipelineParallel: 2`/,
    ],
  ] as const)("%s", (_, changes, [id, at], message, fix) => {
    const finding = findingsOf(withGroups(big(changes))).find(({ at: where }) => where.join() === at.join());
    expect(finding).toMatchObject({ id, level: "error", at });
    expect(finding?.message).toMatch(message);
    expect(finding?.fix).toMatch(fix);
  });

  test.each([
    ["fewer machines than it spans", { ...superPod, nodes: { max: 1 } }, /spans 2 machines, and the pool gpus has 1/],
    [
      "machines in several zones",
      { ...superPod, zones: ["a", "b"] },
      /in 2 zones \(a, b\): nothing would keep the pods of one replica in the same/,
    ],
    ["machines whose network nobody described", without(superPod, "fabric"), /how the machines of the pool gpus reach/],
  ])("by a pool with %s", (_, pool, message) => {
    const finding = findingOf(withGroups(big(), pool), "group-impossible");
    expect(finding).toMatchObject({ level: "error", at: ["releases", "big", "nodes"] });
    expect(finding?.message).toMatch(message);
  });

  test("by a pool that gives out parts of GPUs", () => {
    const pool = { ...superPod, sharing: { mig: "1g.10gb" } };
    expect(
      findingsOf(withGroups(big(), pool))
        .map(({ message }) => message)
        .join(),
    ).toMatch(/parts of GPUs/);
  });

  test("by a cluster that is not said to have the operator", () => {
    const finding = findingOf({ ...withGroups(big()), clusters: smallest.clusters }, "operator-missing");
    expect(finding).toMatchObject({ level: "error", at: ["releases", "big", "nodes"] });
    expect(finding?.message).toMatch(/big spans 2 machines.*LeaderWorkerSet/);
    expect(finding?.fix).toMatch(/leader-worker-set/);
  });

  test("by the public image on EFA, which it has no library for", () => {
    const pool = { ...rented, fabric: { kind: "efa" } };
    const finding = findingOf(withGroups(big(), pool), "fabric-not-in-image");
    expect(finding).toMatchObject({ level: "error", at: ["pools", "gpus", "fabric"] });
    expect(findingOf(withGroups(big(), pool, efaImage), "fabric-not-in-image")).toBeUndefined();
  });
});

test("tensor parallelism wider than a machine is refused without a group, and the group is what the fix names", () => {
  const release = { ...without(big({ tensorParallel: 16, pipelineParallel: 1 }).big, "nodes") };
  const finding = findingOf(withGroups({ big: release }), "tensor-parallel-impossible");
  expect(finding?.message).toMatch(/never crosses machines/);
  expect(finding?.fix).toMatch(/`tensorParallel: 8`, `pipelineParallel: 2` and `nodes: 2`/);
});

test("adapters that rented machines have and nobody asked for are pointed out", () => {
  const finding = findingOf(withGroups(big(), rented), "fabric-unused");
  expect(finding).toMatchObject({ level: "warning", at: ["pools", "gpus"] });
  expect(finding?.message).toMatch(/p5.48xlarge has 32 EFA adapters/);
  const kept = withGroups(big(), { ...rented, fabric: { kind: "ethernet" } });
  expect(findingOf(kept, "fabric-unused")).toBeUndefined();
});

test("a replica on one machine needs none of it", () => {
  const pool = without(superPod, "fabric");
  const release = { ...llama405, model: "Qwen/Qwen3-32B", nodes: 1, pipelineParallel: 1 };
  const plan = planOf({ ...withGroups({ big: release }, pool), clusters: smallest.clusters });
  expect(plan.releases["big"]?.runs).toEqual({ kind: "deployment" });
});
