import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainRoom, planRoom, roomFindings, type Demand, type RoomQuestion } from "../../../planning/room";
import { machine } from "./fixtures";

const whole = { gpus: machine.gpus, cpu: 20, memoryGiB: 300, diskGiB: 20 };

function group(release: string, replicas: number, podsPerReplica: number): Demand {
  const levels = { min: replicas, expected: replicas, max: replicas };
  return { release, replicas: levels, podsPerReplica, resources: whole, spread: null };
}

function single(release: string, replicas: number, gpus: number): Demand {
  const levels = { min: replicas, expected: replicas, max: replicas };
  return { release, replicas: levels, resources: { gpus, cpu: 4, memoryGiB: 20, diskGiB: 20 }, spread: null };
}

function question(count: number, ...demands: readonly Demand[]): RoomQuestion {
  return { pool: "gpus", machine, zones: ["a"], nodes: { min: count, max: count }, reserved: 0, demands };
}

describe("replicas of several pods", () => {
  test("need a machine for each of their pods", () => {
    const { levels, reachable } = planRoom(question(6, group("big", 2, 3)));
    expect(levels.max).toMatchObject({ needed: 6, atLeast: 6, gpus: { used: 48, running: 48 }, unplaced: {} });
    expect(reachable).toEqual({ big: 2 });
  });

  test("are reached only where all of their pods have a place", () => {
    const room = planRoom(question(5, group("big", 2, 3)));
    expect(room.reachable).toEqual({ big: 1 });
    expect(room.levels.max.unplaced).toEqual({ big: 1 });
  });

  test("are counted in pods where their room is explained", () => {
    const asked = question(6, group("big", 2, 3));
    const why = explainRoom(asked, planRoom(asked));
    expect(why["levels.max.needed"]?.terms[0]).toEqual({ name: "big", value: 6, unit: "pods" });
    expect(why["reachable.big"]).toMatchObject({ result: 2, unit: "replicas" });
    expect(why["reachable.big"]?.formula).toMatch(/all 3 pods/);
  });

  test("never come before those that they replace, whatever room there is", () => {
    const { surges } = planRoom(question(12, group("big", 1, 2), single("small", 1, 1)));
    expect(surges.granted).toEqual(["small"]);
    expect(surges.surge).toEqual({ big: "none", small: "certain" });
  });

  test("are said to have no certain room where single pods may lie on every machine", () => {
    const asked = question(3, group("big", 1, 2), single("small", 2, 1));
    const room = planRoom(asked);
    expect(room.surges.placement["big"]).toBe("if-packed");
    const [finding] = roomFindings(asked, room);
    expect(finding).toMatchObject({ id: "room-only-if-packed", level: "warning" });
    expect(finding?.message).toMatch(/serves only when all 2 of its pods are placed/);
  });

  test("grow no further than their machines, and are counted in replicas", () => {
    const levels = { min: 1, expected: 1, max: 4 };
    const asked = question(6, { ...group("big", 1, 2), replicas: levels });
    const [finding] = roomFindings(asked, planRoom(asked));
    expect(finding?.message).toMatch(/may grow to 4 replicas of 2 pods, and the pool gpus has room for 3/);
  });
});

const demands = fc
  .record({
    groups: fc.array(fc.record({ replicas: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 2, max: 4 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
    singles: fc.array(fc.record({ replicas: fc.integer({ min: 1, max: 4 }), gpus: fc.constantFrom(1, 2, 4, 8) }), {
      maxLength: 2,
    }),
  })
  .map(({ groups, singles }) => [
    ...groups.map(({ replicas, size }, index) => group(`group-${index}`, replicas, size)),
    ...singles.map(({ replicas, gpus }, index) => single(`single-${index}`, replicas, gpus)),
  ]);

const asked = fc.record({ count: fc.integer({ min: 1, max: 24 }), demands });

const sizeOf = ({ podsPerReplica = 1 }: Demand): number => podsPerReplica;
const pods = (demand: Demand): number => demand.replicas.max * sizeOf(demand);

describe("whatever groups share a pool", () => {
  test("the replicas that are reached never need more machines than there are, and are all where all pods are placed", () => {
    fc.assert(
      fc.property(asked, ({ count, demands: all }) => {
        const { reachable, levels } = planRoom(question(count, ...all));
        const taken = all
          .filter((demand) => sizeOf(demand) > 1)
          .reduce((sum, demand) => sum + (reachable[demand.release] ?? 0) * sizeOf(demand), 0);
        expect(taken).toBeLessThanOrEqual(count);
        for (const demand of all) {
          const missing = levels.max.unplaced[demand.release] ?? 0;
          expect((reachable[demand.release] ?? 0) === demand.replicas.max).toBe(missing === 0);
          expect((reachable[demand.release] ?? 0) * sizeOf(demand)).toBeLessThanOrEqual(pods(demand) - missing);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("a replica that is certain finds all of its machines free, wherever the scheduler put the others", () => {
    let certain = 0;
    fc.assert(
      fc.property(asked, fc.infiniteStream(fc.nat(1000)), ({ count, demands: all }, choices) => {
        const { surges } = planRoom(question(count, ...all));
        for (const demand of all.filter((each) => sizeOf(each) > 1)) {
          if (surges.placement[demand.release] !== "certain") continue;
          certain++;
          expect(freeBeside(count, all, demand, choices)).toBeGreaterThanOrEqual(sizeOf(demand));
        }
      }),
      { numRuns: 150 },
    );
    expect(certain).toBeGreaterThan(25);
  });
});

/** Machines without a pod when all others, and all surges of one pod each, were put anywhere that has GPUs left. */
function freeBeside(count: number, all: readonly Demand[], leaving: Demand, choices: Iterator<number>): number {
  const { surges } = planRoom(question(count, ...all));
  const free = Array.from({ length: count }, () => machine.gpus);
  for (const demand of all) {
    const more = surges.granted.includes(demand.release) ? 1 : 0;
    const others = pods(demand) - (demand === leaving ? sizeOf(demand) : 0) + more;
    for (let pod = 0; pod < others; pod++) {
      const open = free.flatMap((gpus, index) => (gpus >= demand.resources.gpus ? [index] : []));
      const chosen = open[Number(choices.next().value) % open.length];
      if (chosen !== undefined) free[chosen] = (free[chosen] ?? 0) - demand.resources.gpus;
    }
  }
  return free.filter((gpus) => gpus === machine.gpus).length;
}
