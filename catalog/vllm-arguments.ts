/** Words after `vllm serve`, read as its parser reads them: vllm/utils/argparse_utils.py (0.31.0) over Python's argparse. */
import { vllmFlags, vllmSpellings, type VllmFlag } from "./engine-flags";

/** One argument with its values. */
export interface VllmArgument {
  /** As it is written, without a value. */
  readonly written: string;
  /** Where it stands among the words. */
  readonly index: number;
  readonly meaning: Meaning;
  /** Keys of a JSON flag that are written after dots. */
  readonly keys: readonly string[];
  /** What stands behind its `=`, or in the words after it. */
  readonly values: readonly string[];
  /** Whether its value stands behind a `=`. */
  readonly joined: boolean;
}

export type Meaning =
  /** `short`: only the beginning of the name is written, which the parser takes where no other flag begins so. */
  | { readonly kind: "flag"; readonly flag: VllmFlag; readonly negated: boolean; readonly short: boolean }
  /** The beginning of several flags. */
  | { readonly kind: "ambiguous"; readonly flags: readonly string[] }
  | { readonly kind: "unknown" }
  /** A word that is no flag, and no flag's value. */
  | { readonly kind: "stray" };

interface Head {
  readonly name: string;
  readonly keys: readonly string[];
  readonly value: string | undefined;
}

/**
 * The arguments that words make, in their order.
 *
 * @param version one whose wheel was read; for another all are unknown
 */
export function readVllmArguments(version: string, words: readonly string[]): readonly VllmArgument[] {
  const found: VllmArgument[] = [];
  let index = 0;
  while (index < words.length) {
    const argument = argumentAt(version, words, index);
    found.push(argument);
    index += 1 + (argument.joined ? 0 : argument.values.length);
  }
  return found;
}

function argumentAt(version: string, words: readonly string[], index: number): VllmArgument {
  const written = words[index] ?? "";
  const head = headOf(written);
  if (head === undefined) return { written, index, meaning: { kind: "stray" }, keys: [], values: [], joined: false };
  const meaning = meaningOf(version, head.name);
  const { keys, value } = head;
  if (value !== undefined) return { written: head.name, index, meaning, keys, values: [value], joined: true };
  const following = words.slice(index + 1);
  const end = following.findIndex(isFlagWord);
  const free = end === -1 ? following : following.slice(0, end);
  const values = free.slice(0, valuesTaken(meaning, keys, free.length));
  return { written: head.name, index, meaning, keys, values, joined: false };
}

/** Numbers below zero are values: the parser has no flags that look like them. */
function isFlagWord(word: string): boolean {
  return /^-/.test(word) && !/^-\d+(\.\d*)?$|^-\.\d+$|^-$/.test(word) && !/\s/.test(word.split("=", 1)[0] ?? "");
}

/** A flag's name with dashes, the keys behind it and what stands behind `=`; undefined for a word that is no flag. */
function headOf(word: string): Head | undefined {
  if (!isFlagWord(word)) return undefined;
  // `-O3` and `-O=3` are written together.
  const level = /^-O=?(.+)$/.exec(word);
  if (level !== null) return { name: "-O", keys: [], value: level[1] };
  const [, left = word, value] = /^([^=]*)=([^]*)$/.exec(word) ?? [];
  const [name = "", ...keys] = left.split(".");
  const dashed = name.startsWith("--") ? `--${name.slice(2).replaceAll("_", "-")}` : name;
  // `key+` adds to a list.
  return { name: dashed, keys: keys.map((key) => key.replace(/\+$/, "")), value };
}

function meaningOf(version: string, name: string): Meaning {
  if (name === "-O") return named(vllmFlags(version)?.get("--optimization-level"), name, false);
  const spellings = vllmSpellings(version);
  const exact = spellings.get(name);
  if (exact !== undefined) return named(exact, name, false);
  const begun = [...spellings].filter(([spelling]) => name.length > 1 && spelling.startsWith(name));
  const [only] = begun;
  if (only === undefined) return { kind: "unknown" };
  if (new Set(begun.map(([, flag]) => flag)).size === 1) return named(only[1], only[0], true);
  return { kind: "ambiguous", flags: begun.map(([spelling]) => spelling) };
}

function named(flag: VllmFlag | undefined, spelling: string, short: boolean): Meaning {
  if (flag === undefined) return { kind: "unknown" };
  const negated = flag.type === "switch" && spelling !== flag.name && spelling.startsWith("--no-");
  return { kind: "flag", flag, negated, short };
}

/** How many of the words that follow a flag are its values. What is unknown takes one, so that it is not stray. */
function valuesTaken(meaning: Meaning, keys: readonly string[], free: number): number {
  if (meaning.kind === "stray") return 0;
  if (meaning.kind !== "flag" || keys.length > 0) return Math.min(1, free);
  if (meaning.flag.type === "switch") return 0;
  return meaning.flag.type === "list" ? free : Math.min(1, free);
}

/** What is wrong with an argument's values, going on after its name; undefined where nothing is. */
export function wrongValue({ meaning, keys, values, joined }: VllmArgument): string | undefined {
  if (meaning.kind !== "flag") return undefined;
  const { flag } = meaning;
  const [value] = values;
  if (flag.type === "switch") return joined ? "is a switch and takes no value" : undefined;
  if (value === undefined || value === "") return "has no value";
  if (keys.length > 0) return flag.type === "json" || flag.type === "text" ? undefined : "has no keys";
  return values.map((each) => wrongWord(flag, each)).find((wrong) => wrong !== undefined);
}

const whole = /^-?\d+$/;
const sizes = /^(-?\d+|\d+(\.\d+)?[kmgt]|\d+[KMGT]|auto)$/;

function wrongWord({ type, choices }: VllmFlag, value: string): string | undefined {
  switch (type) {
    case "integer":
      return whole.test(value) ? undefined : `is a whole number, not ${JSON.stringify(value)}`;
    case "size":
      return sizes.test(value) ? undefined : `is a whole number such as 4096 or 4k, not ${JSON.stringify(value)}`;
    case "number":
      return value.trim() !== "" && Number.isFinite(Number(value))
        ? undefined
        : `is a number, not ${JSON.stringify(value)}`;
    case "choice":
      return choices.map(String).includes(value) ? undefined : `is one of ${choices.join(", ")}, not ${value}`;
    case "json":
      return isJsonObject(value) ? undefined : `is an object of JSON, not ${JSON.stringify(value)}`;
    case "switch":
    case "text":
    case "list":
      return undefined;
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
