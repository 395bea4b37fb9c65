import { posix } from "node:path";
import { unseen } from "../catalog/command-line/shell";
import { scriptFileOf, type Argument, type Command } from "./command-line";
import { parseImage } from "./image";
import { field, text } from "./read";

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
