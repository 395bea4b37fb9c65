import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isStale, removeStaleLocks, type StateLock } from "../../../tools/run/state-lock";
import { folderWith } from "../../harness/folder";

const lock: StateLock = { pid: 42, username: "ann", hostname: "laptop", timestamp: "2026-11-21T10:00:00.5Z" };
const at = (time: string): number => Date.parse(`2026-11-21T${time}Z`);

describe("a lock on the state", () => {
  test.each([
    ["whose process is gone", undefined],
    ["whose process id another program has now", { program: "vim", startedAt: at("09:00:00") }],
    ["whose process id a later Pulumi has now", { program: "pulumi", startedAt: at("10:00:10") }],
  ])("%s is stale", (_which, running) => {
    expect(isStale(lock, "laptop", running)).toBe(true);
  });

  test.each([
    ["whose process runs", "laptop", { program: "pulumi", startedAt: at("09:59:59") }],
    ["whose process started at about that time", "laptop", { program: "pulumi", startedAt: at("10:00:01.5") }],
    ["whose process started nobody knows when", "laptop", { program: "pulumi", startedAt: undefined }],
    ["of another machine", "desktop", undefined],
  ])("%s is not", (_which, here, running) => {
    expect(isStale(lock, here, running)).toBe(false);
  });
});

describe("removing stale locks", () => {
  const folder = ".pulumi/locks/organization/modelyard/prod";
  const dead = spawnSync(process.execPath, ["-e", "process.stdout.write(String(process.pid))"], { encoding: "utf8" });
  const text = (pid: number, host = hostname()): string =>
    JSON.stringify({ pid, username: "ann", hostname: host, timestamp: new Date().toISOString() });

  test("takes those of dead processes with their attributes, and leaves the others", async () => {
    const pid = Number(dead.stdout);
    const state = folderWith({
      [`${folder}/dead.json`]: text(pid),
      [`${folder}/dead.json.attrs`]: "{}",
      [`${folder}/elsewhere.json`]: text(pid, "another"),
      [`${folder}/unreadable.json`]: "{",
    });
    expect(await removeStaleLocks(state, "modelyard", "prod")).toBe(1);
    const left = ["dead.json", "dead.json.attrs", "elsewhere.json", "unreadable.json"].filter((name) =>
      existsSync(join(state, folder, name)),
    );
    expect(left).toEqual(["elsewhere.json", "unreadable.json"]);
  });

  test("does nothing where no stack was ever locked", async () => {
    expect(await removeStaleLocks(folderWith({}), "modelyard", "prod")).toBe(0);
  });
});
