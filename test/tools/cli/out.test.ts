import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { loadReview, type LoadedReview } from "../../../environment";
import { rules } from "../../../policies/rules";
import { readPlan } from "../../../stacks/read-plan";
import { declaredResources, manifestResources } from "../../../tools/cli/resources";
import { root } from "../../../tools/cli/root";
import { policyReport, type ReportedResource } from "../../../tools/report/collect";
import { manifestFiles } from "../../../tools/report/formats/manifests";
import { folderWith } from "../../harness/folder";
import { modelyard } from "../../harness/modelyard";

const reports: readonly (readonly [command: string, format: string, file: string])[] = [
  ["plan", "table", "plan.txt"],
  ["plan", "json", "plan.json"],
  ["plan", "markdown", "plan.md"],
  ["plan", "html", "plan.html"],
  ["plan", "sarif", "plan.sarif"],
  ["plan", "junit", "plan.xml"],
  ["check", "html", "check.html"],
];

test.each(reports)(
  "%s --format %s --out writes what it prints into %s, in a new folder",
  async (command, format, file) => {
    const folder = join(folderWith({}), "new", "folder");
    const printed = await modelyard(command, "dev", "--format", format);
    const { code, out } = await modelyard(command, "dev", "--format", format, "--out", folder);
    expect(out).toBe(join(folder, file));
    expect(readFileSync(out, "utf8")).toBe(`${printed.out}\n`);
    expect([code, printed.code]).toEqual([0, 0]);
  },
);

describe.each(["plan", "check"])("%s --out", (command) => {
  test.each<[what: string, folder: (base: string) => string, said: RegExp]>([
    ["a file", (base) => join(base, "file"), /file: this is a file\. Name a folder/],
    ["a folder below a file", (base) => join(base, "file", "below"), /cannot be written: a part of the path is a file/],
    [
      "a folder with a folder in the place of the report",
      (base) => join(base, "taken"),
      /a folder in the place of the file/,
    ],
    ["nothing", () => "", /--out needs the name of a folder/],
  ])("refuses %s with 2", async (_, folder, said) => {
    const base = folderWith({ file: "kept", [`taken/${command}.html/x`]: "" });
    const { code, out, err } = await modelyard(command, "dev", "--format", "html", "--out", folder(base));
    expect(err).toMatch(said);
    expect([code, out]).toEqual([2, ""]);
    expect(readFileSync(join(base, "file"), "utf8")).toBe("kept");
  });
});

test("check --out ends with 1 when there are violations, and says how many", async () => {
  const folder = folderWith({
    "m/x.yaml": "{ apiVersion: v1, kind: Pod, metadata: { name: x }, spec: { hostNetwork: true } }",
  });
  const manifests = join(folder, "m");
  const { code, err } = await modelyard(
    "check",
    "prod",
    "--manifests",
    manifests,
    "--format",
    "sarif",
    "--out",
    folder,
  );
  expect(code).toBe(1);
  expect(err).toMatch(/^prod \(production\): 1 error/);
});

