import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Checkout, simulationOf } from "./checkout";

let checkout: Checkout;
let local: string;

beforeAll(() => {
  checkout = new Checkout();
  local = readFileSync(join(checkout.folder, "stacks/local.yaml"), "utf8");
  checkout.write("policies/environments/bad.yaml", "stage: development\n");
});
afterAll(() => {
  checkout.remove();
});

const replace = (from: string, to: string) => (): string => {
  expect(local).toContain(from);
  return local.replace(from, to);
};

test.each<[what: string, content: () => string | Uint8Array, said: RegExp]>([
  [
    "an unknown key",
    replace("replicas: 2", "replica: 2"),
    /^stacks\/bad\.yaml:\d+:5: unknown key "replica" in releases\.chat\n {4}Did you mean "replicas"\?/m,
  ],
  ["a wrong unit", replace("256GiB", "256Gi"), /^stacks\/bad\.yaml:\d+:\d+: pools\.l40s\.machine\.memory is "256Gi"/m],
  [
    "a missing pool",
    replace("pool: l40s", "pool: l40"),
    /^stacks\/bad\.yaml:\d+:\d+: releases\.chat\.pool names the pool "l40".*\n {4}Did you mean "l40s"\?/m,
  ],
  [
    "an unknown GPU",
    replace("accelerator: L40S", "accelerator: L40SS"),
    /^stacks\/bad\.yaml:\d+:\d+: pools\.l40s\.accelerator is "L40SS"\n {4}Did you mean "L40S"\?/m,
  ],
  [
    "two releases with one name",
    replace("  summary:", "  chat:"),
    /^stacks\/bad\.yaml:\d+:3: this key is written twice in one map/m,
  ],
  [
    "a circle of extends",
    replace("extends: base.yaml", "extends: bad.yaml"),
    /^stacks\/bad\.yaml:\d+:\d+: `extends` goes in a circle/m,
  ],
  ["a tab", replace("    cluster:", "\tcluster:"), /^stacks\/bad\.yaml:\d+:1: a tab is used for indentation/m],
  [
    "a duplicate key",
    replace("extends: base.yaml", "extends: base.yaml\nextends: base.yaml"),
    /^stacks\/bad\.yaml:\d+:1: this key is written twice/m,
  ],
  ["an empty file", () => "", /^stacks\/bad\.yaml:1:1: the file is empty/m],
  ["ten megabytes", () => "# ".repeat(5 * 1024 * 1024), /^stacks\/bad\.yaml:1:1: the file has 10485760 bytes/m],
  [
    "a binary file",
    () => new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x02, 0x80, 0xff]),
    /^stacks\/bad\.yaml:1:1: the file is not UTF-8 text/m,
  ],
  [
    "a bomb of aliases",
    () => "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]\n",
    /^stacks\/bad\.yaml:2:\d+: aliases are not used/m,
  ],
  [
    "text that is not UTF-8",
    () => Buffer.from("clusters: { caf\u00e9: {} }\n", "latin1"),
    /^stacks\/bad\.yaml:1:1: the file is not UTF-8 text/m,
  ],
])("%s ends with 2, a place, no stack trace, and nothing changed", async (_, content, said) => {
  writeFileSync(join(checkout.folder, "stacks/bad.yaml"), content());
  await expectRefusal("bad", said);
});

test("a directory in place of the file", async () => {
  rmSync(join(checkout.folder, "stacks/bad.yaml"));
  mkdirSync(join(checkout.folder, "stacks/bad.yaml"));
  await expectRefusal("bad", /^stacks\/bad\.yaml:1:1: this is a directory, not a file/m);
  rmSync(join(checkout.folder, "stacks/bad.yaml"), { recursive: true });
});

test("an environment that does not exist", async () => {
  await expectRefusal(
    "locla",
    /^stacks\/locla\.yaml:1:1: there is no environment "locla"\n {4}Did you mean "local"\?/m,
  );
});

async function expectRefusal(environment: string, said: RegExp): Promise<void> {
  const { code, stdout, stderr } = await checkout.modelyard("up", environment, "--simulate");
  expect(stderr).toMatch(said);
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at .*\(?.*:\d+:\d+\)?$/m);
  expect(stdout).toBe("");
  expect(code).toBe(2);
  expect(existsSync(simulationOf(checkout, environment))).toBe(false);
}
