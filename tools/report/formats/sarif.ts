import { createHash } from "node:crypto";
import { version } from "../../../package.json";
import type { Report, ReportFinding, ReportRule } from "../report";

/** SARIF 2.1.0, as GitHub code scanning and other readers of it want it: places in files, stable fingerprints, suppressions. */
export function reportSarif(report: Report): string {
  const ruleIndex = new Map(report.rules.map((rule, index) => [rule.name, index]));
  const run = {
    tool: { driver: { name: "Modelyard", semanticVersion: version, rules: report.rules.map(rule) } },
    automationDetails: { id: `modelyard/${report.command}/${report.environment}` },
    invocations: [{ executionSuccessful: true }],
    results: report.findings.map((finding) => result(finding, ruleIndex.get(finding.rule))),
  };
  return JSON.stringify(
    { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] },
    null,
    2,
  );
}

/** Numbers by which GitHub sorts what has the tag `security`: above 9 critical, 7 high, 4 medium. */
const securitySeverity = { critical: "9.5", high: "8.0", medium: "5.5", low: "3.0" } as const;

function rule({ name, title, help, severity, tags }: ReportRule) {
  const security = severity === undefined ? {} : { "security-severity": securitySeverity[severity] };
  return {
    id: name,
    name,
    shortDescription: { text: title },
    help: { text: help, markdown: help },
    properties: { tags: [...(severity === undefined ? [] : ["security"]), ...tags].slice(0, 20), ...security },
  };
}

function result(finding: ReportFinding, ruleIndex: number | undefined) {
  const { place, resource, field, state } = finding;
  const logical =
    resource === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: resource, kind: "resource" }] };
  const suppressed = state === "overridden" || state === "waived";
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    // What is not a failure has no level in SARIF.
    ...(state === "indeterminate" ? { kind: "review", level: "none" } : { kind: "fail", level: finding.level }),
    message: { text: `${finding.message}\n${finding.advice}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: place.file },
          region: { startLine: place.line, startColumn: place.column },
        },
        ...logical,
      },
    ],
    partialFingerprints: {
      "modelyard/v1": fingerprint([finding.rule, resource ?? place.file, field ?? finding.message]),
    },
    ...(suppressed ? { suppressions: [{ kind: "external", status: "accepted", justification: finding.advice }] } : {}),
  };
}

/** The same for the same finding, even when lines move. */
function fingerprint(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\u0000")).digest("hex").slice(0, 32);
}
