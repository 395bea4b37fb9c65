import type { z } from "zod";
import type { Merged } from "./chain";
import type { Path } from "./file";
import type { Problem } from "./problem";
import { suggestion } from "../catalog/suggest";

type Issue = z.core.$ZodIssue;

/** Carries the keys that a map may have from the schema to the explanation, in the message that zod passes on. */
export const knownKeys = {
  write: (keys: readonly string[]): string => keys.join(","),
  read: (message: string): readonly string[] => message.split(","),
};

/** Carries what is wrong and what to do from a check of the schema to the explanation, likewise. */
export const statement = {
  /** @param what - goes on after the setting's path: "cannot stand beside `instance`" */
  write: (what: string, fix: string): string => `${what}\n${fix}`,
  read: (message: string): { readonly what: string; readonly fix: string } | undefined => {
    const [what = "", fix] = message.split("\n");
    return fix === undefined ? undefined : { what, fix };
  },
};

/** The schema's findings in words, each with its place: what was expected, and what to write instead. */
export function explainIssues(issues: readonly Issue[], merged: Merged): readonly Problem[] {
  return issues.flatMap((issue) => explainIssue(issue, [], merged));
}

function explainIssue(issue: Issue, prefix: Path, merged: Merged): readonly Problem[] {
  const path: Path = [...prefix, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
  const at = pathText(path);
  const written = valueAt(merged.value, path);
  const problem = (message: string, fix: string, part: "key" | "value" = "value"): readonly Problem[] => [
    { place: merged.locate(path, part), message, fix },
  ];

  switch (issue.code) {
    case "custom": {
      const said = statement.read(issue.message);
      if (said !== undefined) return problem(`${at} ${said.what}`, said.fix, "key");
      return written === undefined
        ? problem(`${at} is missing`, `${sentence(issue.message)}.`)
        : problem(`${at} is ${shown(written)}`, `${sentence(issue.message)}.`);
    }
    case "invalid_format":
    case "invalid_element":
    case "not_multiple_of":
      return problem(`${at} is ${shown(written)}`, `${sentence(issue.message)}.`);
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        place: merged.locate([...path, key], "key"),
        message: `unknown key ${JSON.stringify(key)} in ${at}`,
        fix: suggestion(key, knownKeys.read(issue.message)),
      }));
    case "invalid_key":
      return problem(
        `${JSON.stringify(path.at(-1))} is not usable here: ${issue.issues.map((inner) => inner.message).join("; ")}`,
        "Choose another name.",
        "key",
      );
    case "invalid_value":
      return problem(`${at} is ${shown(written)}`, whatToWrite(written, issue.values));
    case "invalid_union":
      return explainUnion(issue, path, merged);
    case "invalid_type":
      if (written === undefined) return problem(`${at} is missing`, `Expected: ${expectation(issue)}.`);
      return problem(`${at} is ${shown(written)}`, `Expected: ${expectation(issue)}.`);
    case "too_small":
      if (issue.origin === "array") return problem(`${at} has too few items`, `The least is ${issue.minimum}.`);
      if (issue.origin === "string")
        return problem(`${at} is ${shown(written)}, which is too short`, `${sentence(issue.message)}.`);
      return problem(`${at} is ${shown(written)}, which is too small`, `The least is ${issue.minimum}.`);
    case "too_big":
      return problem(`${at} is ${shown(written)}, which is too large`, `The most is ${issue.maximum}.`);
  }
}

/** Numbers are not misspelt: of those, all that there are. */
function whatToWrite(written: unknown, values: readonly unknown[]): string {
  const known = values.map(String);
  if (typeof written === "number") return `Known are: ${known.join(", ")}.`;
  return suggestion(typeof written === "string" ? written : shown(written), known);
}

/** Of a union's branches that are for such a value at all, the one that finds it least strange was meant. */
function explainUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: Path,
  merged: Merged,
): readonly Problem[] {
  const written = valueAt(merged.value, path);
  if (issue.discriminator !== undefined) {
    const tagPath = path.at(-1) === issue.discriminator ? path : [...path, issue.discriminator];
    const tag = valueAt(merged.value, tagPath);
    const options = "options" in issue ? (issue.options ?? []).map(String) : [];
    const place = merged.locate(tagPath);
    if (tag === undefined)
      return [{ place, message: `${pathText(tagPath)} is missing`, fix: `Expected: ${options.join(" or ")}.` }];
    return [
      {
        place,
        message: `${pathText(tagPath)} is ${shown(tag)}`,
        fix: suggestion(typeof tag === "string" ? tag : shown(tag), options),
      },
    ];
  }
  const branches = issue.errors.filter((branch) => branch.length > 0);
  const meant = branches.filter((branch) => !branch.some(rejectsKind)).toSorted(byStrangeness)[0];
  if (meant !== undefined) return meant.flatMap((inner) => explainIssue(inner, path, merged));
  const choices = branches.flatMap((branch) => branch.filter(rejectsKind).map(choice));
  return [
    {
      place: merged.locate(path),
      message: `${pathText(path)} is ${shown(written)}`,
      fix: `Expected: ${[...new Set(choices)].join(", or ")}.`,
    },
  ];
}

/** Whether a branch of a union is for another kind of value altogether: a number where a map was written. */
function rejectsKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

/** Fewer keys that the branch does not have, then fewer problems. */
function byStrangeness(a: readonly Issue[], b: readonly Issue[]): number {
  const strange = (branch: readonly Issue[]): number =>
    branch.reduce((total, issue) => total + (issue.code === "unrecognized_keys" ? issue.keys.length : 0), 0);
  return strange(a) - strange(b) || a.length - b.length;
}

function choice(issue: Issue): string {
  if (issue.code === "invalid_value") return issue.values.map(String).join(", ");
  return issue.code === "invalid_type" ? expectation(issue) : issue.message;
}

function expectation(issue: Extract<Issue, { code: "invalid_type" }>): string {
  const words: Readonly<Record<string, string>> = {
    record: "a map of names",
    object: "a map of settings",
    int: "a whole number",
    array: "a list",
    string: "text",
  };
  if (issue.message.startsWith("expected ")) return issue.message.slice("expected ".length);
  if (issue.message.includes("has no unit")) return issue.message;
  return words[issue.expected] ?? `a ${issue.expected}`;
}

/** `releases.chat.pool`, as people write it. */
export function pathText(path: Path): string {
  return path.length === 0 ? "the environment" : path.map(String).join(".");
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The value at a path inside a value; undefined when there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((current, step) => {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    const found: unknown = Reflect.get(current, step);
    return found;
  }, value);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, "");
}
