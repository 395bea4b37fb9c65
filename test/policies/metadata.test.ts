import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rules } from "../../policies/rules";

/** Where the same demands stand elsewhere, and how their ids look there. */
const referenceForms = [
  /^pss:(baseline|restricted)$/,
  /^cis-eks-1\.8\.0:\d+(\.\d+){1,2}$/,
  /^checkov:CKV2?_(K8S|AWS)_\d+$/,
  /^kube-linter:[a-z]+(-[a-z]+)*$/,
  /^kube-score:[a-z]+(-[a-z]+)*$/,
  /^kyverno:[a-z]+(-[a-z]+)*$/,
  /^trivy:(KSV|AWS)-\d{4}$/,
  /^owasp-llm-202[56]:(0[1-9]|10)$/,
  /^cve:CVE-\d{4}-\d{4,}$/,
  /^vllm-docs:[a-z]+(\/[a-z]+)*$/,
];

const folder = join(__dirname, "../../policies/rules");
const files = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: area }) => readdirSync(join(folder, area)).map((file) => ({ area, file })));

/** The folder of a rule, by the first word of its name. */
const areas: Readonly<Record<string, string>> = {
  pod: "pods",
  image: "images",
  namespace: "namespaces",
  gpu: "gpus",
  model: "engines",
  vllm: "engines",
};

test("each rule has the one file of its name, in the folder of its area", () => {
  const expected = rules.map(({ name }) => ({ area: areas[name.split("-")[0] ?? ""], file: `${name}.ts` }));
  const byName = (a: { file: string }, b: { file: string }): number => a.file.localeCompare(b.file);
  expect([...files].sort(byName)).toEqual([...expected].sort(byName));
});

test("names and titles are unique", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
});

/** Less strict than mandatory in development, by the research; all others are mandatory everywhere. */
const advisoryInDevelopment = [
  "image-digest-pinned",
  "namespace-psa-labels",
  "pod-seccomp-runtime-default",
  "pod-shm-bounded",
];

test("every rule is mandatory in staging and production, and all but the named ones in development", () => {
  for (const { levels } of rules) expect(levels).toMatchObject({ staging: "mandatory", production: "mandatory" });
  const weaker = rules.filter(({ levels }) => levels.development !== "mandatory");
  expect(weaker.map(({ name }) => name).sort()).toEqual(advisoryInDevelopment);
  expect(weaker.map(({ levels }) => levels.development)).not.toContain("disabled");
});

test("an edition of the OWASP list never comes alone: it was renumbered, and reviewers have either", () => {
  const editions = (references: readonly string[], year: number) =>
    references.filter((reference) => reference.startsWith(`owasp-llm-${year}:`)).length;
  for (const { references } of rules) expect(editions(references, 2025)).toBe(editions(references, 2026));
});

describe.each(rules.map((rule) => [rule.name, rule] as const))("%s", (_, rule) => {
  test("is described for those who have to sign it", () => {
    expect(rule.name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(rule.title).toMatch(/^(vLLM|[A-Z]).*[^.]$/);
    expect(rule.description).toMatch(/^[A-Z].+\. [A-Z].+\.$/);
    expect(rule.remediation).toMatch(/^[A-Z].+\.$/);
  });

  test("refers to the same demand elsewhere, once each, in a form that is known", () => {
    expect(rule.references).not.toEqual([]);
    expect(new Set(rule.references).size).toBe(rule.references.length);
    for (const reference of rule.references)
      expect(
        referenceForms.some((form) => form.test(reference)),
        reference,
      ).toBe(true);
  });
});
