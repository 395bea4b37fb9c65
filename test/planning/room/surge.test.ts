import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { pack, planSurges, rolloutFor, type Machines, type Tenant } from "../../../planning/room";
import { amountsOf, howMany, needOf } from "../../../planning/room/machine";
import { anyTenants, gpuTenants, machines, tenant } from "./fixtures";

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
    ["passes over who needs too much to who does not", [tenant("a", 1, 4), tenant("b", 3, 1)], machines(2, 4), ["b"]],
    ["is not granted where pods are left over", [tenant("a", 5, 1)], machines(2, 2), []],
    [
      "is not granted where another release would lose room that it was certain of",
      [tenant("a", 1, 1), tenant("b", 1, 2)],
      machines(2, 2),
      [],
    ],
    ["is proven for CPUs as for GPUs", [tenant("a", 1, 0, { cpu: 50 })], machines(1, 0, { cpu: 96 }), []],
  ])("%s", (_, tenants, on, granted) => {
    expect(planSurges(tenants, on).granted).toEqual(granted);
  });

  test("room that is there only when pods are packed tightly is told from room that is certain", () => {
    // Two machines of eight: a tight packing leaves five GPUs in one piece, the scheduler's spreading leaves 3 and 2.
    const plan = planSurges([tenant("large", 2, 4), tenant("small", 3, 1)], machines(2, 8));
    expect(plan.surge).toEqual({ large: "if-packed", small: "certain" });
  });

  test("no room is told from room that is not certain", () => {
    expect(planSurges([tenant("a", 2, 4)], machines(1, 8)).surge).toEqual({ a: "none" });
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

/** Pods on machines, placed by a scheduler that chooses any machine with room. */
class Cluster {
  private readonly free: number[][];
  private readonly on = new Map<string, number[]>();

  constructor(
    machines: Machines,
    private readonly choose: (options: number) => number,
  ) {
    this.free = Array.from({ length: machines.count }, () => [...amountsOf(machines.machine)]);
  }

  start({ release, resources }: Tenant): boolean {
    const need = needOf(resources);
    const open = this.free.flatMap((free, index) => (howMany(need, free) >= 1 ? [index] : []));
    const machine = open[this.choose(open.length)];
    if (machine === undefined) return false;
    this.add(machine, need, -1);
    this.on.set(release, [...(this.on.get(release) ?? []), machine]);
    return true;
  }

  /** Stops the oldest pod, where one runs. */
  stop({ release, resources }: Tenant): void {
    const [machine, ...rest] = this.on.get(release) ?? [];
    if (machine === undefined) return;
    this.add(machine, needOf(resources), 1);
    this.on.set(release, rest);
  }

  private add(machine: number, need: readonly number[], sign: number): void {
    const free = this.free[machine] ?? [];
    need.forEach((amount, dimension) => (free[dimension] = (free[dimension] ?? 0) + sign * amount));
  }
}

/**
 * Starts all pods and rolls all releases out at once, their steps in any order; tells which releases found no room
 * though they were certain of it. Others may stay pending.
 */
function rollOut(tenants: readonly Tenant[], on: Machines, choose: (options: number) => number): ReadonlySet<string> {
  const { granted, placement } = planSurges(tenants, on);
  const cluster = new Cluster(on, choose);
  const stuck = new Set<string>();
  const start = (each: Tenant): void => {
    if (!cluster.start(each) && placement[each.release] === "certain") stuck.add(each.release);
  };
  for (const each of tenants) for (let pod = 0; pod < each.pods; pod++) start(each);

  const left = new Map(tenants.map((each) => [each, each.pods]));
  const surged = new Set<Tenant>();
  for (;;) {
    const busy = [...left].filter(([each, pods]) => pods > 0 || surged.has(each)).map(([each]) => each);
    const each = busy[choose(busy.length)];
    if (each === undefined) return stuck;
    if (surged.delete(each)) cluster.stop(each);
    else {
      left.set(each, (left.get(each) ?? 0) - 1);
      if (granted.includes(each.release)) surged.add(each);
      else cluster.stop(each);
      start(each);
    }
  }
}

describe("a surge that is proven", () => {
  const choices = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });
  const chooser = (numbers: readonly number[]) => {
    let next = 0;
    return (options: number) => (numbers[next++ % numbers.length] ?? 0) % Math.max(1, options);
  };

  test.each([
    ["pods that take GPUs", gpuTenants],
    ["pods of any shape", anyTenants(fc.constant(null))],
  ])("finds room when all releases roll out at once, wherever %s were put", (_, releases) => {
    fc.assert(
      fc.property(releases, fc.integer({ min: 1, max: 8 }), choices, (tenants, count, numbers) => {
        const running = tenants.filter(({ pods }) => pods > 0);
        expect([...rollOut(running, machines(count, 8), chooser(numbers))]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("is often enough proven to be of use", () => {
    const cases = fc.sample(fc.tuple(gpuTenants, fc.integer({ min: 2, max: 6 })), { numRuns: 200, seed: 1 });
    const withSurge = cases.filter(([tenants, count]) => planSurges(tenants, machines(count, 8)).granted.length > 0);
    expect(withSurge.length).toBeGreaterThan(60);
  });

  test("has a place beside every pod and every other surge at the same time", () => {
    fc.assert(
      fc.property(anyTenants(), fc.integer({ min: 1, max: 8 }), (tenants, count) => {
        const on = machines(count, 8);
        const { granted } = planSurges(tenants, on);
        const risen = tenants.map((each) => ({ ...each, pods: each.pods + (granted.includes(each.release) ? 1 : 0) }));
        const { unplaced } = pack(risen, on);
        for (const { release } of tenants) if (granted.includes(release)) expect(unplaced.get(release)).toBe(0);
      }),
    );
  });
});
