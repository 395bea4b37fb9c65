import { expect, test, vi } from "vitest";
import { planRoom, type RoomQuestion } from "../../../planning/room";
import type * as machineModule from "../../../planning/room/machine";
import { machine, preferred } from "./fixtures";

/** How often packing asked whether a pod fits a machine: the work, whatever the computer. */
const asked = vi.hoisted(() => ({ times: 0 }));

vi.mock("../../../planning/room/machine", async (original) => {
  const real = await original<typeof machineModule>();
  return {
    ...real,
    howMany: (...parameters: Parameters<typeof real.howMany>) => {
      asked.times++;
      return real.howMany(...parameters);
    },
  };
});

function workOf(releases: number): number {
  const demands = Array.from({ length: releases }, (_, index) => ({
    release: `r${index}`,
    replicas: { min: 1, expected: 3, max: 5 + (index % 10) },
    resources: { gpus: 1 + (index % 4), cpu: 8, memoryGiB: 60, diskGiB: 50 },
    spread: preferred,
  }));
  const question: RoomQuestion = {
    pool: "gpu",
    machine,
    zones: ["a", "b", "c"],
    nodes: { min: 2, max: 4 * releases },
    reserved: 0,
    demands,
  };
  asked.times = 0;
  planRoom(question);
  return asked.times;
}

test("the work grows with releases × machines, however many pods there are", () => {
  const small = workOf(20);
  expect(small).toBeGreaterThan(20);
  expect(workOf(80)).toBeLessThan(1.5 * 4 * 4 * small);
  // Ten passes over each machine for each release: three levels, surges, zones.
  expect(workOf(80)).toBeLessThan(10 * 80 * (4 * 80));
});
