import { describe, expect, test } from "vitest";
import { planEnvironment, type FindingId } from "../../planning";
import { load, smallest, today, withPool } from "../harness/environments";
import { findingOf, planOf, release, type Written } from "./parsed";

const small = { ...smallest.releases.chat, model: "Qwen/Qwen3-0.6B", context: 4096 };
const a100 = { accelerator: "A100-80GB", gpusPerNode: 4, price: "$1.40/GPU-hour" };
const one = { chat: { ...small, replicas: 3 } };

/** A pool of A100 whose GPUs are partitioned. */
function partitioned(mig: string, releases: Written = one, pool: Written = {}): Written {
  return withPool({ ...a100, sharing: { mig }, ...pool }, releases);
}

/** A pool of L40S on whose GPUs pods take turns. */
function inTurn(timeSlicing: number, releases: Readonly<Record<string, Written>>): Written {
  const complete = Object.entries(releases).map(([name, changes]) => [name, { ...small, ...changes }] as const);
  return withPool({ sharing: { timeSlicing } }, Object.fromEntries(complete));
}

const quarter = { gpuMemoryUtilization: 0.25, tenant: "search" };

describe("a GPU that is partitioned", () => {
  const plan = planOf(partitioned("1g.10gb"));
  const pool = plan.pools["gpus"];

  test("is as many smaller ones to the pods, each by its own name", () => {
    expect(pool).toMatchObject({
      accelerator: "A100-80GB/1g.10gb",
      gpusPerNode: 28,
      interconnect: "none",
      sharing: { kind: "mig", profile: "1g.10gb", perGpu: 7, gpus: 4 },
      placement: { gpuResource: "nvidia.com/mig-1g.10gb" },
    });
    expect(release(plan)).toMatchObject({ tensorParallel: 1, resources: { gpus: 1 } });
  });

  test("has the memory of its instance, and nothing of the others'", () => {
    const { totalGiB } = release(plan).memory;
    expect(totalGiB).toBeGreaterThan(9);
    expect(totalGiB).toBeLessThan(9.75);
    const tooLarge = partitioned("1g.10gb", { chat: smallest.releases.chat });
    expect(findingOf(tooLarge, "memory-too-small")?.message).toMatch(/A100-80GB\/1g\.10gb/);
  });

  test("costs its part of the GPU's price, and all of them what the machine costs", () => {
    expect(pool?.usdPerGpuHour).toBeCloseTo(1.4 / 7);
    expect(release(plan).usdPerHour).toBeCloseTo((3 * 1.4) / 7);
    const whole = planOf(withPool(a100, one));
    expect(plan.cost.usdPerHour).toBeCloseTo(whole.cost.usdPerHour ?? NaN);
  });

  test("has no place for a replica of several: instances are not combined", () => {
    const finding = findingOf(
      partitioned("1g.10gb", { chat: { ...small, tensorParallel: 2 } }),
      "tensor-parallel-impossible",
    );
    expect(finding?.message).toMatch(/a replica on 2 GPUs has none on the pool gpus: its GPUs are shared/);
  });

  test("explains each of its numbers", () => {
    for (const path of ["gpusPerNode", "sharing.perGpu", "sharing.gpus", "usdPerGpuHour"])
      expect(plan.why).toHaveProperty([`pools.gpus.${path}`]);
  });
});

describe("GPUs on which pods take turns", () => {
  const written = inTurn(2, { chat: { gpuMemoryUtilization: 0.5 } });

  test("are shared ones to the pods, which cannot be taken for whole", () => {
    expect(planOf(written).pools["gpus"]).toMatchObject({
      accelerator: "L40S",
      gpusPerNode: 4,
      sharing: { kind: "time-slicing", perGpu: 2, gpus: 2 },
      placement: { gpuResource: "nvidia.com/gpu.shared" },
    });
  });

  test("give each pod its part of the speed", () => {
    const routes = {
      large: { targets: [{ release: "chat" }], load: { requests: "1/min", inputTokens: 500, outputTokens: 50 } },
    };
    const rate = (environment: Written) =>
      release(planOf({ ...environment, routes })).speed?.rates.decodeTokensPerSecond.expected ?? NaN;
    const alone = withPool({}, { chat: { ...small, gpuMemoryUtilization: 0.5 } });
    expect(rate(written)).toBeLessThan(0.7 * rate(alone));
  });
});

