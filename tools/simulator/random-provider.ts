import fs from "node:fs";
import path from "node:path";
import type { CheckResult, CreateResult, DiffResult, Provider } from "@pulumi/pulumi/provider";
import { z } from "zod";
import { makePassword, passwordProblems, type PasswordSettings } from "./random-password";

/** The version of `@pulumi/random` whose provider this stands in for. */
export const randomVersion = "4.21.2";

const passwordType = "random:index/randomPassword:RandomPassword";

/** How Pulumi's protocol marks a value that is not known before an update, and one that is secret. */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const Secret = z.object({ [signature]: z.literal(secretSignature), value: z.unknown() });

function secret(value: string): z.infer<typeof Secret> {
  return { [signature]: secretSignature, value };
}

/** The value itself, all the way down, where it or something in it is marked as secret. */
function revealed(value: unknown): unknown {
  const marked = Secret.safeParse(value);
  if (marked.success) return revealed(marked.data.value);
  if (Array.isArray(value)) return value.map(revealed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each)]));
}

/** A value, or the mark that it is not known yet. */
const known = <T extends z.ZodType>(type: T, what: string) =>
  z.union([z.literal(unknownValue), type], { error: `must be ${what}` }).nullish();
const number = known(z.number(), "a number");
const flag = known(z.boolean(), "true or false");

const Inputs = z.object({
  length: number,
  lower: flag,
  upper: flag,
  numeric: flag,
  number: flag,
  special: flag,
  minLower: number,
  minUpper: number,
  minNumeric: number,
  minSpecial: number,
  overrideSpecial: known(z.string(), "a text"),
  keepers: known(z.record(z.string(), z.unknown()), "a map"),
});
type Inputs = z.infer<typeof Inputs>;

/** With the real provider's defaults; `number` is the old name of `numeric`. */
function withDefaults(inputs: Inputs) {
  const numeric = inputs.numeric ?? inputs.number ?? true;
  return {
    length: inputs.length,
    lower: inputs.lower ?? true,
    upper: inputs.upper ?? true,
    numeric,
    number: numeric,
    special: inputs.special ?? true,
    minLower: inputs.minLower ?? 0,
    minUpper: inputs.minUpper ?? 0,
    minNumeric: inputs.minNumeric ?? 0,
    minSpecial: inputs.minSpecial ?? 0,
    overrideSpecial: inputs.overrideSpecial ?? "",
  };
}

const Settings: z.ZodType<PasswordSettings> = z.object({
  length: z.number(),
  lower: z.boolean(),
  upper: z.boolean(),
  numeric: z.boolean(),
  special: z.boolean(),
  minLower: z.number(),
  minUpper: z.number(),
  minNumeric: z.number(),
  minSpecial: z.number(),
  overrideSpecial: z.string(),
});

/**
 * A stand-in for Pulumi's provider `random`, for simulated clusters only and only where the real one cannot
 * be had. It makes RandomPassword as the real one does, with all its inputs, each of which replaces the
 * password when it changes; everything else of the package is refused.
 *
 * What it does not do: `bcryptHash` stays unset, because Node has no bcrypt; importing a password.
 *
 * In a preview `create` is not called: the provider helper does not offer that, and the engine then leaves
 * what is to be made unknown.
 */
export const randomProvider: Provider = {
  version: randomVersion,
  check: (urn: string, _olds: unknown, news: unknown) => Promise.resolve(check(urn, news)),
  diff: (_id: string, _urn: string, olds: unknown, news: unknown) => Promise.resolve(diff(olds, news)),
  create: (_urn: string, inputs: unknown) => Promise.resolve(create(inputs)),
};

function check(urn: string, news: unknown): CheckResult {
  const problem = typeProblem(urn);
  if (problem !== undefined) return { inputs: news, failures: [{ property: "", reason: problem }] };
  const inputs = Inputs.safeParse(revealed(news));
  if (inputs.success) return { inputs: news, failures: problemsOf(inputs.data) };
  const failures = inputs.error.issues.map((issue) => ({ property: issue.path.join("."), reason: issue.message }));
  return { inputs: news, failures };
}

function diff(olds: unknown, news: unknown): DiffResult {
  const before = comparable(olds);
  const after = comparable(news);
  const replaces = [...after.keys()].filter((key) => before.get(key) !== after.get(key));
  return { changes: replaces.length > 0, replaces };
}

function create(inputs: unknown): CreateResult {
  const { overrideSpecial, ...settings } = withDefaults(Inputs.parse(revealed(inputs)));
  const result = makePassword(Settings.parse({ ...settings, overrideSpecial }));
  // The real provider's id of every password: the value must not be in it.
  return { id: "none", outs: { ...settings, ...given(inputs), result: secret(result) } };
}

/** Inputs as they were given, secrets still marked. */
function given(inputs: unknown): object {
  return typeof inputs === "object" && inputs !== null ? inputs : {};
}

function typeProblem(urn: string): string | undefined {
  const type = urn.split("::")[2]?.split("$").pop() ?? urn;
  if (type === passwordType) return undefined;
  return `the simulator's stand-in for the provider random makes ${passwordType} only, not ${type}; install the real provider with: pulumi plugin install resource random ${randomVersion}`;
}

function problemsOf(inputs: Inputs): { property: string; reason: string }[] {
  if (inputs.length === undefined || inputs.length === null) return [{ property: "length", reason: "is required" }];
  if (typeof inputs.number === "boolean" && typeof inputs.numeric === "boolean" && inputs.number !== inputs.numeric) {
    return [{ property: "number", reason: "is the old name of numeric, and the two differ: remove number" }];
  }
  // What is unknown in a preview is checked in the update.
  const settings = Settings.safeParse(withDefaults(inputs));
  return settings.success ? [...passwordProblems(settings.data)] : [];
}

/** Every input as text, so that old and new can be compared; an unknown one equals nothing. */
function comparable(properties: unknown): ReadonlyMap<string, string> {
  const inputs = Inputs.parse(revealed(properties));
  const entries = Object.entries({ ...withDefaults(inputs), keepers: sorted(inputs.keepers ?? {}) });
  return new Map(entries.map(([key, value]) => [key, JSON.stringify(value)]));
}

function sorted(keepers: NonNullable<Inputs["keepers"]>): unknown {
  if (typeof keepers === "string") return keepers;
  return Object.entries(keepers).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Makes `folder` hold the plugin as the engine looks for it: an executable `pulumi-resource-random`. */
export function writeRandomProvider(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  const loader = path.join(__dirname, "..", "run", "typescript.cjs");
  const main = path.join(__dirname, "random-provider-main.ts");
  const command = [process.execPath, "--require", loader, main].map(quoted).join(" ");
  const file = path.join(folder, "pulumi-resource-random");
  // The real provider may stand here as a link: writing would go through it.
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
