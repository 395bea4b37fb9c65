import { existsSync, readFileSync, truncateSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  repairAttributes,
  requireRoom,
  requireWholeState,
  restoreState,
  stateFolder,
} from "../../../tools/run/state-file";
import { folderWith } from "../../harness/folder";

const stack = ".pulumi/stacks/modelyard/prod.json";
const history = ".pulumi/history/modelyard/prod/prod-1.checkpoint.json";
const whole = JSON.stringify({ version: 3, checkpoint: { stack: "prod" } });

test.each([
  ["file:///var/state", "/var/state"],
  ["file:///var/my%20state?no_tmp_dir=true", "/var/my state"],
  ["file://~", homedir()],
  ["file://~/state", join(homedir(), "state")],
  ["s3://bucket", undefined],
  [undefined, undefined],
])("the state of the backend %s is in %s", (backend, folder) => {
  expect(stateFolder(backend)).toBe(folder);
});

describe("a state", () => {
  const check = (folder: string) => () => requireWholeState(folder, "modelyard", "prod");

  test("that is whole, or not there yet, is taken as it is", () => {
    expect(check(folderWith({ [stack]: whole }))).not.toThrow();
    expect(check(folderWith({}))).not.toThrow();
  });

  test.each([
    ["cut short", whole.slice(0, 20)],
    ["empty", ""],
    ["something else", "[]"],
  ])("that is %s is refused with a way back, and kept", (_how, text) => {
    const folder = folderWith({ [stack]: text, [`${stack}.bak`]: whole, [history]: text });
    expect(check(folder)).toThrow(/prod is damaged[\s\S]*Nothing was changed[\s\S]*cp \S*prod\.json\.bak /);
    expect(readFileSync(join(folder, stack), "utf8")).toBe(text);
  });

  test.each<[copies: string, files: Readonly<Record<string, string>>, newest: string | undefined]>([
    ["the state before", { [`${stack}.bak`]: whole, [history]: "" }, `${stack}.bak`],
    ["one of the history", { [`${stack}.bak`]: whole.slice(0, 20), [history]: whole }, history],
    ["nothing", { [`${stack}.bak`]: whole.slice(0, 20) }, undefined],
  ])("that is half after an interrupted run goes back to %s, and is kept beside it", (_copies, files, newest) => {
    const half = whole.slice(0, 30);
    const folder = folderWith({ [stack]: half, ...files });
    const damaged = join(folder, `${stack}.damaged`);
    expect(restoreState(folder, "modelyard", "prod")).toEqual({
      damaged,
      copy: newest === undefined ? undefined : join(folder, newest),
    });
    expect(readFileSync(damaged, "utf8")).toBe(half);
    expect(existsSync(join(folder, stack))).toBe(newest !== undefined);
    expect(check(folder)).not.toThrow();
    expect(restoreState(folder, "modelyard", "prod")).toBeUndefined();
  });

  test("without any good copy leads to taking the objects over", () => {
    expect(check(folderWith({ [stack]: "" }))).toThrow(/no good copy[\s\S]*takes over/);
  });
});

test("a disk with less room than an update's checkpoints take is refused before anything is changed", () => {
  const folder = folderWith({ [stack]: whole });
  expect(() => requireRoom(folder, "modelyard", "prod")).not.toThrow();
  // A file of this size without content takes no room, but ten checkpoints like it would.
  truncateSync(join(folder, stack), 2 ** 42);
  expect(() => requireRoom(folder, "modelyard", "prod")).toThrow(/disk .* is full[\s\S]*Nothing was changed/);
});

test("attributes that were only half written are removed; whole ones and everything else stay", () => {
  const folder = folderWith({ "a/x.json": "", "a/x.json.attrs": "", "b.json.attrs": '{"md5"', "c.json.attrs": "{}" });
  repairAttributes(folder);
  const left = ["a/x.json", "a/x.json.attrs", "b.json.attrs", "c.json.attrs"].filter((name) =>
    existsSync(join(folder, name)),
  );
  expect(left).toEqual(["a/x.json", "c.json.attrs"]);
});
