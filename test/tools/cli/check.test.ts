import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { exitCode } from "../../../tools/cli/check";
import type { Report, ReportFinding } from "../../../tools/report/report";
import { folderWith } from "../../harness/folder";
import { modelyard } from "../../harness/modelyard";

const check = (...args: readonly string[]) => modelyard("check", ...args);

const spec = { containers: [{ name: "c", image: "example.com/x:latest", securityContext: { privileged: true } }] };
const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" }, spec: { template: { spec } } };
const type = "kubernetes:apps/v1:Deployment";
const urn = `urn:pulumi:prod::modelyard::${type}::x`;
const state = {
  version: 3,
  deployment: {
    resources: [
      { urn: "urn:pulumi:prod::modelyard::pulumi:pulumi:Stack::s", type: "pulumi:pulumi:Stack" },
      { urn, type, inputs: deployment },
    ],
  },
};

function rulesIn(out: string): readonly string[] {
  const { findings } = JSON.parse(out) as { findings: ReportFinding[] };
  return findings.filter(({ level }) => level === "error").map(({ rule }) => rule);
}

describe("check", () => {
  test.each(["local", "dev", "prod"])("finds nothing on %s", async (environment) => {
    const { code, out } = await check(environment);
    expect(out).toMatch(new RegExp(`^${environment} \\(\\w+\\): nothing found; \\d+ rules on \\d+ resources$`));
    expect(code).toBe(0);
  });

  test("judges a state that `pulumi stack export` wrote", async () => {
    const folder = folderWith({ "state.json": JSON.stringify(state) });
    const { code, out } = await check("prod", "--state", join(folder, "state.json"), "--format", "json");
    expect(rulesIn(out)).toEqual(expect.arrayContaining(["pod-no-privileged", "image-no-latest-tag"]));
    expect(code).toBe(1);
  });

  test("judges plain manifests, several in a file, in folders below, too", async () => {
    const harmless = stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "y" } });
    const folder = folderWith({ "a/b.yaml": `${harmless}---\n${stringify(deployment)}`, "note.txt": "no manifest" });
    const { code, out } = await check("prod", "--manifests", folder, "--format", "json");
    expect(rulesIn(out)).toEqual(expect.arrayContaining(["pod-no-privileged", "image-no-latest-tag"]));
    expect((JSON.parse(out) as Report).checked.resources).toBe(2);
    expect(code).toBe(1);
  });

  test.each<[what: string, args: (folder: string) => readonly string[], said: RegExp]>([
    ["a state that is none", (folder) => ["--state", join(folder, "broken.json")], /broken\.json cannot be read: /],
    [
      "JSON that is no state",
      (folder) => ["--state", join(folder, "other.json")],
      /other\.json is not a state as `pulumi stack export` writes it/,
    ],
    [
      "a state that is not there",
      (folder) => ["--state", join(folder, "nothing.json")],
      /nothing\.json cannot be read: ENOENT/,
    ],
    [
      "a folder without manifests",
      (folder) => ["--manifests", join(folder, "empty")],
      /empty has no YAML or JSON files/,
    ],
    [
      "what is no Kubernetes object",
      (folder) => ["--manifests", join(folder, "wrong")],
      /x\.yaml holds something that is not a Kubernetes object/,
    ],
    ["broken YAML", (folder) => ["--manifests", join(folder, "yaml")], /x\.yaml cannot be read: /],
    ["both at once", (folder) => ["--state", folder, "--manifests", folder], /two different questions/],
  ])("refuses %s", async (_, args, said) => {
    const folder = folderWith({
      "broken.json": "{",
      "other.json": "{}",
      "empty/a.txt": "",
      "wrong/x.yaml": "a: 1\n",
      "yaml/x.yaml": "a: [\n",
    });
    const { code, err } = await check("prod", ...args(folder));
    expect(err).toMatch(said);
    expect(code).toBe(2);
  });
});

test.each<[findings: readonly Pick<ReportFinding, "state" | "level">[], strict: boolean, code: number]>([
  [[], true, 0],
  [[{ state: "open", level: "error" }], false, 1],
  [
    [
      { state: "open", level: "warning" },
      { state: "waived", level: "note" },
    ],
    true,
    0,
  ],
  [[{ state: "indeterminate", level: "error" }], false, 0],
  [[{ state: "indeterminate", level: "error" }], true, 3],
  [[{ state: "indeterminate", level: "warning" }], true, 0],
  [
    [
      { state: "indeterminate", level: "error" },
      { state: "open", level: "error" },
    ],
    true,
    1,
  ],
])("findings %j, strict %s, end with %d", (findings, strict, code) => {
  const common = {
    source: "policy",
    rule: "r",
    place: { file: "f", line: 1, column: 1 },
    message: "m",
    advice: "a",
  } as const;
  const report: Report = {
    command: "check",
    environment: "e",
    stage: "s",
    rules: [],
    checked: { rules: 1, resources: 1 },
    findings: findings.map((finding) => ({ ...common, ...finding })),
  };
  expect(exitCode(report, strict)).toBe(code);
});