describe("plan --format manifests", () => {
  const write = (environment: string, folder: string) =>
    modelyard("plan", environment, "--format", "manifests", "--out", folder);

  test("prints YAML and nothing else", async () => {
    const { code, out, err } = await modelyard("plan", "local", "--format", "manifests");
    const documents = parseAllDocuments(out);
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(documents.length).toBe(17);
    expect([code, err]).toEqual([0, ""]);
  });

  test("removes manifests of objects that are no longer declared, and leaves other files alone", async () => {
    const folder = folderWith({ "notes.txt": "mine" });
    await write("dev", folder);
    const before = readdirSync(folder);
    const [marker = ""] = readFileSync(join(folder, "left-out.txt"), "utf8").split("\n");
    writeFileSync(join(folder, "deployment_dev-serving_old.yaml"), `${marker}\nkind: Deployment\n`);
    const { code, err } = await write("dev", folder);
    expect(err).toMatch(/removed .*deployment_dev-serving_old\.yaml: what was in it is no longer declared/);
    expect(readdirSync(folder)).toEqual(before);
    expect(before).toContain("notes.txt");
    expect(code).toBe(0);
  });

  test.each<[what: string, name: string, text: string]>([
    ["somebody's own manifest", "mine.yaml", "kind: ConfigMap\n"],
    ["a report that kubectl would read", "plan.json", "{}"],
    ["a file of its own without its marker", "left-out.txt", "mine"],
    [
      "manifests of another environment",
      "x.yml",
      "# Written by `modelyard plan prod --format manifests`; its next run replaces or removes this file.\n",
    ],
  ])("refuses a folder that holds %s, and writes nothing", async (_, name, text) => {
    const folder = folderWith({ [name]: text });
    const { code, out, err } = await write("dev", folder);
    expect(err).toContain(`${name} did not come from \`plan dev --format manifests\``);
    expect([code, out, readdirSync(folder)]).toEqual([2, "", [name]]);
    expect(readFileSync(join(folder, name), "utf8")).toBe(text);
  });

  test.each(["local", "dev", "prod"])(
    "of %s is judged by check --manifests as the environment is",
    async (environment) => {
      const folder = folderWith({});
      const written = await write(environment, folder);
      expect(written.out.split("\n").sort()).toEqual(
        readdirSync(folder)
          .map((name) => join(folder, name))
          .sort(),
      );
      const fromFolder = await modelyard("check", environment, "--manifests", folder);
      const fromEnvironment = await modelyard("check", environment);
      const verdict = (out: string) => out.replace(/ on \d+ resources/, "");
      expect(verdict(fromFolder.out)).toBe(verdict(fromEnvironment.out));
      expect(fromFolder.code).toBe(fromEnvironment.code);
    },
  );

  test.each(["local", "dev", "prod"])(
    "of %s shows the same violations, and the same waivers hold",
    async (environment) => {
      const broken = (await declaredResources(readPlan(environment).plan)).map(breakRules);
      const folder = folderWith(
        Object.fromEntries(manifestFiles(environment, broken).map(({ name, text }) => [name, text])),
      );
      const review = withWaiver(environment);
      const found = (resources: readonly ReportedResource[]) =>
        policyReport({ environment, review, resources, rules, today: "2026-11-21", locate: () => place })
          .findings.map(({ rule, state, level, field, message }) => [rule, state, level, field, message].join(" | "))
          .sort();
      const expected = found(broken);
      expect(found(manifestResources(folder))).toEqual(expected);
      expect(expected.filter((line) => line.includes("| open | error |")).length).toBeGreaterThan(8);
      expect(expected.filter((line) => line.includes("| waived |")).length).toBeGreaterThan(1);
      expect(expected.filter((line) => line.startsWith("waiver-idle"))).toEqual([]);
    },
  );
});

const place = { file: "f", line: 1, column: 1 };

/** Allows moving tags of the releases' Deployments by the name that they have in Pulumi alone. */
function withWaiver(environment: string): LoadedReview {
  const review = loadReview(root, environment);
  const waiver = {
    id: "WVR-2026-001",
    rule: "image-no-latest-tag",
    resource: "Deployment/*-deployment",
    reason: "being rebuilt this month",
    owner: "team",
    approvedBy: "lead",
    kind: "accepted-risk",
    created: "2026-11-01",
    expires: "2026-12-31",
    ticket: "https://example.com/1",
  } as const;
  return { ...review, review: { ...review.review, stage: "production", waivers: [waiver] } };
}

/** The same resource, with what no stage lets pass. */
function breakRules(resource: ReportedResource): ReportedResource {
  const kind = resource.type.split(":").at(-1);
  if (kind === "Namespace") {
    const metadata = resource.props["metadata"];
    return { ...resource, props: { ...resource.props, metadata: { ...(metadata ?? {}), labels: {} } } };
  }
  if (kind !== "Deployment") return resource;
  const container = { name: "vllm", image: "example.com/vllm:latest", securityContext: { privileged: true } };
  return {
    ...resource,
    props: { ...resource.props, spec: { template: { spec: { hostNetwork: true, containers: [container] } } } },
  };
}
