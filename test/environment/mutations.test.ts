import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import {
  EnvironmentError,
  environmentNames,
  loadEnvironment,
  type LoadedEnvironment,
  type Problem,
} from "../../environment";
import { planEnvironment } from "../../planning";
import { placed } from "../../stacks/read-plan";
import { today } from "../harness/environments";
import { inFolderWith } from "../harness/folder";
import { everything, filesOfEverything } from "./everything";

const root = join(__dirname, "../..");
const base = readFileSync(join(root, "stacks/base.yaml"), "utf8");
const stacks = environmentNames(root).map((name) => readFileSync(join(root, "stacks", `${name}.yaml`), "utf8"));

/** Values that people and programs put where others belong. */
const strange = fc.oneof(
  fc.constantFrom(
    null,
    true,
    "",
    " ",
    "0",
    "-1",
    "NaN",
    "1e999",
    "~",
    "${HOME}",
    "../../etc/passwd",
    "__proto__",
    "constructor",
    "\u202e",
    "💥",
    "a".repeat(5000),
  ),
  fc.constantFrom(0, -1, 1e308, -0.5, 0.1 + 0.2, Number.MAX_SAFE_INTEGER, 2 ** 31),
  fc.constantFrom<unknown>([], {}, [[]], { a: { b: { c: {} } } }, ["x", 1, null], { "": "" }, { __proto__: 1 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.double(),
);

type Tree = Record<string, unknown>;

/** Every map and list inside a value, itself included. */
function containers(value: unknown): readonly Tree[] {
  if (typeof value !== "object" || value === null) return [];
  return [value as Tree, ...Object.values(value).flatMap(containers)];
}

/** One change to the structure of an environment: a key removed, renamed, moved, copied, or its value replaced. */
const mutation = fc.record({
  kind: fc.constantFrom("remove", "rename", "replace", "copy", "swap"),
  where: fc.nat(),
  key: fc.nat(),
  other: fc.nat(),
  name: fc.oneof(
    fc.constantFrom("extends", "overrides", "pools", "toString", "hasOwnProperty", "x"),
    fc.constantFrom("instance", "instances", "machine", "region", "purchase", "config", "layers", "targets", "slo"),
    fc.string({ maxLength: 8 }),
  ),
  value: strange,
});

function mutate(
  tree: unknown,
  {
    kind,
    where,
    key,
    other,
    name,
    value,
  }: { kind: string; where: number; key: number; other: number; name: string; value: unknown },
): void {
  const all = containers(tree);
  const target = all[where % all.length];
  const source = all[other % all.length];
  const keys = Object.keys(target ?? {});
  const at = keys[key % keys.length];
  if (target === undefined || at === undefined) return;
  const old = target[at];
  if (kind === "remove") Reflect.deleteProperty(target, at);
  if (kind === "rename") {
    Reflect.deleteProperty(target, at);
    target[name] = old;
  }
  if (kind === "replace") target[at] = value;
  if (kind === "copy") target[at] = structuredClone(source);
  if (kind === "swap" && source !== undefined && source !== target)
    target[at] = structuredClone(source[Object.keys(source)[0] ?? ""]);
}

/** One change to the text: a piece cut out, or something put in. */
const edit = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 40 }),
  insert: fc.oneof(
    fc.constantFrom(
      "\t",
      "\n",
      "{",
      "}",
      "[",
      ":",
      "- ",
      "&a ",
      "*a",
      "!!js/function ",
      "\u0000",
      "%",
      "---\n",
      "<<: ",
    ),
    fc.string({ maxLength: 5 }),
  ),
});

const review = { "policies/environments/test.yaml": "stage: staging\n" };

/** Loads, goes on with what was loaded, and hands back every refusal; anything but a refusal is thrown on. */
function refusedBy(text: string, then: (loaded: LoadedEnvironment) => readonly Problem[]): readonly Problem[] {
  const files = { ...filesOfEverything, ...review, "stacks/test.yaml": text, "stacks/base.yaml": base };
  return inFolderWith(files, (folder) => {
    try {
      return then(loadEnvironment(folder, "test"));
    } catch (error) {
      if (error instanceof EnvironmentError) return error.problems;
      throw error;
    }
  });
}

/** What the loader refuses, and what planning finds. */
function refusals(text: string): readonly Problem[] {
  return refusedBy(text, found);
}

function found(loaded: LoadedEnvironment): readonly Problem[] {
  return planEnvironment(loaded.environment, today).findings.map((finding) => placed(finding, loaded));
}

function expectPlaces(refused: readonly Problem[]): void {
  for (const { place, message, fix } of refused) {
    expect(place.file).toMatch(/^(stacks|policies\/environments)\/[\w-]+\.yaml$/);
    expect(place.line).toBeGreaterThanOrEqual(1);
    expect(place.column).toBeGreaterThanOrEqual(1);
    expect(message).not.toMatch(/undefined|\[object|TypeError| {4}at /);
    expect(message.length).toBeLessThan(1000);
    expect(fix.length).toBeGreaterThan(3);
  }
}

/** Half of each by default; `MODELYARD_MUTATIONS` for more. */
const numRuns = Number(process.env["MODELYARD_MUTATIONS"] ?? 1000) / 2;
/** Nothing hangs: five seconds for any one of them would be too long, and all of them take a few milliseconds each. */
const timeout = 20_000 + numRuns * 20;

test("whatever is changed in the structure of an environment, it is read or refused with a place", { timeout }, () => {
  fc.assert(
    fc.property(fc.constantFrom(...stacks), fc.array(mutation, { minLength: 1, maxLength: 4 }), (stack, mutations) => {
      const tree: unknown = parse(stack);
      for (const each of mutations) mutate(tree, each);
      expectPlaces(refusals(stringify(tree, { aliasDuplicateObjects: false })));
    }),
    { numRuns },
  );
});

test(
  "whatever is changed in an environment with every setting, the loader reads it or refuses it with a place",
  { timeout },
  () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const tree: unknown = structuredClone(everything);
        for (const each of mutations) mutate(tree, each);
        const refused = refusedBy(stringify(tree, { aliasDuplicateObjects: false }), (loaded) => {
          read += 1;
          return found(loaded);
        });
        expectPlaces(refused);
      }),
      { numRuns: numRuns / 2 },
    );
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(numRuns / 2);
  },
);

test("whatever is changed in its text, it is read or refused with a place", { timeout }, () => {
  fc.assert(
    fc.property(fc.constantFrom(...stacks), fc.array(edit, { minLength: 1, maxLength: 4 }), (stack, edits) => {
      const edited = edits.reduce(
        (text, { at, length, insert }) =>
          text.slice(0, at % text.length) + insert + text.slice((at % text.length) + length),
        stack,
      );
      expectPlaces(refusals(edited));
    }),
    { numRuns },
  );
});

test("the mutations reach both ends: some are refused by the loader, some by planning", () => {
  expect(refusals(stacks[0]?.replace("pools:", "pool:") ?? "").length).toBeGreaterThan(0);
  expect(
    refusals(stacks[0]?.replace("context: 8192", "context: 40961") ?? "").some(({ message }) =>
      message.includes("context-too-long"),
    ),
  ).toBe(true);
});
