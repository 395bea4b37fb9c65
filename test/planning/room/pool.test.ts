import { describe, expect, test } from "vitest";
import fc from "fast-check";
import {
  explainRollout,
  explainRoom,
  levelNames,
  machinesNeeded,
  planRoom,
  quotaFindings,
  quotaNeeds,
  roomFindings,
  type Demand,
  type RoomQuestion,
} from "../../../planning/room";
import { numbersOf } from "./numbers";
import { anyTenants, machine, preferred } from "./fixtures";

const resources = { gpus: 4, cpu: 16, memoryGiB: 128, diskGiB: 100 };

function demand(
  release: string,
  [min, expected, max]: readonly [number, number, number],
  more: Partial<Demand> = {},
): Demand {
  return { release, replicas: { min, expected, max }, resources, spread: null, ...more };
}

function question(demands: readonly Demand[], more: Partial<RoomQuestion> = {}): RoomQuestion {
  return { pool: "gpu", machine, zones: ["a"], nodes: { min: 1, max: 4 }, reserved: 0, demands, ...more };
}

describe("a pool that grows", () => {
  test("runs what is needed at each level, within its bounds", () => {
    const { levels } = planRoom(question([demand("a", [1, 4, 12])]));
    expect(levelNames.map((level) => levels[level].needed)).toEqual([1, 2, 6]);
    expect(levelNames.map((level) => levels[level].running)).toEqual([1, 2, 4]);
    expect(levels.max.gpus).toEqual({ used: 32, running: 32 });
  });

  test("tells how many pods each release can reach when all want their most", () => {
    const { reachable } = planRoom(question([demand("a", [1, 1, 6]), demand("b", [1, 1, 6])]));
    expect(reachable).toEqual({ a: 6, b: 2 });
  });

  test("counts machines that run without a pod, and reserved ones that never run", () => {
    const { levels } = planRoom(question([demand("a", [1, 1, 2])], { nodes: { min: 3, max: 4 }, reserved: 5 }));
    expect(levels.min).toMatchObject({ running: 3, idle: 2, unusedReserved: 2 });
  });

  test("needs no fewer machines for more pods, though a packing of more pods may be luckier", () => {
    const shape = (gpus: number, cpu: number, memoryGiB: number, diskGiB: number) => ({
      resources: { gpus, cpu, memoryGiB, diskGiB },
    });
    const demands = (more: number) => [
      demand("a", [7, 7, 7], shape(2, 17, 292, 212)),
      demand("b", [4, 4, 4 + more], shape(2, 44, 165, 254)),
      demand("c", [2, 2, 2], shape(0, 16, 178, 361)),
    ];
    const alone = machinesNeeded(
      demands(1).map(({ replicas, ...each }) => ({ ...each, pods: replicas.max })),
      machine,
      ["a"],
    );
    expect(alone.needed).toBe(6);
    expect(planRoom(question(demands(1))).levels).toMatchObject({ min: { needed: 7 }, max: { needed: 7 } });
  });

  test("no level runs fewer machines than a lower one, and none outside the bounds", () => {
    fc.assert(
      fc.property(anyTenants(fc.constant(null)), fc.integer({ min: 0, max: 4 }), fc.nat(6), (tenants, min, more) => {
        const demands = tenants.map((each) =>
          demand(each.release, [1, 2, Math.max(2, each.pods)], { resources: each.resources }),
        );
        const nodes = { min, max: min + more };
        const running = levelNames.map((level) => planRoom(question(demands, { nodes })).levels[level].running);
        expect(running).toEqual(running.toSorted((a, b) => a - b));
        expect(running.every((count) => count >= nodes.min && count <= nodes.max)).toBe(true);
      }),
    );
  });
});

