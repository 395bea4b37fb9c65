import { describe, expect, test } from "vitest";
import { modelyard } from "../../harness/modelyard";

describe("a command line that cannot be understood ends with 2 and says how it is meant", () => {
  test.each<[args: readonly string[], said: string]>([
    [["pln", "local"], 'Did you mean "plan"?'],
    [["constructor"], 'there is no command "constructor"'],
    [["plan"], "plan needs the name of an environment.\n    npx modelyard plan <environment>"],
    [["plan", "local", "prod"], 'plan takes one environment; "prod" is too much.'],
    [["plan", "local", "--fromat", "json"], "Unknown option '--fromat'"],
    [
      ["plan", "local", "--format", "xml"],
      '--format is one of table, json, markdown, html, sarif, junit, manifests, not "xml".',
    ],
    [["check", "local", "--format", "htm"], 'not "htm". Did you mean "html"?'],
    [["check", "local", "--format", "manifests"], "--format is one of table, json, markdown, html, sarif, junit, not"],
    [["plan", "locl"], 'Did you mean "local"?'],
    [["destroy", "prod"], "say so with --yes"],
  ])("%j", async (args, said) => {
    const { code, out, err } = await modelyard(...args);
    expect(err).toContain(said);
    expect(err).not.toMatch(/^\s+at /m);
    expect(out).toBe("");
    expect(code).toBe(2);
  });
});

test("help lists every command and ends with 0; no command at all is a mistake", async () => {
  const help = await modelyard("help");
  expect(help.code).toBe(0);
  for (const command of ["plan", "preview", "up", "destroy"])
    expect(help.out).toMatch(new RegExp(`^ {2}${command} <environment>`, "m"));
  expect(await modelyard()).toEqual({ ...help, code: 2 });
  expect((await modelyard("up", "--help")).out).toContain("npx modelyard up <environment> [--simulate]");
});

test("a plan is a table for people and versioned JSON for programs", async () => {
  const table = await modelyard("plan", "local");
  expect(table.code).toBe(0);
  expect(table.out).toContain("local: development, cluster context modelyard-local");
  expect(table.out).toMatch(/chat +Qwen\/Qwen3-8B +l40s +1 × L40S, bf16 +2 +16,384/);
  expect(table.out).toMatch(/\$7\.44\/h, \$5,431\.20 a month: \$5\.58\/h in releases, \$1\.86\/h idle/);

  const json = await modelyard("plan", "local", "--format", "json");
  const parsed = JSON.parse(json.out) as {
    formatVersion: number;
    plan: { releases: Record<string, { usdPerHour: number }>; why: object };
  };
  expect(parsed.formatVersion).toBe(2);
  expect(parsed.plan.releases["chat"]?.usdPerHour).toBeCloseTo(3.72);
  expect(parsed.plan.why).toHaveProperty(["releases.chat.memory.kvGiB", "formula"], "budget − weights − overhead");
});
