import { describe, expect, test } from "vitest";
import { onDemandPrice, spotRange } from "../../catalog/instances";
import { smallest } from "../harness/environments";
import { findingOf, findingsOf, planOf, release, type Written } from "./parsed";

const region = "us-east-1";

/** The smallest release on machines that are rented. */
function rented(pool: Written, release: Written = {}): Written {
  return {
    ...smallest,
    pools: { gpus: { cluster: "here", region, nodes: { max: 4 }, ...pool } },
    releases: { chat: { ...smallest.releases.chat, ...release } },
  };
}

function poolOf(environment: Written) {
  const pool = planOf(environment).pools["gpus"];
  if (pool === undefined) throw new Error("no pool");
  return pool;
}

function priceOf(instance: string): number {
  return onDemandPrice(instance, region)?.usdPerHour ?? NaN;
}

describe("of several kinds of machine", () => {
  const large = { model: "Qwen/Qwen3-32B", context: 8192 };

  test("the cheapest is taken on which all releases work, and the others are listed with what they would cost, or why not", () => {
    const { rented: taken, runnersUp } = poolOf(
      rented({ instances: ["p5.48xlarge", "g6e.2xlarge", "g6e.12xlarge"] }, large),
    );
    expect(taken?.instance).toBe("g6e.12xlarge");
    expect(runnersUp).toEqual([
      {
        name: "p5.48xlarge",
        usdPerHour: priceOf("p5.48xlarge"),
        reason: `dearer: $${priceOf("p5.48xlarge").toFixed(2)}/h`,
      },
      {
        name: "g6e.2xlarge",
        usdPerHour: null,
        reason: expect.stringMatching(
          /^one request of 8192 tokens does not fit on one L40S|^Qwen\/Qwen3-32B does not fit/,
        ),
      },
    ]);
  });

  test("the order in which they are written does not matter", () => {
    const kinds = ["p5.48xlarge", "g6e.12xlarge", "p4d.24xlarge"];
    for (const instances of [kinds, kinds.toReversed()])
      expect(poolOf(rented({ instances }, large)).rented?.instance).toBe("g6e.12xlarge");
  });

  test("machines are counted, not GPUs: a dearer machine that holds everything is cheaper than many small ones", () => {
    const instances = ["g6e.24xlarge", "g6e.2xlarge"];
    const pods = (replicas: number) => poolOf(rented({ instances, nodes: { max: 20 } }, { replicas })).rented?.instance;
    expect([pods(1), pods(3)]).toEqual(["g6e.2xlarge", "g6e.2xlarge"]);
    expect(3 * priceOf("g6e.2xlarge")).toBeLessThan(priceOf("g6e.24xlarge"));
    expect(8 * priceOf("g6e.2xlarge")).toBeLessThan(2 * priceOf("g6e.24xlarge"));
    expect(
      poolOf(rented({ instances: ["g6e.16xlarge", "g6e.24xlarge"], nodes: { max: 20 } }, { replicas: 4 })).rented
        ?.instance,
    ).toBe("g6e.24xlarge");
    expect(4 * priceOf("g6e.16xlarge")).toBeGreaterThan(priceOf("g6e.24xlarge"));
  });

  test("a kind that has too few machines for the pods is not taken, though it is cheaper", () => {
    const { rented: taken, runnersUp } = poolOf(
      rented({ instances: ["g6e.2xlarge", "g6e.24xlarge"], nodes: { max: 2 } }, { replicas: 3 }),
    );
    expect(taken?.instance).toBe("g6e.24xlarge");
    expect(runnersUp[0]?.reason).toMatch(/^1 of 3 pods find no place in the pool gpus \(2 machines\)/);
  });

  test("spot machines are compared by what spot costs, not by the list price", () => {
    const instances = ["p5.48xlarge", "p6-b200.48xlarge"];
    const spotOf = (instance: string) => spotRange(instance, region)?.medianUsdPerHour ?? NaN;
    expect(priceOf("p5.48xlarge")).toBeLessThan(priceOf("p6-b200.48xlarge"));
    expect(spotOf("p5.48xlarge")).toBeGreaterThan(spotOf("p6-b200.48xlarge"));
    expect(poolOf(rented({ instances })).rented?.instance).toBe("p5.48xlarge");
    const { rented: taken, runnersUp } = poolOf(rented({ instances, purchase: "spot" }));
    expect(taken?.instance).toBe("p6-b200.48xlarge");
    expect(runnersUp).toMatchObject([{ name: "p5.48xlarge", usdPerHour: spotOf("p5.48xlarge") }]);
  });

  test("one whose price is unknown is not taken where another has one", () => {
    const { rented: taken, runnersUp } = poolOf(rented({ instances: ["p5e.48xlarge", "p5.48xlarge"] }));
    expect(taken?.instance).toBe("p5.48xlarge");
    expect(runnersUp).toMatchObject([{ name: "p5e.48xlarge", usdPerHour: null }]);
    expect(runnersUp[0]?.reason).toMatch(/no price of p5e.48xlarge in us-east-1/);
  });

  test("where none works, what is wrong with the first is said", () => {
    const found = findingsOf(rented({ instances: ["g5.2xlarge", "g6.2xlarge"] }, { model: "Qwen/Qwen3-32B" }));
    const [first] = found.filter(({ level }) => level === "error");
    expect(first?.id).toBe("memory-too-small");
    expect(first?.message).toMatch(/^Qwen\/Qwen3-32B does not fit on one A10G/);
  });
});

