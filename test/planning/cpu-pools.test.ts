import { describe, expect, test } from "vitest";
import { encoder, epycPool, withEncoder } from "../harness/processors";
import { smallest } from "../harness/environments";
import { findingOf, findingsOf, planOf } from "./parsed";

describe("a pool of machines without GPUs", () => {
  const plan = planOf(withEncoder());
  const pool = plan.pools["epyc"];

  test("is known by its processors, has no GPU and tolerates no taint of GPUs", () => {
    expect(pool).toMatchObject({
      accelerator: null,
      gpusPerNode: 0,
      processor: { id: "EPYC-7763", sockets: 1 },
      interconnect: "none",
      rented: null,
      sharing: null,
      placement: { nodeSelector: { "modelyard.dev/pool": "epyc" }, toleratedTaints: [] },
      capacity: { cpu: 128, memoryGiB: 256, diskGiB: 1024 },
    });
  });

  test("has a price per machine, and none per GPU", () => {
    expect(pool).toMatchObject({ usdPerMachineHour: 0.8, usdPerGpuHour: null, price: { from: "setting" } });
    expect(plan.cost.usdPerHour).toBeCloseTo(1.6, 9);
  });

  test("divides what its machines cost by CPU: releases and what is idle are all of it", () => {
    const both = planOf(withEncoder({}, {}, { releases: { embed: encoder, other: { ...encoder, cpu: 8 } } }));
    const level = both.cost.pools["epyc"]?.levels.max;
    const of = (release: string): number => level?.releases[release]?.expected ?? NaN;
    const [embed, other] = [of("embed"), of("other")];
    expect(embed + other + (level?.idle?.expected ?? NaN)).toBeCloseTo(1.6, 9);
    const [large, small] = [both.releases["embed"]?.resources.cpu ?? NaN, both.releases["other"]?.resources.cpu ?? NaN];
    expect(embed / other).toBeCloseTo(large / small, 9);
    expect(both.releases["other"]?.usdPerHour).toBeCloseTo((0.8 * 8) / (pool?.allocatable.cpu ?? NaN), 9);
  });

  test("without a price is refused with what to write", () => {
    const finding = findingOf(withEncoder({}, { price: undefined }), "price-unknown");
    expect(finding?.at).toEqual(["pools", "epyc"]);
    expect(finding?.message).toMatch(/^nobody has said what a machine of the pool epyc costs/);
    expect(finding?.fix).toContain("`price: $0.80/machine-hour`");
    expect(findingsOf(withEncoder({}, { price: undefined })).map(({ id }) => id)).toEqual(["price-unknown"]);
  });
});

describe("a pool of machines with GPUs", () => {
  test("has the same price per GPU as before, and per machine what all of them cost", () => {
    const { pools, why } = planOf(smallest);
    expect(pools["gpus"]).toMatchObject({ usdPerGpuHour: 2, usdPerMachineHour: 4, processor: null });
    expect(why["pools.gpus.usdPerMachineHour"]).toMatchObject({
      formula: "the setting `price` × GPUs of the machine",
      result: 4,
    });
  });

  test("that is rented has the catalogue's price per machine, of which each GPU has its part", () => {
    const pool = { cluster: "here", instance: "g6e.12xlarge", region: "us-east-1", nodes: { max: 2 } };
    const { usdPerMachineHour, usdPerGpuHour } = planOf({ ...smallest, pools: { gpus: pool } }).pools["gpus"] ?? {};
    expect(usdPerMachineHour).toBeGreaterThan(5);
    expect(usdPerGpuHour).toBe((usdPerMachineHour ?? NaN) / 4);
  });
});

describe("an engine on machines that it does not run on", () => {
  test("vLLM without GPUs", () => {
    const { chat } = smallest.releases;
    const finding = findingOf({ ...smallest, pools: { gpus: epycPool }, releases: { chat } }, "wrong-machines");
    expect(finding).toMatchObject({
      level: "error",
      at: ["releases", "chat", "pool"],
      message: "vLLM computes on GPUs, and the machines of the pool gpus have none: EPYC-7763",
    });
  });

  test("a container of somebody else's runs where it is put, and costs its share of CPU", () => {
    const { releases } = planOf(
      withEncoder(
        {},
        {},
        {
          releases: {
            other: {
              engine: "openai-compatible",
              image: `docker.io/somebody/embeddings:v1@sha256:${"5".repeat(64)}`,
              version: "1",
              servedModel: "m",
              user: { id: 1000 },
              probes: { ready: "/health" },
              resources: { cpu: 16, memory: "8GiB", disk: "4GiB" },
              start: "1m",
              pool: "epyc",
            },
          },
        },
      ),
    );
    expect(releases["other"]?.usdPerHour).toBeCloseTo((0.8 * 16) / 127.1, 3);
  });
});