describe("sharing that cannot be is refused", () => {
  const production = { "policies/environments/test.yaml": "stage: production\n" };
  const key = { apiKey: { secret: "keys", key: "chat" } };

  test.each<[id: FindingId, what: string, written: Written, at: string, message: RegExp, fix: RegExp]>([
    [
      "sharing-impossible",
      "a GPU without MIG",
      withPool({ accelerator: "RTX-4090", sharing: { mig: "1g.10gb" } }, { chat: small }),
      "pools.gpus.sharing",
      /RTX-4090 cannot be partitioned: it has no MIG/,
      /use a GPU that has it: A30, A100-40GB/,
    ],
    [
      "sharing-impossible",
      "a profile that the GPU does not have",
      partitioned("1g.5gb"),
      "pools.gpus.sharing.mig",
      /A100-80GB has no MIG profile 1g\.5gb/,
      /1g\.10gb \(7 of a GPU\), 1g\.20gb \(4 of a GPU\)/,
    ],
    [
      "sharing-across-tenants",
      "two tenants",
      inTurn(2, { chat: { ...quarter }, notes: { ...quarter, tenant: "support" } }),
      "pools.gpus.sharing",
      /^GPU sharing across tenants on the pool gpus \(chat of search, notes of support\): pods that take turns/,
      /Write the same `tenant` under each of them/,
    ],
    [
      "sharing-across-tenants",
      "a release that is nobody's beside another",
      inTurn(2, { chat: quarter, notes: { gpuMemoryUtilization: 0.25 } }),
      "pools.gpus.sharing",
      /nobody has said whose notes is: pods that take turns/,
      /partition with `mig`/,
    ],
    [
      "sharing-overcommitted",
      "more memory than there is",
      inTurn(3, { chat: { ...quarter, gpuMemoryUtilization: 0.4, replicas: 4 } }),
      "pools.gpus.sharing",
      /on the pool gpus the engines take 0\.4 \+ 0\.4 \+ 0\.4 = 1\.2 of the memory of one L40S, and there is 1/,
      /Lower `gpuMemoryUtilization` of the releases there, to 0\.33 each/,
    ],
    [
      "devices-not-claimable",
      "turns on devices that are claimed",
      { ...inTurn(2, { chat: quarter }), clusters: { here: { ...smallest.clusters.here, devices: "dra" } } },
      "pools.gpus.sharing",
      /GPUs of gpus that pods take turns on cannot be claimed/,
      /`devices: plugin`/,
    ],
    [
      "devices-not-claimable",
      "claims on an old cluster",
      { ...smallest, clusters: { here: { ...smallest.clusters.here, devices: "dra", kubernetes: "1.33" } } },
      "pools.gpus",
      /Kubernetes 1\.33 does not serve resource\.k8s\.io\/v1, which came with 1\.34/,
      /upgrade/,
    ],
  ])("%s: %s", (id, _, written, at, message, fix) => {
    const finding = findingOf(written, id);
    expect(finding?.level).toBe("error");
    expect(finding?.at.join(".")).toBe(at);
    expect(finding?.message).toMatch(message);
    expect(finding?.fix).toMatch(fix);
    expect(planEnvironment(load(written).environment, today).plan).toBeUndefined();
  });

  test("sharing-in-production: turns in production, even of one tenant", () => {
    const written = inTurn(2, { chat: { ...quarter, ...key } });
    expect(findingOf(written, "sharing-in-production")).toBeUndefined();
    const { findings } = planEnvironment(load(written, production).environment, today);
    const [first] = findings.filter(({ level }) => level === "error");
    expect(first).toMatchObject({ id: "sharing-in-production", at: ["pools", "gpus", "sharing"] });
    expect(first?.message).toMatch(/pods take turns on the GPUs of gpus, and this is production/);
  });

  test("instances are isolated: tenants may share a partitioned GPU, in production too", () => {
    const both = { chat: { ...small, tenant: "search", ...key }, notes: { ...small, tenant: "support", ...key } };
    const { plan, findings } = planEnvironment(load(partitioned("2g.20gb", both), production).environment, today);
    expect(findings.filter(({ level }) => level === "error")).toEqual([]);
    expect(plan?.pools["gpus"]?.gpusPerNode).toBe(12);
  });

  test("what counts is the worst that can meet on one GPU: two of the largest, while one is being replaced", () => {
    const releases = {
      chat: { ...quarter, gpuMemoryUtilization: 0.6 },
      notes: { ...quarter, gpuMemoryUtilization: 0.3 },
    };
    expect(findingOf(inTurn(2, releases), "sharing-overcommitted")?.message).toMatch(/0\.6 \+ 0\.6 = 1\.2/);
    const { chat, notes } = { chat: { ...releases.chat, gpuMemoryUtilization: 0.5 }, notes: releases.notes };
    expect(findingOf(inTurn(2, { chat, notes }), "sharing-overcommitted")).toBeUndefined();
  });
});

describe("devices that are claimed", () => {
  const dra = { here: { ...smallest.clusters.here, devices: "dra" } };

  test("are whole GPUs, or instances of a profile", () => {
    expect(planOf({ ...smallest, clusters: dra }).pools["gpus"]?.placement.claim).toEqual({
      deviceClass: "gpu.nvidia.com",
      selectors: [],
    });
    expect(planOf({ ...partitioned("1g.10gb"), clusters: dra }).pools["gpus"]?.placement.claim).toEqual({
      deviceClass: "mig.nvidia.com",
      selectors: ["device.attributes['gpu.nvidia.com'].profile == '1g.10gb'"],
    });
  });

  test("are none where a device plugin counts them", () => {
    expect(planOf(smallest).pools["gpus"]?.placement).not.toHaveProperty("claim");
  });
});
