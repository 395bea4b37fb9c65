import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { writeManifests } from "../../../../tools/run/parts/module-manifests";
import { temporaryFolder } from "./fixtures";

const first = "kind: CustomResourceDefinition\nmetadata:\n  name: firsts.example.com\nspec:\n  limit: 1\n";
const second = "kind: CustomResourceDefinition\nmetadata:\n  name: seconds.example.com\n";
const both = "---\nkind: A\nmetadata: { name: same }\n---\nkind: B\nmetadata: { name: same }\n";

function moduleFolder(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

function written(folder: string): Record<string, unknown> {
  const names = fs.readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"))]));
}

describe("the manifests of a module", () => {
  it("become one JSON file for each object, of folders and of files with several", () => {
    const module = moduleFolder({ "crd/first.yaml": first, "crd/README.md": "no manifest", "hooks.yaml": both });
    const into = path.join(temporaryFolder(), "manifests");
    writeManifests(
      module,
      [
        { from: ["crd"], patches: {} },
        { from: ["hooks.yaml"], patches: {} },
      ],
      into,
    );
    expect(written(into)).toEqual({
      "a-same.json": { kind: "A", metadata: { name: "same" } },
      "b-same.json": { kind: "B", metadata: { name: "same" } },
      "customresourcedefinition-firsts.example.com.json": {
        kind: "CustomResourceDefinition",
        metadata: { name: "firsts.example.com" },
        spec: { limit: 1 },
      },
    });
  });

  it("carry their publisher's patches", () => {
    const patch = "- op: replace\n  path: /spec/limit\n  value: 2\n";
    const module = moduleFolder({ "crd/first.yaml": first, "crd/second.yaml": second, "patch.yaml": patch });
    const into = temporaryFolder();
    writeManifests(module, [{ from: ["crd"], patches: { "firsts.example.com": "patch.yaml" } }], into);
    expect(written(into)).toMatchObject({
      "customresourcedefinition-firsts.example.com.json": { spec: { limit: 2 } },
      "customresourcedefinition-seconds.example.com.json": { metadata: { name: "seconds.example.com" } },
    });
  });

  it.each([
    [
      "has no object for a patch",
      { from: ["crd"], patches: { "others.example.com": "patch.yaml" } },
      /no object others\.example\.com/,
    ],
    ["lacks a file", { from: ["none"], patches: {} }, /ENOENT.*none/],
    [
      "holds something else",
      { from: ["values.yaml"], patches: {} },
      /values\.yaml holds something that is no manifest/,
    ],
  ])("are refused when the module %s", (_title, published, message) => {
    const module = moduleFolder({ "crd/first.yaml": first, "values.yaml": "kind: Values\n" });
    expect(() => writeManifests(module, [published], temporaryFolder())).toThrow(message);
  });
});
