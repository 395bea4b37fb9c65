import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { customApiVersions } from "../../../../catalog/api-versions";
import { operatorIds, operators, type OperatorId } from "../../../../catalog/operators";
import { keyOf } from "../../../../tools/run/parts/cache";
import { MissingPartsError } from "../../../../tools/run/parts/errors";
import { findInstalled } from "../../../../tools/run/parts/installed";
import { ensure } from "../../../../tools/run/parts/obtain";
import { operatorRecipes } from "../../../../tools/run/parts/operator-recipes";
import type { Program, Recipe } from "../../../../tools/run/parts/part";
import { askVersion } from "../../../../tools/run/parts/verify";
import { exactly } from "../../../../tools/run/parts/version-rule";
import { versions } from "../../../../tools/run/parts/versions";
import { Machine, temporaryFolder, toyRecipe, writeProgram } from "./fixtures";

const recipes = operatorRecipes();

function lines(id: OperatorId, file: "go.mod" | "go.sum"): readonly string[] {
  const text = fs.readFileSync(path.join(recipes[id].build.module, file), "utf8");
  return text.split("\n").map((line) => line.trim());
}

describe("the operators of the catalogue", () => {
  it.each(operatorIds)("of which %s is one, are made from the module version that the catalogue names", (id) => {
    const { module, version } = operators[id];
    const required = lines(id, "go.mod").filter((line) => line.replace(/^require /, "").startsWith(`${module} v`));
    expect(required.map((line) => line.replace(/^require /, "").split(" ")[1])).toEqual([`v${version}`]);
    expect(lines(id, "go.sum").some((line) => line.startsWith(`${module} v${version} h1:`))).toBe(true);
    expect(lines(id, "go.mod").find((line) => line.startsWith("go "))).toBe(`go ${versions.go}`);
  });

  it("declare every kind that has an API version, each of one operator", () => {
    const kinds = operatorIds.flatMap((id) => operators[id].kinds);
    expect([...kinds].sort()).toEqual(Object.keys(customApiVersions).sort());
  });

  it("give the same kinds the same API group", () => {
    for (const id of operatorIds) {
      expect(new Set(operators[id].kinds.map((kind) => customApiVersions[kind].split("/")[0])).size).toBe(1);
    }
  });

  it("are built where their controller runs, and otherwise definitions only", () => {
    const built = operatorIds.filter((id) => recipes[id].build.packages.length > 0);
    expect(built).toEqual(["leader-worker-set", "kuberay"]);
    expect(operatorIds.filter((id) => recipes[id].programs.length > 0)).toEqual(built);
  });
});

const publishedDefinition = { from: ["crd.yaml"], patches: {} };

/** An operator that is a definition and nothing else. */
function toyOperator(): Recipe {
  const { module } = toyRecipe().build;
  const manifests = { module: "example.com/toy", published: [publishedDefinition] };
  const build = { module, packages: [], variables: {}, seconds: 1, manifests };
  return toyRecipe({ name: "keda", programs: [], build });
}

/** A "go" that has the module `example.com/toy` in its cache. */
function installGo(machine: Machine, definition: string): void {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, "crd.yaml"), definition);
  machine.install(
    "go",
    `#!/bin/sh\necho "$*" >> "$GO_CALLS"\n[ "$1" = version ] && echo "go version go1.26.8" || echo '{"Dir":"${folder}"}'\n`,
  );
}

const manifestless = expect.stringContaining("holds something that is no manifest");
const definition = "kind: CustomResourceDefinition\nmetadata: { name: toys.example.com }\n";

describe("an operator that is definitions only", () => {
  it("is taken from its Go module once, without a build, and from the cache from then on", async () => {
    const machine = new Machine();
    installGo(machine, definition);
    const recipe = toyOperator();
    const context = machine.context(recipe, { keda: recipe });
    const [first] = await ensure(["keda"], context);
    const [second] = await ensure(["keda"], context);
    expect([first, second]).toMatchObject([{ from: "build" }, { from: "cache" }]);
    if (!first || "tried" in first || first.manifests === undefined) throw new Error("it is not there");
    expect(fs.readdirSync(first.manifests)).toEqual(["customresourcedefinition-toys.example.com.json"]);
    expect(second).toMatchObject({ manifests: first.manifests });
    expect(fs.readFileSync(machine.goCalls, "utf8").trim().split("\n")).toEqual([
      "version",
      "mod download -json example.com/toy",
    ]);
    expect(machine.progress.lines).toContain("start fetching the definitions of the toy 0.8.0 with Go");
  });

  it("is missing, with the reason, when the module is not what was expected", async () => {
    const machine = new Machine();
    installGo(machine, "no: manifest\n");
    const recipe = toyOperator();
    const [answer] = await ensure(["keda"], machine.context(recipe, { keda: recipe }));
    expect(answer).toMatchObject({
      tried: [{ way: "path" }, { way: "cache" }, { way: "download" }, { way: "build", reason: manifestless }],
    });
    expect(machine.kept()).toEqual([]);
  });

  it("is not said to be downloadable, or to be put on PATH, when it is missing", () => {
    const { name, title, version, homepage } = operatorRecipes().keda;
    const { message } = new MissingPartsError([{ name, title, version, homepage, tried: [] }], "/cache");
    expect(message).toContain("install Go");
    expect(message).toContain("copy /cache");
    expect(message).not.toMatch(/downloaded|PATH/);
  });

  it("is never taken for installed, though it has no program that could be missing", async () => {
    const { environment } = new Machine();
    expect(await findInstalled(toyOperator(), { environment })).toHaveProperty("reason");
  });

  it("has another place in the cache when other manifests are taken", () => {
    const recipe = toyOperator();
    const manifests = { module: "example.com/toy", published: [{ ...publishedDefinition, from: ["other.yaml"] }] };
    expect(keyOf({ ...recipe, build: { ...recipe.build, manifests } })).not.toBe(keyOf(recipe));
  });
});

describe("a program that cannot be asked for its version", () => {
  const program: Program = {
    name: "kuberay-operator",
    ask: { starts: ["--help"], module: "example.com/toy" },
    version: "1.5.1",
    accepts: exactly("1.5.1"),
  };
  const file = (text: string): string => writeProgram(path.join(temporaryFolder(), "program"), `#!/bin/sh\n${text}\n`);
  const moduleLine = "# dep\texample.com/toy\tv1.5.1\th1:sum=\n";

  it("has the version of the Go module that it was built from", async () => {
    const other = "# dep\texample.com/toy-tools\tv9.9.9\th1:sum=\n";
    const found = await askVersion(program, file(`${other}${moduleLine}exit 0`), { environment: process.env });
    expect(found).toMatchObject({ major: 1, minor: 5, patch: 1 });
  });

  it.each([
    ["does not start", `${moduleLine}echo broken >&2; exit 1`, /broken/],
    ["was built from something else", "exit 0", /was not built from the Go module example\.com\/toy/],
  ])("is refused when it %s", async (_title, text, message) => {
    await expect(askVersion(program, file(text), { environment: process.env })).rejects.toThrow(message);
  });
});