describe("a layout", () => {
  test("whose pods find no place on the machines is not taken where another's do", () => {
    const small = { cpu: 14, memory: "2TiB", disk: "8TiB" };
    const pool = {
      cluster: "here",
      accelerator: "T4",
      gpusPerNode: 8,
      nodes: { max: 1 },
      machine: small,
      price: "$1/GPU-hour",
    };
    const routes = {
      large: {
        targets: [{ release: "chat" }],
        load: { requests: "0.6/s", peak: "1.2/s", inputTokens: 1700, outputTokens: 550 },
        slo: { ttftP95: "2s" },
      },
    };
    const chat = { ...smallest.releases.chat, model: "Qwen/Qwen2.5-7B-Instruct", context: 16384 };
    const plan = planOf({ ...smallest, pools: { gpus: pool }, releases: { chat }, routes });
    const { tensorParallel, replicas, runnersUp } = release(plan);
    expect([tensorParallel, replicas.max]).toEqual([4, 1]);
    expect(runnersUp.find(({ name }) => name.startsWith("2 ×"))?.reason).toMatch(
      /^no place: 2 pods of 8 CPU and \d+ GiB of memory, 1 machines with room for 1 each$/,
    );
  });
});

describe("a quota", () => {
  const pool = { instance: "g6e.12xlarge", nodes: { max: 4 } };

  test.each<[what: string, pool: Written, finding: string | undefined, message: RegExp]>([
    [
      "that nobody said is a warning",
      {},
      "warning quota-unknown",
      /the pools need 192 vCPUs of quota L-DB2E81BA in us-east-1 at their most \(gpus 4 × 48 = 192\)/,
    ],
    ["that is large enough is none", { quota: "192 vCPU" }, undefined, /^$/],
    [
      "that the most exceeds is a warning",
      { quota: "191 vCPU" },
      "warning quota-too-small",
      /and the account may run 191$/,
    ],
    [
      "that even the least exceeds is an error",
      { quota: "47 vCPU", nodes: { min: 1, max: 4 } },
      "error quota-too-small",
      /and the account may run 47$/,
    ],
    [
      "of spot machines is another one",
      { purchase: "spot", instance: "g6e.24xlarge" },
      "warning quota-unknown",
      /quota L-3819A6DF/,
    ],
  ])("%s", (_, changes, finding, message) => {
    const found = findingsOf(rented({ ...pool, ...changes })).filter(({ id }) => id.startsWith("quota"));
    expect(found.map(({ level, id }) => `${level} ${id}`)).toEqual(finding === undefined ? [] : [finding]);
    expect(found[0]?.message ?? "").toMatch(message);
  });

  test("that two pools share counts once, and where they disagree on it the smaller number holds", () => {
    const two = (one: string, other: string): Written => ({
      ...smallest,
      pools: {
        gpus: { cluster: "here", region, ...pool, quota: one },
        more: { cluster: "here", region, ...pool, quota: other },
      },
    });
    for (const [one, other] of [
      ["384 vCPU", "300 vCPU"],
      ["300 vCPU", "384 vCPU"],
    ] as const)
      expect(findingOf(two(one, other), "quota-too-small")?.message).toMatch(
        /need 384 vCPUs .*the account may run 300$/,
      );
    expect(findingOf(two("384 vCPU", "384 vCPU"), "quota-too-small")).toBeUndefined();
  });
});
