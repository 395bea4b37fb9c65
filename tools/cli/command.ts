import type { ParseArgsConfig } from "node:util";
import type { Progress } from "../report/progress";

/** 0: clean. 1: findings or violations at error level. 2: bad input, or a tool failed. 3: indeterminate, where that is not let pass. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface Terminal {
  /** Writes a text and a line end to standard output. */
  out(text: string): void;
  /** Writes to standard error: what is wrong, and what a command is doing. */
  err(text: string): void;
  readonly progress: Progress;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** One command of the command line. */
export interface Command {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What is written after the command's name. */
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /**
   * How many words it takes beside options.
   * @default one: the name of an environment
   */
  readonly operands?: { readonly least: number; readonly most: number };
  /** @param first - the first word, empty when there is none; `more` holds the others */
  run(first: string, options: OptionValues, terminal: Terminal, more: readonly string[]): Promise<ExitCode>;
}

/** The command line cannot be understood, or what it asks for cannot be done; the message says all. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
