import { afterAll, beforeAll, expect, test } from "vitest";
import { environmentNames } from "../../environment";
import { Checkout } from "./checkout";

let checkout: Checkout;
const environments: string[] = [];

const image = `registry.example.com/vllm/vllm-openai:latest@sha256:${"a".repeat(64)}`;
const waiver = {
  id: "WVR-2026-001",
  rule: "image-no-latest-tag",
  resource: "Deployment/summary-deployment",
  kind: "accepted-risk",
  reason: "the registry of this site has no other tag yet",
  owner: "serving team",
  approvedBy: "security team",
  ticket: "https://tickets.example.com/1",
};

beforeAll(() => {
  checkout = new Checkout();
  // Violations that are open, and one that is waived: a stack without any would agree with everything.
  const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  checkout.write(
    "stacks/red.yaml",
    `extends: local.yaml\nclusters: { laptop: { context: modelyard-red } }\nimages: { vllm: "${image}" }\n`,
  );
  checkout.write(
    "policies/environments/red.yaml",
    JSON.stringify({ stage: "production", waivers: [{ ...waiver, created: day(-1), expires: day(30) }] }),
  );
  environments.push(...environmentNames(checkout.folder));
});

afterAll(async () => {
  for (const environment of environments) await checkout.modelyard("destroy", environment, "--simulate");
  checkout.remove();
});

interface Finding {
  readonly rule: string;
  readonly level: string;
  readonly state: string;
  readonly resource?: string;
}

/** What `check` finds, as CrossGuard would name it: what is not open is reported by one policy of its own. */
async function checked(environment: string): Promise<readonly string[]> {
  const { stdout } = await checkout.modelyard("check", environment, "--format", "json");
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return findings
    .flatMap(({ rule, level, state, resource }) => {
      if (resource === undefined) return [];
      const [, , types = "", name = ""] = resource.split("::");
      const said =
        state === "open" ? `${level === "error" ? "mandatory" : "advisory"} ${rule}` : "advisory review-notes";
      return [`${said} ${types.split("$").at(-1) ?? ""} ${name}`];
    })
    .sort();
}

/** What CrossGuard reports in a preview by the real Pulumi. */
async function previewed(environment: string): Promise<readonly string[]> {
  const { stderr } = await checkout.modelyard("preview", environment, "--simulate");
  const lines = [...stderr.matchAll(/^ {2}(mandatory|advisory) {2}(\S+) {2}(\S+) (\S+)$/gm)];
  return lines.map(([, level = "", rule = "", type = "", name = ""]) => `${level} ${rule} ${type} ${name}`).sort();
}

test("check and CrossGuard agree finding by finding on every stack", async () => {
  expect(environments).toContain("red");
  for (const environment of environments)
    expect([environment, await previewed(environment)]).toEqual([environment, await checked(environment)]);
  expect(await checked("red")).toEqual([
    "advisory review-notes kubernetes:apps/v1:Deployment summary-deployment",
    "mandatory image-no-latest-tag kubernetes:apps/v1:Deployment chat-deployment",
  ]);
});
