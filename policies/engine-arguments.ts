import { posix } from "node:path";
import { scriptFileOf, type Argument, type Command } from "./command-line";
import { parseImage } from "./image";
import { field, text } from "./read";
import { unseen } from "./shell";
import { isOff } from "./variables";

/** One flag of a command line. */
export interface Flag {
  /** Without its dashes and with `-` for `_`: `hf-overrides`. */
  readonly name: string;
  /** What follows in dots: `["trust-remote-code"]` of `--hf-overrides.trust_remote_code`. */
  readonly keys: readonly string[];
  /** What stands behind its `=`. */
  readonly value?: string;
  /** The next word. Only the engine knows whether that is the flag's value. */
  readonly next?: string;
  readonly at: string;
}

/** The flags of a command, in their order; one that is repeated is there several times. */
export function flagsOf(command: Command): readonly Flag[] {
  return command.flatMap((argument, index) => {
    const [, name, keys, value] = /^--?([^-=.\s][^=.\s]*)(\.[^=]*)?(?:=([^]*))?$/.exec(argument.text) ?? [];
    if (name === undefined) return [];
    const next = command[index + 1]?.text;
    const flag: Flag = { name: dashed(name), keys: (keys ?? "").split(".").slice(1).map(dashed), at: argument.at };
    return [{ ...flag, ...(value === undefined ? {} : { value }), ...(next === undefined ? {} : { next }) }];
  });
}

/** The engine takes `_` for `-` in names, and `key+` to add to a list. */
function dashed(name: string): string {
  return name.replaceAll("_", "-").replace(/\+$/, "");
}

/** A flag by its name, and the shortest beginning of it that means no other flag: the engine takes any of them. */
export interface FlagName {
  readonly name: string;
  readonly shortest: string;
}

export function isFlag(flag: Flag, { name, shortest }: FlagName): boolean {
  return name.startsWith(flag.name) && flag.name.length >= shortest.length;
}

/** Whether a switch is turned on: it needs no value, and a word after it is none. */
export function turnsOn(flag: Flag, name: FlagName): boolean {
  return isFlag(flag, name) && flag.keys.length === 0 && (flag.value === undefined || !isOff(flag.value));
}

/**
 * Whether a flag of JSON sets a key to something other than no, at any depth, as text or in dots:
 * `--hf-overrides '{"a": {"key": true}}'`, `--hf-overrides.a.key true`.
 */
export function setsKey({ keys, value, next }: Flag, key: string): boolean {
  const given = value ?? next;
  if (keys.at(-1) === key) return given === undefined || !isOff(given);
  return given !== undefined && jsonSets(parsed(given), key);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function jsonSets(value: unknown, key: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([name, inner]) => (dashed(name) === key && !isOff(String(inner))) || jsonSets(inner, key),
  );
}

/** Repositories whose images start an engine. */
const engineRepository = /(^|[-_./])(vllm|sglang|text-generation-inference)/;
const engineModule = /\b(vllm\.entrypoints|sglang\.launch_server)/;
const enginePrograms: ReadonlySet<string> = new Set(["vllm", "sglang", "text-generation-launcher"]);

/** Whether the image of a container is an engine's. */
export function isEngineImage(container: unknown): boolean {
  const image = text(field(container, "image"));
  return image !== undefined && engineRepository.test(parseImage(image).repository);
}

/** Whether a command starts an engine by its name. */
export function startsEngine(command: Command): boolean {
  return command.some(({ text }) => enginePrograms.has(posix.basename(text)) || engineModule.test(text));
}

/** Whether a command is what the entry point of the container's image gets, because the container names no program. */
export function isForEntryPoint(container: unknown, command: Command): boolean {
  return (field(container, "command") ?? undefined) === undefined && command[0]?.at === "args[0]";
}

/**
 * The words of an engine's command of which no review can say that they are no flags: a file of settings, text from a
 * ConfigMap or Secret where a flag may stand, a script that starts the engine.
 */
export function hiddenSettings(container: unknown, command: Command): readonly Argument[] {
  const script = scriptFileOf(command);
  const isOpaque = script !== undefined || command.findIndex(({ splits }) => splits) === programOf(command);
  const mayBeEngine = startsEngine(command) || isForEntryPoint(container, command) || isOpaque;
  if (!mayBeEngine || !(startsEngine(command) || isEngineImage(container))) return [];
  return [...(script === undefined ? [] : [script]), ...command.filter(hidesFlags)];
}

/** Where a command's program stands. */
function programOf(command: Command): number {
  return command[0]?.text === "exec" ? 1 : 0;
}

function hidesFlags(argument: Argument, index: number, command: Command): boolean {
  if (argument.splits || /^--config(=|$)/.test(argument.text)) return true;
  const [name = ""] = argument.text.split("=", 1);
  if (name.startsWith("-")) return name.includes(unseen);
  return name.startsWith(unseen) && !takesNext(command[index - 1]);
}

/** Whether a word is a flag that has no value yet, so that the next word is taken for it. */
function takesNext(argument: Argument | undefined): boolean {
  return argument !== undefined && /^--?[^=]+$/.test(argument.text);
}

/** The option by which a Python of this command drops its assertions: `-O`, also among other letters. */
export function droppedAssertions(command: Command): Argument | undefined {
  let index = command.findIndex(({ text }) => /^python[\d.]*$/.test(posix.basename(text))) + 1;
  if (index === 0) return undefined;
  for (let word = command[index]; word?.text.startsWith("-") === true; word = command[index]) {
    if (/^-[bBdEhiIqsSuvVxPR]*O/.test(word.text)) return word;
    // The first letter that has an argument ends the letters; -c and -m end the options.
    if (/^-[a-zA-Z]*?[cm]/.test(word.text)) return undefined;
    index += /^-[a-zA-Z]*?[WX]$/.test(word.text) ? 2 : 1;
  }
  return undefined;
}

/** A variable that a command sets for itself or those after it, as in `env NAME=value vllm serve`. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  readonly at: string;
}

export function assignmentsOf(command: Command): readonly Assignment[] {
  return command.flatMap(({ text, at }) => {
    const [, name, value = ""] = /^([A-Za-z_]\w*)\+?=([^]*)$/.exec(text) ?? [];
    return name === undefined ? [] : [{ name, value, at }];
  });
}
