import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { placeOf } from "../../../../tools/run/parts/cache";
import { ensure, find } from "../../../../tools/run/parts/obtain";
import { thisProcess } from "../../../../tools/run/parts/owner";
import type { Recipe } from "../../../../tools/run/parts/part";
import { thisPlatform } from "../../../../tools/run/parts/recipes";
import { Machine, programText, toyModule, toyProgram, toyRecipe, until } from "./fixtures";

function entryOf(recipe: Recipe, machine: Machine): string {
  return placeOf(recipe, thisPlatform, machine.cache).entry;
}

describe("a part that is neither installed nor in the cache", () => {
  it("is built once and taken from the cache from then on", async () => {
    const machine = new Machine();
    machine.installGo();
    const context = machine.context(toyRecipe());
    const [first] = await ensure(["kwok"], context);
    const [second] = await ensure(["kwok"], context);
    expect([first, second]).toMatchObject([{ from: "build" }, { from: "cache" }]);
    expect(machine.builds()).toBe(1);
  });

  it("is built with our flags, whatever the user's own settings are", async () => {
    const machine = new Machine();
    machine.installGo();
    const settings = {
      GOFLAGS: "-mod=vendor -race",
      GOWORK: "/home/user/go.work",
      CGO_ENABLED: "1",
      GO111MODULE: "off",
    };
    machine.environment = { ...machine.environment, ...settings };
    const recipe = toyRecipe();
    await ensure(["kwok"], machine.context(recipe));
    const call = fs.readFileSync(machine.goCalls, "utf8").split("\n")[1];
    expect(call).toMatch(/^build -v -trimpath -ldflags -s -w -X main\.Version=v0\.8\.0 -o \S+\/kwok \. /);
    expect(call?.split(" | ").slice(1)).toEqual([
      "-mod=readonly -buildvcs=false",
      "off",
      "0",
      "on",
      recipe.build.module,
    ]);
  });

  it("gets a link for each name that its binary goes by", async () => {
    const machine = new Machine();
    machine.installGo();
    const build = { module: toyModule(), packages: ["."], variables: {}, output: "both", seconds: 1 };
    const recipe = toyRecipe({
      programs: [toyProgram("kwok"), toyProgram("kwokctl")],
      build: { ...build, links: ["kwok", "kwokctl"] },
    });
    await ensure(["kwok"], machine.context(recipe));
    expect(fs.readlinkSync(path.join(entryOf(recipe, machine), "kwokctl"))).toBe("both");
  });

  it("says while it is built how far it is", async () => {
    const machine = new Machine();
    machine.installGo();
    await ensure(["kwok"], machine.context(toyRecipe()));
    expect(machine.progress.lines).toEqual([
      "start building the toy 0.8.0 with Go",
      "note 1 modules fetched",
      "note 1 packages compiled",
      "note checking that it starts",
      "done building the toy 0.8.0 with Go",
    ]);
  });

  it("is built only once by two runs at the same time; the second waits and uses the result", async () => {
    const machine = new Machine();
    machine.installGo("sleep 0.3");
    const context = machine.context(toyRecipe());
    const answers = await Promise.all([ensure(["kwok"], context), ensure(["kwok"], context)]);
    expect(answers.map(([answer]) => answer && "from" in answer && answer.from).sort()).toEqual(["build", "cache"]);
    expect(machine.builds()).toBe(1);
    expect(machine.progress.lines).toContain(`start waiting for another run (getting the toy, process ${process.pid})`);
  });

  it.each([
    ["does not compile", "echo undefined: foo >&2; exit 1", {}, "go build failed: undefined: foo"],
    ["has another version", "", { BUILT_VERSION: "0.7.0" }, "kwok says it is 0.7.0, not 0.8.0"],
  ])("is missing when it %s, and leaves nothing behind", async (_title, before, environment, reason) => {
    const machine = new Machine();
    machine.installGo(before);
    machine.environment = { ...machine.environment, ...environment };
    const [answer] = await ensure(["kwok"], machine.context(toyRecipe()));
    expect(answer).toMatchObject({ tried: expect.arrayContaining([{ way: "build", reason }]) });
    expect(machine.kept()).toEqual([]);
  });

  it("is missing with everything that was tried, in order", async () => {
    const machine = new Machine();
    const recipe = toyRecipe();
    const [answer] = await ensure(["kwok"], machine.context(recipe));
    expect(answer).toMatchObject({
      title: "the toy",
      tried: [
        { way: "path", reason: "not on PATH: kwok" },
        { way: "cache", reason: `${entryOf(recipe, machine)} does not exist` },
        { way: "download", reason: "not tried, because MODELYARD_OFFLINE is set" },
        { way: "build", reason: expect.stringContaining("Go is not installed") },
      ],
    });
  });

  it("is missing when the cache cannot be written to", async () => {
    const machine = new Machine();
    fs.writeFileSync(machine.cache, "a file where the folder should be");
    const [answer] = await ensure(["kwok"], machine.context(toyRecipe()));
    expect(answer).toMatchObject({
      tried: expect.arrayContaining([{ way: "cache", reason: expect.stringContaining("cannot be written to") }]),
    });
  });

  it("does not keep the next one from being obtained", async () => {
    const machine = new Machine();
    machine.installGo();
    const broken = toyRecipe({ name: "pulumi", programs: [toyProgram("pulumi", "3.246.0")] });
    const answers = await ensure(["pulumi", "kwok"], machine.context(toyRecipe(), { pulumi: broken }));
    expect(answers).toMatchObject([{ tried: expect.anything() }, { from: "build" }]);
  });

  it("is not built when it is installed", async () => {
    const machine = new Machine();
    machine.installGo();
    machine.install("kwok", programText("0.8.2"));
    const [answer] = await ensure(["kwok"], machine.context(toyRecipe()));
    expect(answer).toMatchObject({ from: "path", version: "0.8.2" });
    expect(machine.builds()).toBe(0);
  });
});

