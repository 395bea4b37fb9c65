import { describe, expect, test } from "vitest";
import { smallest } from "../harness/environments";
import { planEnvironment } from "../../planning";
import { load, today } from "../harness/environments";
import { findingOf, planOf, roomy, usualLoad, type Written } from "./parsed";

const { chat } = smallest.releases;

/** Two releases behind one route. */
function changing(targets: readonly Written[], other: Written = {}, more: Written = {}): Written {
  return {
    ...smallest,
    pools: { gpus: roomy },
    releases: { chat, next: { ...chat, ...other } },
    routes: { large: { targets, load: { ...usualLoad, requests: "12/s" } } },
    ...more,
  };
}

const pods = (environment: Written) =>
  Object.fromEntries(Object.values(planOf(environment).releases).map(({ name, replicas }) => [name, replicas.max]));

describe("both sides of a change have the pods that they need at once", () => {
  const whole = pods(changing([{ release: "chat" }]));

  test("a canary gets its part of the load", () => {
    const canary = pods(
      changing([
        { release: "chat", weight: 95 },
        { release: "next", weight: 5 },
      ]),
    );
    expect(canary["next"]).toBe(1);
    expect(canary["chat"]).toBeGreaterThan(1);
    expect(canary["chat"]).toBeLessThanOrEqual(whole["chat"] ?? 0);
  });

  test("the side on standby could take all of it, and gets nothing", () => {
    const environment = changing([{ release: "chat" }, { release: "next", standby: true }]);
    expect(pods(environment)).toEqual({ chat: whole["chat"], next: whole["chat"] });
  });

  test("a pool without room for both is refused before anything is applied", () => {
    const pool = { ...smallest.pools.gpus, gpusPerNode: 1, nodes: { max: 1 } };
    const targets = [{ release: "chat" }, { release: "next", standby: true }];
    const small = { ...changing(targets), pools: { gpus: pool }, routes: { large: { targets } } };
    expect(findingOf(small, "pool-too-small")).toMatchObject({ level: "error" });
  });
});

describe("targets of one route", () => {
  test("that take requests of different length are a warning with both numbers", () => {
    const shorter = changing([{ release: "chat" }, { release: "next" }], { context: 4096 });
    expect(findingOf(shorter, "targets-unlike")).toMatchObject({
      level: "warning",
      at: ["routes", "large", "targets", 1, "release"],
      message: "requests of the route large with more than 4096 tokens fit chat (8192) and fail at next",
      fix: "Write `context: 8192` for next.",
    });
  });

  test("that are alike are no finding", () => {
    expect(findingOf(changing([{ release: "chat" }, { release: "next" }]), "targets-unlike")).toBeUndefined();
  });

  test.each([
    ["a weight on standby", [{ release: "chat" }, { release: "next", standby: true, weight: 5 }]],
    ["nobody but the standby", [{ release: "chat", standby: true }]],
  ])("%s is refused", (_, targets) => {
    expect(() => planOf(changing(targets))).toThrow(/standby|weight above 0/);
  });
});

describe("a change in production", () => {
  const pool = { ...smallest.pools.gpus, gpusPerNode: 1, nodes: { max: 1 } };
  const alone = { ...smallest, pools: { gpus: pool }, routes: { large: { targets: [{ release: "chat" }] } } };
  const foundIn = (stage: string, environment: Written) =>
    planEnvironment(
      load(environment, { "policies/environments/test.yaml": `stage: ${stage}\n` }).environment,
      today,
    ).findings.filter(({ id }) => id === "change-interrupts");

  test("of the only pod, with no room for a second one, is a warning that says for how long", () => {
    expect(foundIn("production", alone)).toMatchObject([
      { level: "warning", at: ["releases", "chat"], message: expect.stringMatching(/takes it away for about \d+ min/) },
    ]);
  });

  test.each([
    ["elsewhere nobody minds", "development", alone],
    ["with room for both nobody notices", "production", { ...alone, pools: smallest.pools }],
    ["that nobody calls is nobody's loss", "production", { ...alone, routes: {} }],
  ])("%s", (_, stage, environment) => {
    expect(foundIn(stage, environment)).toEqual([]);
  });
});
