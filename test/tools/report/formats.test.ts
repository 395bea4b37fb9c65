import sarifSchema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
import Ajv from "ajv-draft-04";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { reportFormats } from "../../../tools/report/formats";
import type { Report, ReportFinding } from "../../../tools/report/report";

const place = { file: "stacks/prod.yaml", line: 12, column: 5 };
const urn = "urn:pulumi:prod::modelyard::modelyard:releases:VllmRelease$kubernetes:apps/v1:Deployment::chat-deployment";
const open: ReportFinding = {
  source: "policy",
  rule: "image-no-latest-tag",
  level: "error",
  state: "open",
  place,
  resource: urn,
  field: "spec.template.spec.containers[0].image",
  message: "container vllm runs x:latest, whose tag moves",
  advice: "Name the version.",
};
const all: Report = {
  command: "check",
  environment: "prod",
  stage: "production",
  rules: [
    {
      name: "image-no-latest-tag",
      title: "Images have a tag that says a version",
      help: "Name the version.",
      severity: "medium",
      tags: ["checkov:CKV_K8S_14"],
    },
    {
      name: "pod-no-privileged",
      title: "No privileged containers",
      help: "Remove it.",
      severity: "critical",
      tags: [],
    },
    { name: "pool-too-small", title: "Pods find no place", help: "Raise it.", tags: ["planning"] },
  ],
  findings: [
    open,
    {
      ...open,
      state: "waived",
      level: "note",
      advice: "Until 2026-12-31 by WVR-2026-001, lead: being rebuilt this month",
    },
    { ...open, state: "indeterminate", advice: "The update itself decides it." },
    {
      source: "planning",
      rule: "pool-too-small",
      level: "note",
      state: "overridden",
      place,
      message: "1 of 5 pods find no place",
      advice: "Until 2026-12-31: measured",
    },
    {
      source: "planning",
      rule: "pool-too-small",
      level: "warning",
      state: "open",
      place,
      message: "little room",
      advice: "Raise it.",
    },
  ],
  checked: { rules: 3, resources: 26 },
};
const nothing: Report = { ...all, findings: [] };

const ajv = new Ajv({ strict: false, unicodeRegExp: false, validateFormats: false });
const isSarif = ajv.compile(sarifSchema);

/** A report whose texts are anything at all. */
const anyReport = fc
  .record({ message: fc.string({ unit: "binary" }), advice: fc.string({ unit: "binary" }), resource: fc.string() })
  .map((texts): Report => ({ ...all, findings: all.findings.map((finding) => ({ ...finding, ...texts })) }));

describe("SARIF", () => {
  test.each([
    ["with every state", all],
    ["with nothing found", nothing],
  ])("%s is valid by the schema of SARIF 2.1.0", (_, report) => {
    expect(isSarif(JSON.parse(reportFormats.sarif(report))) || isSarif.errors).toBe(true);
  });

  test("places each result in a file, and suppresses what is allowed for a time", () => {
    const { runs } = JSON.parse(reportFormats.sarif(all)) as {
      runs: [{ results: { locations: object[]; kind: string; level: string; suppressions?: object[] }[] }];
    };
    const { results } = runs[0];
    for (const result of results)
      expect(result.locations[0]).toMatchObject({
        physicalLocation: { artifactLocation: { uri: "stacks/prod.yaml" }, region: { startLine: 12, startColumn: 5 } },
      });
    expect(results.map(({ kind, level, suppressions }) => [kind, level, suppressions?.length ?? 0])).toEqual([
      ["fail", "error", 0],
      ["fail", "note", 1],
      ["review", "none", 0],
      ["fail", "note", 1],
      ["fail", "warning", 0],
    ]);
  });

  test("keeps a finding's fingerprint when its line moves", () => {
    const fingerprints = (report: Report) =>
      (
        JSON.parse(reportFormats.sarif(report)) as { runs: [{ results: { partialFingerprints: object }[] }] }
      ).runs[0].results.map((result) => result.partialFingerprints);
    const moved = { ...all, findings: all.findings.map((finding) => ({ ...finding, place: { ...place, line: 99 } })) };
    expect(fingerprints(moved)).toEqual(fingerprints(all));
  });

  test("is valid whatever the texts are", () => {
    fc.assert(fc.property(anyReport, (report) => isSarif(JSON.parse(reportFormats.sarif(report)))));
  });
});

describe("JUnit", () => {
  const parser = new XMLParser({ ignoreAttributes: false });

  test("counts open errors as failures, and what is allowed or undecided as skipped", () => {
    const { testsuites } = parser.parse(reportFormats.junit(all)) as {
      testsuites: { testsuite: Record<string, unknown> & { testcase: Record<string, unknown>[] } };
    };
    expect(testsuites.testsuite).toMatchObject({
      "@_tests": "6",
      "@_failures": "1",
      "@_skipped": "3",
      "@_errors": "0",
    });
    expect(
      testsuites.testsuite.testcase.map(
        (each) => ["failure", "skipped", "system-out"].find((key) => key in each) ?? "passed",
      ),
    ).toEqual(["failure", "skipped", "skipped", "passed", "skipped", "system-out"]);
  });

  test("is well-formed whatever the texts are", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        expect(XMLValidator.validate(reportFormats.junit(report))).toBe(true);
      }),
    );
  });
});

test("JSON is the report with the version of its format", () => {
  expect(JSON.parse(reportFormats.json(all))).toEqual({ formatVersion: 1, ...all });
});

test("a table names place, rule, resource and what to do, errors first, and ends with the sum", () => {
  expect(reportFormats.table({ ...all, findings: [all.findings[4] ?? open, open] })).toBe(
    [
      "stacks/prod.yaml:12:5: error: container vllm runs x:latest, whose tag moves [image-no-latest-tag]",
      "    kubernetes:apps/v1:Deployment chat-deployment spec.template.spec.containers[0].image",
      "    Name the version.",
      "stacks/prod.yaml:12:5: warning: little room [pool-too-small]",
      "    Raise it.",
      "prod (production): 1 error, 1 warning; 3 rules on 26 resources",
    ].join("\n"),
  );
  expect(reportFormats.table(nothing)).toBe("prod (production): nothing found; 3 rules on 26 resources");
});

test("markdown is one table, which no text can break out of", () => {
  const report = { ...all, findings: [{ ...open, message: "a | b\n<script>" }] };
  expect(reportFormats.markdown(report).split("\n").slice(-1)).toEqual([
    "| error image-no-latest-tag | stacks/prod.yaml:12:5 | a \\| b &lt;script> | Name the version. |",
  ]);
  expect(reportFormats.markdown(nothing)).toBe(
    "### check prod (production): nothing found\n\n3 rules on 26 resources.",
  );
});