describe("an entry of the cache that was damaged", () => {
  it("is seen by a look, which changes nothing, and replaced by the next run", async () => {
    const machine = new Machine();
    machine.installGo();
    const recipe = toyRecipe();
    const context = machine.context(recipe);
    await ensure(["kwok"], context);
    const file = path.join(entryOf(recipe, machine), "kwok");
    fs.truncateSync(file, 3);
    expect(await find(recipe, context)).toMatchObject({
      tried: [{ way: "path" }, { way: "cache", reason: expect.stringContaining("damaged") }],
    });
    expect(fs.statSync(file).size).toBe(3);
    const [again] = await ensure(["kwok"], context);
    expect(again).toMatchObject({ from: "build" });
    expect(machine.kept()).toEqual([path.basename(entryOf(recipe, machine))]);
  });

  it("is never made from a folder without a manifest", async () => {
    const machine = new Machine();
    machine.installGo();
    const recipe = toyRecipe();
    fs.mkdirSync(entryOf(recipe, machine), { recursive: true });
    fs.writeFileSync(path.join(entryOf(recipe, machine), "kwok"), programText("0.8.0"), { mode: 0o755 });
    const [answer] = await ensure(["kwok"], machine.context(recipe));
    expect(answer).toMatchObject({ from: "build" });
  });
});

describe("what other processes left in the cache", () => {
  it("is removed when they are dead, and only then", async () => {
    const machine = new Machine();
    machine.installGo();
    const { pid, start, host } = thisProcess();
    const owned = (owner: string): string => `kwok-0.8.0.tmp-${owner}-1`;
    const alive = owned(`${pid}-${start}-${host}`);
    const elsewhere = owned(`${pid}-1-00000000`);
    const names = [alive, owned(`${pid}-1-${host}`), elsewhere];
    for (const name of names) fs.mkdirSync(path.join(machine.cache, "parts", name, "part"), { recursive: true });
    const recipe = toyRecipe();
    await ensure(["kwok"], machine.context(recipe));
    expect(machine.kept().sort()).toEqual([alive, elsewhere, path.basename(entryOf(recipe, machine))].sort());
  });
});

describe("a run that is stopped", () => {
  it("ends the compiler and leaves no lock and no folder", async () => {
    const machine = new Machine();
    machine.installGo("exec sleep 300");
    const run = expect(ensure(["kwok"], machine.context(toyRecipe()))).rejects.toThrow("stopped by the test");
    await until(() => machine.builds() === 1);
    machine.stop();
    await run;
    expect(machine.kept()).toEqual([]);
    expect(machine.progress.lines.at(-1)).toBe("fail building the toy 0.8.0 with Go: stopped");
  });
});
