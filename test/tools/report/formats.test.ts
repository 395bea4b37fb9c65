import sarifSchema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
import Ajv from "ajv-draft-04";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { reportFormats } from "../../../tools/report/formats";
import type { Report } from "../../../tools/report/report";
import { all, nothing, open, place } from "./sample";

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
    expect(isSarif(JSON.parse(reportFormats.sarif.write(report))) || isSarif.errors).toBe(true);
  });

  test("places each result in a file, and suppresses what is allowed for a time", () => {
    const { runs } = JSON.parse(reportFormats.sarif.write(all)) as {
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
        JSON.parse(reportFormats.sarif.write(report)) as { runs: [{ results: { partialFingerprints: object }[] }] }
      ).runs[0].results.map((result) => result.partialFingerprints);
    const moved = { ...all, findings: all.findings.map((finding) => ({ ...finding, place: { ...place, line: 99 } })) };
    expect(fingerprints(moved)).toEqual(fingerprints(all));
  });

  test("is valid whatever the texts are", () => {
    fc.assert(fc.property(anyReport, (report) => isSarif(JSON.parse(reportFormats.sarif.write(report)))));
  });
});

describe("JUnit", () => {
  const parser = new XMLParser({ ignoreAttributes: false });

  test("counts open errors as failures, and what is allowed or undecided as skipped", () => {
    const { testsuites } = parser.parse(reportFormats.junit.write(all)) as {
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
        expect(XMLValidator.validate(reportFormats.junit.write(report))).toBe(true);
      }),
    );
  });
});

test("JSON is the report with the version of its format", () => {
  expect(JSON.parse(reportFormats.json.write(all))).toEqual({ formatVersion: 2, ...all });
  const planned: Report = { ...all, command: "plan" };
  expect(JSON.parse(reportFormats.json.write(planned))).toEqual({ formatVersion: 2, ...planned, plan: null });
});

test("a table names place, rule, resource and what to do, errors first, and ends with the sum", () => {
  expect(reportFormats.table.write({ ...all, findings: [all.findings[4] ?? open, open] })).toBe(
    [
      "stacks/prod.yaml:12:5: error: container vllm runs x:latest, whose tag moves [image-no-latest-tag]",
      "    kubernetes:apps/v1:Deployment chat-deployment spec.template.spec.containers[0].image",
      "    Name the version.",
      "stacks/prod.yaml:12:5: warning: little room [pool-too-small]",
      "    Raise it.",
      "prod (production): 1 error, 1 warning; 3 rules on 26 resources",
    ].join("\n"),
  );
  expect(reportFormats.table.write(nothing)).toBe("prod (production): nothing found; 3 rules on 26 resources");
});

test("markdown is one table, which no text can break out of", () => {
  const report = { ...all, findings: [{ ...open, message: "a | b\n<script>" }] };
  expect(reportFormats.markdown.write(report).split("\n").slice(-1)).toEqual([
    "| error image-no-latest-tag | stacks/prod.yaml:12:5 | a \\| b &lt;script> | Name the version. |",
  ]);
  expect(reportFormats.markdown.write(nothing)).toBe(
    "### check prod (production): nothing found\n\n3 rules on 26 resources.",
  );
});
