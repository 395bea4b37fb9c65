import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { machinesNeeded, pack, type Machines, type Tenant } from "../../../planning/room";
import { dimensions, needOf } from "../../../planning/room/machine";
import { anyTenants, gpuTenants, machine, machines, preferred, required, tenant } from "./fixtures";

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, each) => total + each, 0);

describe("packing", () => {
  test.each<[what: string, tenants: readonly Tenant[], on: Machines, unplaced: readonly number[]]>([
    ["pods fill the GPUs there are", [tenant("a", 4, 1)], machines(2, 2), [0]],
    ["one pod too many is left over", [tenant("a", 5, 1)], machines(2, 2), [1]],
    ["a pod never spans machines", [tenant("a", 1, 4)], machines(2, 2), [1]],
    ["large pods are placed before small ones", [tenant("a", 4, 1), tenant("b", 1, 4)], machines(2, 4), [0, 0]],
    ["memory limits as GPUs do", [tenant("a", 4, 1, { memoryGiB: 600 })], machines(2, 4), [2]],
    ["CPU limits as GPUs do", [tenant("a", 4, 1, { cpu: 60 })], machines(2, 4), [2]],
    ["disk limits as GPUs do", [tenant("a", 4, 1, { diskGiB: 600 })], machines(2, 4), [2]],
    ["the number of pods limits as GPUs do", [tenant("a", 4, 0)], machines(2, 0, { pods: 1 }), [2]],
    ["pods without GPUs fit machines without", [tenant("a", 4, 0)], machines(1, 0), [0]],
    ["without machines nothing is placed", [tenant("a", 4, 1)], machines(0, 8), [4]],
    ["thirds of a CPU add up to whole ones", [tenant("a", 9, 0, { cpu: 1 / 3 })], machines(1, 0, { cpu: 3 }), [0]],
  ])("%s", (_, tenants, on, unplaced) => {
    expect([...pack(tenants, on).unplaced.values()]).toEqual(unplaced);
  });

  test("no machine ever holds more than it has, and every pod is placed or counted as unplaced", () => {
    fc.assert(
      fc.property(
        anyTenants(),
        fc.integer({ min: 0, max: 8 }),
        fc.constantFrom<["tight", "balanced"][number][]>("tight", "balanced"),
        (tenants, count, preference) => {
          const packing = pack(tenants, machines(count, 8, {}, ["a", "b", "c"]), preference);
          const free = packing.free.flat();
          expect(Math.min(0, ...free)).toBeGreaterThanOrEqual(-1e-6);
          for (const { release, pods } of tenants)
            expect(sum(packing.inZones.get(release) ?? []) + (packing.unplaced.get(release) ?? NaN)).toBe(pods);
          dimensions.forEach((dimension, index) => {
            const taken = tenants.map(
              (each) => sum(packing.inZones.get(each.release) ?? []) * (needOf(each.resources)[index] ?? 0),
            );
            const left = sum(packing.free.map((amounts) => amounts[index] ?? 0));
            expect(sum(taken) + left).toBeCloseTo(count * machine[dimension], 6);
          });
        },
      ),
    );
  });

  test("more machines never place fewer pods of any release", () => {
    fc.assert(
      fc.property(anyTenants(fc.constant(null)), fc.integer({ min: 0, max: 8 }), (tenants, count) => {
        const fewer = pack(tenants, machines(count, 8)).unplaced;
        const more = pack(tenants, machines(count + 1, 8)).unplaced;
        for (const { release } of tenants)
          expect(more.get(release) ?? NaN).toBeLessThanOrEqual(fewer.get(release) ?? NaN);
      }),
    );
  });

  test("the order in which releases are written does not matter", () => {
    fc.assert(
      fc.property(anyTenants(), fc.integer({ min: 0, max: 8 }), (tenants, count) => {
        const on = machines(count, 8, {}, ["a", "b"]);
        expect(pack(tenants.toReversed(), on).free).toEqual(pack(tenants, on).free);
      }),
    );
  });
});

/** The most pods that any packing places, by trying every one. Machines are alike, so equal ones are tried once. */
function mostPlaced(pods: readonly (readonly number[])[], free: readonly (readonly number[])[]): number {
  const [pod, ...rest] = pods;
  if (pod === undefined) return 0;
  const tried = new Set<string>();
  let best = mostPlaced(rest, free);
  for (const [index, room] of free.entries()) {
    if (best === pods.length) break;
    if (tried.has(room.join())) continue;
    tried.add(room.join());
    if (pod.some((amount, dimension) => amount > (room[dimension] ?? 0))) continue;
    const left = room.map((amount, dimension) => amount - (pod[dimension] ?? 0));
    best = Math.max(best, 1 + mostPlaced(rest, free.with(index, left)));
  }
  return best;
}