describe("findings of room", () => {
  const ids = (asked: RoomQuestion) => roomFindings(asked, planRoom(asked)).map(({ id, level }) => `${id} ${level}`);

  test.each<[what: string, asked: RoomQuestion, found: readonly string[]]>([
    ["nothing is wrong where all fits", question([demand("a", [1, 1, 2])]), []],
    [
      "a pod larger than a machine",
      question([demand("a", [1, 1, 1], { resources: { ...resources, gpus: 16 } })], { nodes: { min: 0, max: 1 } }),
      ["pod-never-fits error"],
    ],
    ["fewer places than pods there must be", question([demand("a", [9, 9, 9])]), ["pool-too-small error"]],
    ["a maximum that the pool cannot reach", question([demand("a", [1, 2, 9])]), ["maximum-out-of-reach warning"]],
    [
      "pods that fit only if others are packed tightly",
      question(
        [
          demand("a", [2, 2, 2]),
          demand("b", [7, 7, 7], { resources: { ...resources, gpus: 1, cpu: 8, memoryGiB: 64 } }),
        ],
        {
          nodes: { min: 2, max: 2 },
        },
      ),
      ["room-only-if-packed warning"],
    ],
    [
      "machines that always run and have nothing to do",
      question([demand("a", [1, 1, 8])], { nodes: { min: 3, max: 4 } }),
      ["machines-idle warning"],
    ],
    [
      "reservations beyond the maximum",
      question([demand("a", [2, 2, 2])], { reserved: 2 }),
      ["reservation-unused warning"],
    ],
    [
      "zones that cannot have their share",
      question(
        [
          demand("a", [3, 3, 3], { spread: preferred, resources: { ...resources, gpus: 2 } }),
          demand("b", [1, 1, 1], { resources: { ...resources, gpus: 8 } }),
        ],
        { zones: ["a", "b"], nodes: { min: 2, max: 2 } },
      ),
      ["zones-uneven warning", "room-only-if-packed warning"],
    ],
  ])("%s", (_, asked, found) => {
    expect(ids(asked)).toEqual(found);
  });

  test("say the arithmetic", () => {
    const asked = question([demand("a", [1, 2, 9])]);
    expect(roomFindings(asked, planRoom(asked))[0]?.message).toBe(
      "a may grow to 9 pods, and the pool gpu has room for 8 on its 4 machines: the autoscaler would ask for pods that stay pending",
    );
  });
});

describe("quotas", () => {
  const use = (pool: string, max: number, code = "L-DB2E81BA", min = 0) => ({
    pool,
    region: "us-east-1",
    code,
    vcpusPerNode: 48,
    nodes: { min, max },
  });
  const limit = (vcpus: number) => [{ region: "us-east-1", code: "L-DB2E81BA", vcpus }];

  test("pools of one family share one quota", () => {
    const needs = quotaNeeds([use("a", 2), use("b", 3), use("c", 1, "L-417A185B")], limit(240));
    expect(needs.map(({ code, vcpus, exceeded }) => [code, vcpus.max, exceeded])).toEqual([
      ["L-417A185B", 48, null],
      ["L-DB2E81BA", 240, false],
    ]);
  });

  test.each([
    ["enough", quotaNeeds([use("a", 2)], limit(96)), []],
    ["too small for the most", quotaNeeds([use("a", 3)], limit(96)), ["quota-too-small warning"]],
    [
      "too small for what is always there",
      quotaNeeds([use("a", 3, "L-DB2E81BA", 3)], limit(96)),
      ["quota-too-small error"],
    ],
    ["unknown", quotaNeeds([use("a", 3)], []), ["quota-unknown warning"]],
  ])("a quota that is %s", (_, needs, found) => {
    expect(quotaFindings(needs).map(({ id, level }) => `${id} ${level}`)).toEqual(found);
  });
});

describe("arithmetic", () => {
  const asked = question([demand("a", [1, 2, 3], { spread: preferred }), demand("b", [0, 1, 9])], {
    reserved: 3,
    zones: ["a", "b"],
  });

  test("every number has one that ends in it", () => {
    const room = planRoom(asked);
    const why = explainRoom(asked, room);
    expect(numbersOf(room).length).toBeGreaterThan(20);
    expect(numbersOf(room).filter(([path, value]) => why[path]?.result !== value)).toEqual([]);
  });

  test.each(["certain", "if-packed", "none"] as const)("a rollout with room that is %s says why", (proof) => {
    const { kind } = explainRollout(2, proof);
    expect(kind).toMatchObject({ result: "rolling", terms: [{ value: 2 }, { value: proof }] });
  });
});
