import { describe, expect, test } from "vitest";
import { vllmFlags } from "../../../catalog/engine-flags";
import type { GroupRuns, Plan } from "../../../planning";
import { deepSeek, llama405, superPod, withGroups } from "../../harness/groups";
import { findingOf, planOf, release } from "../parsed";

const rented = { cluster: "here", instance: "p5.48xlarge", region: "us-east-1", nodes: { max: 2 } };
const efaImage = { images: { vllm: `mirror.example.com/vllm-efa:v1@sha256:${"0".repeat(64)}` } };

function groupOf(plan: Plan, name = "big"): GroupRuns {
  const runs = plan.releases[name]?.runs;
  if (runs?.kind !== "leader-worker-set") throw new Error(`${name} is no group`);
  return runs;
}

describe.each([
  ["Llama 3.1 405B in 16 bits", llama405],
  ["DeepSeek-R1 in FP8", deepSeek],
])("%s on two machines with eight H100", (_, settings) => {
  const plan = planOf(withGroups({ big: settings }));
  const big = release(plan, "big");
  const runs = groupOf(plan);
  const { container } = big.pod;

  test("is laid over both: tensor parallelism inside of each, stages across them", () => {
    expect(big).toMatchObject({ tensorParallel: 8, pipelineParallel: 2, dataParallel: 1 });
    expect(runs.size).toBe(2);
    expect(big.resources.gpus).toBe(8);
  });

  test("starts the same engine on each: the leader as rank 0 with the API, workers by the variables of the group", () => {
    const differs = (args: readonly string[], others: readonly string[]) => args.filter((arg) => !others.includes(arg));
    expect(differs(container.args, runs.workerArgs)).toEqual(["--shutdown-timeout=300", "--node-rank=0"]);
    expect(differs(runs.workerArgs, container.args)).toEqual([
      "--shutdown-timeout=0",
      "--node-rank=$(LWS_WORKER_INDEX)",
      "--headless",
    ]);
    expect(container.args).toEqual(
      expect.arrayContaining([
        "--nnodes=2",
        "--master-addr=$(LWS_LEADER_ADDRESS)",
        "--master-port=29501",
        "--distributed-executor-backend=mp",
      ]),
    );
    // An image may start vLLM by a module that does not know --headless.
    expect(container.command).toEqual(["vllm", "serve"]);
  });

  test("is given only flags that its version of vLLM has", () => {
    const known = new Set([...(vllmFlags(big.version)?.values() ?? [])].map(({ name }) => name.replace(/^--/, "")));
    const given = [...container.args, ...runs.workerArgs].filter((arg) => arg.startsWith("--"));
    const unknown = given.filter((arg) => !known.has((arg.split("=")[0] ?? "").replace(/^--(no-)?/, "")));
    expect(unknown).toEqual([]);
  });

  test("costs all GPUs of both machines", () => {
    expect(big.usdPerHour).toBe(32);
    expect(plan.cost.byPool["gpus"]?.usedByReleasesUsdPerHour).toBe(32);
  });

  test("lets its pods talk to each other, beside its clients", () => {
    expect(big.flows).toContainEqual({ direction: "both", with: "release" });
  });
});

describe("the durations of a group", () => {
  const { seconds } = release(planOf(withGroups({ big: llama405 })), "big");
  const runs = groupOf(planOf(withGroups({ big: llama405 })));

  test("leave a worker up until its leader has drained, and end before its own kill", () => {
    expect(runs.workerPreStop).toBe(seconds.preStop + seconds.drain);
    expect(runs.workerPreStop).toBeLessThan(seconds.grace);
  });

  test("count machine and image of the last pod into the startup of the first", () => {
    const small = { ...llama405, model: "Qwen/Qwen3-32B" };
    const one = { ...small, nodes: 1, pipelineParallel: 1 };
    const alone = release(planOf(withGroups({ big: one })), "big").seconds;
    const together = release(planOf(withGroups({ big: small })), "big").seconds;
    const image = together.parts.find(({ id }) => id === "image")?.seconds ?? 0;
    expect(image).toBeGreaterThan(0);
    expect(together.startup - Math.ceil(together.podStart * 1.5)).toBeGreaterThanOrEqual(Math.floor(image * 1.5));
    expect(alone.startup).toBe(Math.max(600, Math.ceil(alone.podStart * 1.5)));
  });

  test("let processes wait for each other as long as a rollout may take", () => {
    expect(runs.workerArgs).toContain(`--distributed-timeout-seconds=${seconds.progressDeadline}`);
  });
});

describe("the network of a group", () => {
  test("is RDMA where the pool has it, and NCCL may fall back to nothing else", () => {
    const plan = planOf(withGroups({ big: llama405 }));
    const devices = { resource: "rdma/ib", perPod: 8, hugePagesMiB: 0 };
    expect(groupOf(plan).network).toEqual({ kind: "rdma", devices });
    expect(release(plan, "big").pod.container.variables["NCCL_NET"]).toBe("IB");
  });

  test("is all EFA adapters of a rented machine, with their huge pages", () => {
    const plan = planOf(withGroups({ big: llama405 }, { ...rented, fabric: { kind: "efa" } }, efaImage));
    const devices = { resource: "vpc.amazonaws.com/efa", perPod: 32, hugePagesMiB: 5120 };
    expect(groupOf(plan).network).toEqual({ kind: "efa", devices });
    expect(release(plan, "big").pod.container.variables["NCCL_NET"]).toBe("AWS Libfabric");
  });

  test("is TCP on ethernet, without devices", () => {
    const plan = planOf(
      withGroups({ big: llama405 }, { ...superPod, fabric: { kind: "ethernet", bandwidth: "100Gbps" } }),
    );
    expect(groupOf(plan).network).toEqual({ kind: "ethernet", devices: null });
    expect(release(plan, "big").pod.container.variables["NCCL_NET"]).toBe("Socket");
  });
});

describe("the speed of a group", () => {
  const routes = {
    big: { targets: [{ release: "big" }], load: { requests: "6/min", inputTokens: 1000, outputTokens: 200 } },
  };
  const timeOf = (bandwidth: string) => {
    const pool = { ...superPod, fabric: { kind: "ethernet", bandwidth } };
    const { speed } = release(planOf(withGroups({ big: llama405 }, pool, { routes })), "big");
    if (speed === null) throw new Error("no speed");
    return speed;
  };

  test("depends on the network between its machines", () => {
    const prefill = (bandwidth: string) => timeOf(bandwidth).rates.prefillTokensPerSecond.expected;
    expect(prefill("10Gbps")).toBeLessThan(prefill("400Gbps"));
  });

  test("is an estimate that nobody has measured", () => {
    expect(timeOf("400Gbps").confidence).toBe("needs-profile-run");
  });
});

test("a group is replaced one replica at a time, even where there is room for one more", () => {
  const plan = planOf(withGroups({ big: llama405 }, { ...superPod, nodes: { max: 6 } }));
  expect(release(plan, "big").rollout).toEqual({ kind: "rolling", maxSurge: 0, maxUnavailable: 1 });
  expect(plan.why["releases.big.rollout.maxSurge"]?.formula).toMatch(/one replica leaves before its successor starts/);
});

test("a pool with room for one replica refuses two, and says that pods alone serve nothing", () => {
  const finding = findingOf(withGroups({ big: { ...llama405, replicas: 2 } }), "pool-too-small");
  expect(finding?.message).toMatch(/2 of 4 pods find no place in the pool gpus \(2 machines\)/);
  expect(finding?.message).toMatch(/serves only when all 2 of its pods are placed/);
});