describe("against every possible packing of a few pods", () => {
  const few = gpuTenants.filter((tenants) => sum(tenants.map(({ pods }) => pods)) <= 7);
  const podsOf = (tenants: readonly Tenant[]) =>
    tenants.flatMap(({ pods, resources }) => Array.from({ length: pods }, () => needOf(resources)));
  const empty = (count: number) =>
    Array.from({ length: count }, () => dimensions.map((dimension) => ({ ...machine, gpus: 4 })[dimension]));

  test("first fit decreasing needs at most 11/9 of the fewest machines and 6/9 of one, and never fewer", () => {
    fc.assert(
      fc.property(few, (tenants) => {
        const pods = podsOf(tenants);
        let fewest = 0;
        while (mostPlaced(pods, empty(fewest)) < pods.length) fewest++;
        const { needed, atLeast } = machinesNeeded(tenants, { ...machine, gpus: 4 }, ["a"]);
        expect(needed).toBeGreaterThanOrEqual(fewest);
        expect(needed).toBeLessThanOrEqual(Math.floor((11 * fewest + 6) / 9));
        expect(atLeast).toBeLessThanOrEqual(fewest);
      }),
      { numRuns: 60 },
    );
  });

  test("sizes that divide each other are packed as well as can be", () => {
    const dividing = few.map((tenants) =>
      tenants.map((each) => ({
        ...each,
        resources: { ...each.resources, gpus: each.resources.gpus === 3 ? 2 : each.resources.gpus },
      })),
    );
    fc.assert(
      fc.property(dividing, fc.integer({ min: 0, max: 3 }), (tenants, count) => {
        const gpus = (unplaced: ReadonlyMap<string, number>) =>
          sum(tenants.map(({ release, resources }) => (unplaced.get(release) ?? 0) * resources.gpus));
        const left = gpus(pack(tenants, machines(count, 4)).unplaced);
        const wanted = sum(tenants.map(({ pods, resources }) => pods * resources.gpus));
        expect(left === 0).toBe(wanted <= count * 4);
      }),
    );
  });

  test("there are pods that a better packing would place, which is why the least number is shown beside it", () => {
    // 3 + 3 + 4 and 3 + 3 + 4 fill two machines of ten; largest first puts both fours together.
    const tenants = [tenant("fours", 2, 4), tenant("threes", 4, 3)];
    const ten = { ...machine, gpus: 10 };
    expect(
      mostPlaced(
        podsOf(tenants),
        empty(2).map((room) => [10, ...room.slice(1)]),
      ),
    ).toBe(6);
    expect(machinesNeeded(tenants, ten, ["a"])).toMatchObject({ needed: 3, atLeast: 2, scarcest: "gpus" });
  });
});

describe("how many machines are needed", () => {
  test.each<[what: string, tenants: readonly Tenant[], needed: number]>([
    ["none for no pods", [tenant("a", 0, 1)], 0],
    ["as many as the GPUs fill", [tenant("a", 9, 1)], 2],
    ["as many as the memory fills", [tenant("a", 4, 1, { memoryGiB: 500 })], 4],
    ["one for each pod that takes a whole one", [tenant("a", 3, 8), tenant("b", 1, 1)], 4],
  ])("%s", (_, tenants, needed) => {
    expect(machinesNeeded(tenants, machine, ["a"]).needed).toBe(needed);
  });

  test("a pod that fits no empty machine is named and not counted", () => {
    const { needed, neverFits } = machinesNeeded([tenant("a", 1, 16), tenant("b", 1, 8)], machine, ["a"]);
    expect({ needed, neverFits }).toEqual({ needed: 1, neverFits: ["a"] });
  });

  const zones = ["a", "b"];
  const left = (tenants: readonly Tenant[], count: number) =>
    sum(pack(tenants, { count, machine, zones }).unplaced.values());

  test("is the least number with which first fit places all", () => {
    fc.assert(
      fc.property(anyTenants(fc.constantFrom(null, preferred)), (tenants) => {
        const { needed } = machinesNeeded(tenants, machine, zones);
        expect(left(tenants, needed)).toBe(0);
        if (needed > 0) expect(left(tenants, needed - 1)).toBeGreaterThan(0);
      }),
    );
  });

  test("is enough where pods have to be in several zones", () => {
    fc.assert(
      fc.property(anyTenants(), (tenants) => {
        const { needed, atLeast } = machinesNeeded(tenants, machine, zones);
        expect(left(tenants, needed)).toBe(0);
        expect(needed).toBeGreaterThanOrEqual(atLeast);
      }),
    );
  });
});

describe("zones", () => {
  const zones = ["a", "b", "c"];

  test.each<[what: string, tenants: readonly Tenant[], on: Machines, inZones: readonly number[], unplaced: number]>([
    ["pods are spread evenly", [tenant("a", 6, 1, {}, preferred)], machines(3, 8, {}, zones), [2, 2, 2], 0],
    ["a preferred spread gives way", [tenant("a", 4, 8, {}, preferred)], machines(4, 8, {}, zones), [2, 1, 1], 0],
    [
      "a preferred spread is given up where a zone is full",
      [tenant("big", 1, 8, {}, preferred), tenant("a", 6, 2, {}, preferred)],
      machines(3, 8, {}, zones),
      [0, 3, 3],
      0,
    ],
    [
      "a required spread keeps pods waiting where a zone is full",
      [tenant("big", 1, 8), tenant("a", 6, 2, {}, required)],
      machines(3, 8, {}, zones),
      [0, 1, 1],
      4,
    ],
    ["a zone without a machine is none", [tenant("a", 4, 1, {}, required)], machines(2, 8, {}, zones), [2, 2], 0],
  ])("%s", (_, tenants, on, inZones, unplaced) => {
    const packing = pack(tenants, on, "balanced");
    expect(packing.inZones.get("a")).toEqual(inZones);
    expect(packing.unplaced.get("a")).toBe(unplaced);
  });

  test("a required spread is never exceeded", () => {
    fc.assert(
      fc.property(anyTenants(), fc.integer({ min: 1, max: 9 }), (tenants, count) => {
        const { inZones } = pack(tenants, machines(count, 8, {}, zones));
        for (const { release, spread } of tenants)
          if (spread?.required === true) {
            const counts = inZones.get(release) ?? [];
            expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(spread.maxSkew);
          }
      }),
    );
  });
});
