import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { pack, rolloutFor, surges, type Machines, type Tenant } from "../../planning/room";

const machine = { cpu: 32, memoryGiB: 256, diskGiB: 400 };
const small = { cpu: 4, memoryGiB: 16, diskGiB: 10 };

function machines(count: number, gpus: number): Machines {
  return { count, gpus, allocatable: machine };
}

function tenant(release: string, pods: number, gpus: number, more: Partial<typeof small> = {}): Tenant {
  return { release, pods, resources: { ...small, gpus, ...more } };
}

describe("packing", () => {
  test.each<[what: string, tenants: readonly Tenant[], on: Machines, unplaced: readonly number[]]>([
    ["pods fill the GPUs there are", [tenant("a", 4, 1)], machines(2, 2), [0]],
    ["one pod too many is left over", [tenant("a", 5, 1)], machines(2, 2), [1]],
    ["a pod never spans machines", [tenant("a", 1, 4)], machines(2, 2), [1]],
    ["large pods are placed before small ones", [tenant("a", 4, 1), tenant("b", 1, 4)], machines(2, 4), [0, 0]],
    ["memory limits as GPUs do", [tenant("a", 4, 1, { memoryGiB: 200 })], machines(2, 4), [2]],
    ["CPU limits as GPUs do", [tenant("a", 4, 1, { cpu: 20 })], machines(2, 4), [2]],
    ["disk limits as GPUs do", [tenant("a", 4, 1, { diskGiB: 300 })], machines(2, 4), [2]],
  ])("%s", (_, tenants, on, unplaced) => {
    expect([...pack(tenants, on).unplaced.values()]).toEqual(unplaced);
  });

  const anyTenants = fc.array(fc.record({ pods: fc.integer({ min: 1, max: 6 }), gpus: fc.constantFrom(1, 2, 4, 8) }), {
    minLength: 1,
    maxLength: 6,
  });

  test("never places more GPUs than there are, and leaves nothing over where half of them would do", () => {
    fc.assert(
      fc.property(anyTenants, fc.integer({ min: 1, max: 6 }), (shapes, count) => {
        const tenants = shapes.map(({ pods, gpus }, index) =>
          tenant(`r${index}`, pods, gpus, { cpu: 0, memoryGiB: 0, diskGiB: 0 }),
        );
        const { unplaced } = pack(tenants, machines(count, 8));
        const wanted = tenants.reduce((sum, { pods, resources }) => sum + pods * resources.gpus, 0);
        const left = tenants.reduce(
          (sum, { release, resources }) => sum + (unplaced.get(release) ?? 0) * resources.gpus,
          0,
        );
        expect(wanted - left).toBeLessThanOrEqual(count * 8);
        // Sizes that divide each other pack without waste: what is left over would not have fitted any way.
        expect(left > 0).toBe(wanted > count * 8);
      }),
    );
  });
});

describe("surge", () => {
  test.each<[what: string, tenants: readonly Tenant[], on: Machines, granted: readonly string[]]>([
    ["is granted where a spare GPU is proven", [tenant("a", 1, 1)], machines(1, 2), ["a"]],
    ["is not granted where every GPU is taken", [tenant("a", 2, 1)], machines(1, 2), []],
    [
      "is granted to the first by name where one spare GPU is all there is",
      [tenant("b", 1, 1), tenant("a", 2, 1)],
      machines(2, 2),
      ["a"],
    ],
    [
      "is granted to all where all surges fit together",
      [tenant("a", 1, 1), tenant("b", 1, 1)],
      machines(2, 2),
      ["a", "b"],
    ],
    ["passes over who needs too much to who does not", [tenant("a", 1, 4), tenant("b", 1, 1)], machines(2, 4), ["b"]],
  ])("%s", (_, tenants, on, granted) => {
    expect([...surges(tenants, pack(tenants, on))].sort()).toEqual(granted);
  });
});

test.each([
  [1, true, { kind: "rolling", maxSurge: 1, maxUnavailable: 0 }],
  [3, true, { kind: "rolling", maxSurge: 1, maxUnavailable: 0 }],
  [1, false, { kind: "recreate" }],
  [3, false, { kind: "rolling", maxSurge: 0, maxUnavailable: 1 }],
])("%d replicas with room to surge %s roll out as %j", (replicas, surge, rollout) => {
  expect(rolloutFor(replicas, surge)).toEqual(rollout);
});
