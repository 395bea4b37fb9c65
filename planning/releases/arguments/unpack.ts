import { posix } from "node:path";
import { splitShell } from "../../../catalog/command-line/shell";

/** Words as the engine would get them, each with the item of the list that it comes from. */
export interface UnpackedWord {
  readonly text: string;
  readonly item: number;
}

/** An item that the engine cannot take for what was meant by it. */
export interface Misplaced {
  readonly item: number;
  readonly what: string;
  readonly fix: string;
}

export interface Unpacked {
  readonly words: readonly UnpackedWord[];
  readonly misplaced: readonly Misplaced[];
}

const shells: ReadonlySet<string> = new Set(["sh", "bash", "dash", "ash", "zsh"]);

/**
 * The words of a list of arguments. No shell reads it, so that a command line in one item is an error; what it says
 * is looked at all the same, as if it were written item by item.
 */
export function unpack(items: readonly string[]): Unpacked {
  const words: UnpackedWord[] = [];
  const misplaced: Misplaced[] = [];
  items.forEach((text, item) => {
    const shell = shells.has(posix.basename(text)) || (/^-\w*c$/.test(text) && isShell(items[item - 1]));
    if (shell) {
      misplaced.push({
        item,
        what: "is a shell's, and no shell reads these arguments: they go to `vllm serve` as they stand",
        fix: "Write each argument as an item of its own.",
      });
      return;
    }
    const split = splitItem(text);
    if (split === undefined) {
      words.push({ text, item });
      return;
    }
    misplaced.push({
      item,
      what: "is several words, which the engine takes for the name of one flag",
      fix: `Write ${split.length === 2 ? "two items" : "an item each"}, or one as \`--flag=value\`.`,
    });
    words.push(...split.map((word) => ({ text: word, item })));
  });
  return { words, misplaced };
}

function isShell(item: string | undefined): boolean {
  return item !== undefined && shells.has(posix.basename(item));
}

/** The words of an item in which flags stand after blanks, as on a command line; undefined for every other. */
function splitItem(text: string): readonly string[] | undefined {
  const [head = ""] = text.split("=", 1);
  const commandLine = /^-\S+\s/.test(head) || /^(\S*\/)?vllm\s/.test(text) || /(^|\s)vllm serve\s/.test(text);
  if (!commandLine) return undefined;
  const surroundings = { variable: () => undefined, parameters: [] };
  return splitShell(text, surroundings)
    .map((command) => command.map((word) => word.text))
    .flatMap((command) => command.slice(command.lastIndexOf("serve") + 1));
}
