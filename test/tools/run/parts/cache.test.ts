import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder, keyOf, placeOf, readCache, type Place } from "../../../../tools/run/parts/cache";
import { inventory, writeManifest } from "../../../../tools/run/parts/manifest";
import type { Recipe } from "../../../../tools/run/parts/part";
import { programText, temporaryFolder, toyProgram, toyRecipe, writeProgram } from "./fixtures";

const platform = { os: "linux", architecture: "amd64" };

/** An entry as `publish` leaves it: a binary and a link to it. */
async function entry(changes: { name?: string; version?: string } = {}): Promise<{ recipe: Recipe; place: Place }> {
  const recipe = toyRecipe();
  const place = placeOf(recipe, platform, temporaryFolder());
  writeProgram(path.join(place.entry, "binary"), programText("0.8.0"));
  fs.symlinkSync("binary", path.join(place.entry, "kwok"));
  writeManifest(place.entry, {
    format: 1,
    name: "kwok",
    version: "0.8.0",
    platform: "linux-amd64",
    obtained: "build",
    source: "go1.26.8",
    at: new Date().toISOString(),
    programs: { kwok: "kwok" },
    ...(await inventory(place.entry)),
    ...changes,
  });
  return { recipe, place };
}

describe("the cache folder", () => {
  it.each([
    [{ HOME: "/home/a" }, "/home/a/.cache/modelyard"],
    [{ HOME: "/home/a", MODELYARD_CACHE: "" }, "/home/a/.cache/modelyard"],
    [{ HOME: "/home/a", MODELYARD_CACHE: "/var/parts" }, "/var/parts"],
    [{ HOME: "/home/a", MODELYARD_CACHE: "parts" }, path.resolve("parts")],
  ])("for %o is %s", (environment, folder) => expect(cacheFolder(environment)).toBe(folder));
});

describe("the key of a part", () => {
  const changed = (change: (recipe: Recipe, module: string) => Recipe): boolean => {
    const recipe = toyRecipe();
    const before = keyOf(recipe);
    return keyOf(change(recipe, recipe.build.module)) !== before;
  };

  it.each(["go.mod", "go.sum", "main.go", "another.go"])("changes with the content of %s", (name) => {
    const append = (recipe: Recipe, module: string): Recipe => {
      fs.appendFileSync(path.join(module, name), "// changed\n");
      return recipe;
    };
    expect(changed(append)).toBe(true);
  });

  it.each<[string, (recipe: Recipe) => Recipe]>([
    ["linker flags", (recipe) => ({ ...recipe, build: { ...recipe.build, variables: { "main.Version": "v2" } } })],
    ["packages", (recipe) => ({ ...recipe, build: { ...recipe.build, packages: ["./cmd"] } })],
    ["links", (recipe) => ({ ...recipe, build: { ...recipe.build, links: ["kwokctl"] } })],
    ["version of a program", (recipe) => ({ ...recipe, programs: [toyProgram("kwok", "0.8.1")] })],
  ])("changes with the %s", (_title, change) => expect(changed(change)).toBe(true));

  it("does not change with files that Go does not build, nor with the folder's place", () => {
    const addText = (recipe: Recipe, module: string): Recipe => {
      fs.writeFileSync(path.join(module, "README.md"), "text");
      return recipe;
    };
    expect(changed(addText)).toBe(false);
    expect(changed(() => toyRecipe())).toBe(false);
  });
});

describe("an entry of the cache", () => {
  it("is the part when everything is as recorded", async () => {
    const { recipe, place } = await entry();
    expect(await readCache(recipe, place, { checksums: true })).toEqual({
      name: "kwok",
      version: "0.8.0",
      from: "cache",
      files: { kwok: path.join(place.entry, "kwok") },
    });
  });

  it("that does not exist is not damaged", async () => {
    const recipe = toyRecipe();
    const place = placeOf(recipe, platform, temporaryFolder());
    expect(await readCache(recipe, place)).toEqual({ reason: `${place.entry} does not exist`, damaged: false });
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    ["has no manifest", (folder) => fs.rmSync(path.join(folder, "part.json")), /part\.json is missing/],
    ["has half a manifest", (folder) => fs.truncateSync(path.join(folder, "part.json"), 40), /part\.json is missing/],
    ["lacks a file", (folder) => fs.rmSync(path.join(folder, "binary")), /binary does not have the size/],
    [
      "has a shorter file",
      (folder) => fs.truncateSync(path.join(folder, "binary"), 5),
      /binary does not have the size/,
    ],
    ["lacks a link", (folder) => fs.rmSync(path.join(folder, "kwok")), /kwok is not the link/],
  ])("that %s is damaged", async (_title, damage, reason) => {
    const { recipe, place } = await entry();
    damage(place.entry);
    expect(await readCache(recipe, place)).toEqual({ reason: expect.stringMatching(reason), damaged: true });
  });

  it.each([[{ name: "pulumi" }], [{ version: "0.7.0" }]])("that records %o is damaged", async (changes) => {
    const { recipe, place } = await entry(changes);
    expect(await readCache(recipe, place)).toMatchObject({ damaged: true });
  });

  it("with changed bytes of the same number is noticed when sums are asked for", async () => {
    const { recipe, place } = await entry();
    const file = path.join(place.entry, "binary");
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("0.8.0", "9.9.9"));
    expect(await readCache(recipe, place)).toMatchObject({ from: "cache" });
    expect(await readCache(recipe, place, { checksums: true })).toMatchObject({
      reason: expect.stringContaining("content"),
    });
  });
});
