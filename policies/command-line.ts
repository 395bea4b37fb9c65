import { posix } from "node:path";
import { splitShell, unseen, type Word } from "../catalog/command-line/shell";
import { elements, field, text } from "./read";
import { judged, type Undecided } from "./rule";
import { unseenVariables, variablesOf } from "./variables";

/** One word of a command, with its place in the container, such as `args[3]`; words of a script have the script's. */
export interface Argument extends Word {
  readonly at: string;
}

/** A program and its arguments. */
export type Command = readonly Argument[];

/** The value of a variable; undefined when it is not set. */
type Lookup = (name: string) => string | undefined;

/** Stands for a value that only a deployment will tell. */
const unknown = "\u{FFFD}";

/** Scripts in scripts in scripts: nobody writes more, and a variable may name itself. */
const deepest = 8;

/**
 * Everything that a container's `command` and `args` run: the program itself, and the commands of scripts that it is
 * given with `-c`, however deep, with the container's variables put in.
 */
export function commandsOf(container: unknown, undecided: Undecided): readonly Command[] {
  const variable = variablesIn(container, undecided);
  const line = ["command", "args"].flatMap((part) =>
    elements(field(container, part)).flatMap(({ index, read }): Command => {
      const words = [...judged(() => [text(read()) ?? ""], undecided)];
      return words.map((word) => ({ text: withVariables(word, variable), splits: false, at: `${part}[${index}]` }));
    }),
  );
  return line.length === 0 ? [] : unfold(line, variable, 0);
}

/** The values that a container gives its variables. Its image may have others; those are fixed by its digest. */
function variablesIn(container: unknown, undecided: Undecided): Lookup {
  const variables = [...variablesOf(container, undecided)];
  const elsewhere = unseenVariables(container).length > 0 ? unseen : undefined;
  const valueOf = (name: string, before: number): string | undefined => {
    const index = variables.findLastIndex((variable, place) => place < before && variable.name === name);
    const variable = variables[index];
    if (variable === undefined) return elsewhere;
    const [value = unknown] = judged(
      () => [variable.read() ?? (variable.isMadeByKubernetes() ? "0" : unseen)],
      undecided,
    );
    return withVariables(value, (other) => valueOf(other, index));
  };
  return (name) => valueOf(name, variables.length);
}

/** Kubernetes' own expansion: `$(NAME)` by a variable that the container has, `$$` by `$`; all else stays. */
function withVariables(word: string, variable: Lookup): string {
  return word.replace(/\$(?:\$|\(([A-Za-z_][\w.-]*)\))/g, (all, name: unknown) =>
    typeof name === "string" ? (variable(name) ?? all) : "$",
  );
}

const shells: ReadonlySet<string> = new Set(["sh", "bash", "dash", "ash", "ksh", "zsh"]);

/** A command, and the commands of the script that it hands to a shell. */
function unfold(command: Command, variable: Lookup, depth: number): readonly Command[] {
  const shell = command.findIndex(isShell);
  const script = shell === -1 ? evaluated(command) : scriptOf(command, shell);
  if (script === undefined || depth > deepest) return [command];
  const { at, parameters } = script;
  const surroundings = { variable, parameters: parameters.map((parameter) => parameter.text) };
  const inside = splitShell(script.text, surroundings).map((words) => words.map((word) => ({ ...word, at })));
  const outside = [command.slice(0, script.index), parameters].filter(({ length }) => length > 0);
  return [...outside, ...inside.flatMap((inner) => unfold(inner, variable, depth + 1))];
}

interface Script {
  readonly text: string;
  readonly at: string;
  /** Where in the command it stands. */
  readonly index: number;
  readonly parameters: Command;
}

/** The first word after a shell's options, which may stand together, as in `-ec`; `-o` has an argument. */
function afterOptions(command: Command, shell: number) {
  let index = shell + 1;
  let isScript = false;
  for (let word = command[index]; word !== undefined && /^[-+]./.test(word.text); word = command[index]) {
    isScript ||= /^-\w*c/.test(word.text);
    index += /^[-+]\w*o$/.test(word.text) ? 2 : 1;
  }
  return { index, isScript, word: command[index] };
}

function scriptOf(command: Command, shell: number): Script | undefined {
  const { index, isScript, word } = afterOptions(command, shell);
  if (!isScript || word === undefined) return undefined;
  return { text: word.text, at: word.at, index, parameters: command.slice(index + 1) };
}

/** What `eval` makes of its words. */
function evaluated(command: Command): Script | undefined {
  const [first, second] = command;
  if (first?.text !== "eval" || second === undefined) return undefined;
  const text = command.slice(1).map((word) => word.text);
  return { text: text.join(" "), at: second.at, index: 1, parameters: [] };
}

/** The file that a command runs as a shell script, when it does. */
export function scriptFileOf(command: Command): Argument | undefined {
  const [first, second] = command;
  if (first === undefined) return undefined;
  if (first.text === "." || first.text === "source") return second;
  if (first.text.endsWith(".sh")) return first;
  const shell = command.findIndex(isShell);
  if (shell === -1) return undefined;
  const { isScript, word } = afterOptions(command, shell);
  return isScript ? undefined : word;
}

function isShell({ text }: Argument): boolean {
  return shells.has(posix.basename(text));
}
