/**
 * Splits a shell script into simple commands and words, as far as a review needs it: quotes, escapes, comments,
 * variables, parameters, redirections. It runs nothing; loops and conditions are read as if every branch ran.
 */

/** Stands in a word for text that comes from elsewhere (a ConfigMap, a Secret, another command). */
export const unseen = "\u{FFFC}";

/** One word of a command. */
export interface Word {
  /** Without its quotes; `unseen` stands for what cannot be seen. */
  readonly text: string;
  /** Whether it may turn out to be any number of words. */
  readonly splits: boolean;
}

/** What a script is run with. */
export interface ShellSurroundings {
  /** The value of a variable, undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
  /** `$0`, `$1`, … */
  readonly parameters: readonly string[];
}

/** The simple commands of a script, in their order, assignments among their words. */
export function splitShell(script: string, surroundings: ShellSurroundings): readonly (readonly Word[])[] {
  return new ShellReader(script, surroundings).read();
}

const assignment = /^([A-Za-z_]\w*)(\+?)=([^]*)$/;
const assigners: ReadonlySet<string> = new Set(["export", "declare", "local", "readonly", "typeset"]);
/** `{a,b}`, which some shells make two words of. */
const braces = /^\{[^{}\s'"]*,[^{}\s'"]*\}/;

class ShellReader {
  readonly #variables = new Map<string, string>();
  readonly #commands: (readonly Word[])[] = [];
  #words: Word[] = [];
  #text: string | undefined;
  #splits = false;
  #isTarget = false;
  #position = 0;

  constructor(
    readonly script: string,
    readonly surroundings: ShellSurroundings,
  ) {}

  read(): readonly (readonly Word[])[] {
    while (this.#position < this.script.length) this.#step(this.#take());
    this.#endCommand();
    return this.#commands;
  }

  #take(): string {
    return this.script[this.#position++] ?? "";
  }

  /** Takes all up to a mark, and the mark. */
  #takeUntil(mark: string): string {
    const found = this.script.indexOf(mark, this.#position);
    const end = found === -1 ? this.script.length : found;
    const taken = this.script.slice(this.#position, end);
    this.#position = end + mark.length;
    return taken;
  }

  #takeMatch(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.script.slice(this.#position))?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  #step(character: string): void {
    if (character === " " || character === "\t" || character === "\r") this.#endWord();
    else if ("\n;&|()".includes(character)) this.#endCommand();
    else if (character === "#" && this.#text === undefined) this.#takeMatch(/^[^\n]*/);
    else if (character === "<" || character === ">") this.#redirect();
    else if (character === "\\") this.#escape();
    else if (character === "'") this.#append(this.#takeUntil("'"));
    else if (character === '"') this.#doubleQuoted();
    else if (character === "$") this.#expansion(false);
    else if (character === "`") this.#backticks(false);
    else {
      if (character === "{" && braces.test(this.script.slice(this.#position - 1))) this.#splits = true;
      this.#append(character);
    }
  }

  #append(text: string): void {
    this.#text = (this.#text ?? "") + text;
  }

  #escape(): void {
    const escaped = this.#take();
    // A backslash before the end of a line joins it with the next.
    if (escaped !== "\n") this.#append(escaped);
  }

  #redirect(): void {
    if (this.#text !== undefined && /^\d+$/.test(this.#text)) this.#text = undefined;
    this.#endWord();
    this.#takeMatch(/^[<>&|-]*/);
    this.#isTarget = true;
  }

  #doubleQuoted(): void {
    this.#append("");
    while (this.#position < this.script.length) {
      const character = this.#take();
      if (character === '"') return;
      if (character === "$") this.#expansion(true);
      else if (character === "`") this.#backticks(true);
      else if (character === "\\") this.#append(this.#takeMatch(/^[$`"\\]/) ?? (this.#takeMatch(/^\n/) ? "" : "\\"));
      else this.#append(character);
    }
  }

  #backticks(quoted: boolean): void {
    this.#takeUntil("`");
    this.#insert(unseen, quoted);
  }

  #expansion(quoted: boolean): void {
    const name = this.#takeMatch(/^([A-Za-z_]\w*|\d)/);
    if (name !== undefined) this.#insert(this.#value(name) ?? "", quoted);
    else if (this.#takeMatch(/^[@*]/) !== undefined) this.#insertParameters(quoted);
    else if (this.#takeMatch(/^[?$!#-]/) !== undefined) this.#append("0");
    else if (this.#takeMatch(/^\(\(/) !== undefined) this.#arithmetic();
    else if (this.#takeMatch(/^\(/) !== undefined) this.#substitution(quoted);
    else if (this.#takeMatch(/^\{/) !== undefined) this.#braced(this.#takeBalanced("{", "}"), quoted);
    else if (!quoted && this.#takeMatch(/^'/) !== undefined) this.#append(this.#ansi());
    else if (!quoted && this.#takeMatch(/^"/) !== undefined) this.#doubleQuoted();
    else this.#append("$");
  }

  #arithmetic(): void {
    this.#takeUntil("))");
    this.#append("0");
  }

  #substitution(quoted: boolean): void {
    this.#takeBalanced("(", ")");
    this.#insert(unseen, quoted);
  }

  #takeBalanced(open: string, close: string): string {
    const start = this.#position;
    for (let depth = 1; depth > 0 && this.#position < this.script.length;) {
      const character = this.#take();
      if (character === open) depth += 1;
      if (character === close) depth -= 1;
    }
    return this.script.slice(start, this.#position - 1);
  }

  /** `$'…'`, whose escapes can write any character. */
  #ansi(): string {
    const body = this.#takeMatch(/^(?:[^'\\]|\\[^])*'/)?.slice(0, -1) ?? "";
    return body.replace(
      /\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|([0-7]{1,3})|([^]))/g,
      (_, ...groups: unknown[]) => {
        const [hexadecimal, unicode, octal, other] = groups.map((group) =>
          typeof group === "string" ? group : undefined,
        );
        const code = hexadecimal ?? unicode;
        if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
        return octal === undefined ? (other ?? "") : String.fromCharCode(parseInt(octal, 8));
      },
    );
  }

  #braced(inside: string, quoted: boolean): void {
    if (/^[@*]/.test(inside)) this.#insertParameters(quoted);
    else this.#insert(this.#bracedValue(inside), quoted);
  }

  /** `${NAME}` and its forms with a default or an alternative; what they would cut out of a value is not seen. */
  #bracedValue(inside: string): string {
    const [, name = "", form = "", rest = ""] = /^([A-Za-z_]\w*|\d+)(\[[@*]\]|:?[-=+?]|)([^]*)$/.exec(inside) ?? [];
    if (name === "") return inside.startsWith("#") ? "0" : unseen;
    const value = this.#value(name) ?? "";
    if (/[-=]$/.test(form)) return value === "" ? this.#plain(rest) : value;
    if (form.endsWith("+")) return value === "" ? "" : this.#plain(rest);
    return form === "" && rest !== "" && value !== "" ? unseen : value;
  }

  #plain(script: string): string {
    const surroundings = { ...this.surroundings, variable: (name: string) => this.#value(name) };
    const words = splitShell(script, surroundings).flat();
    return words.map(({ text }) => text).join(" ");
  }

  #value(name: string): string | undefined {
    if (/^\d+$/.test(name)) return this.surroundings.parameters[Number(name)];
    return this.#variables.get(name) ?? this.surroundings.variable(name);
  }

  #insertParameters(quoted: boolean): void {
    this.surroundings.parameters.slice(1).forEach((parameter, index) => {
      if (index > 0) this.#endWord();
      this.#insert(parameter, quoted);
    });
  }

  /** Puts the value of an expansion into the word; without quotes its blanks end words. */
  #insert(value: string, quoted: boolean): void {
    if (quoted || this.#isAssignment()) {
      this.#append(value);
      return;
    }
    value.split(/([ \t\n]+)/).forEach((piece, index) => {
      if (index % 2 === 1) this.#endWord();
      else if (piece !== "") this.#append(piece);
      if (piece.includes(unseen)) this.#splits = true;
    });
  }

  #isAssignment(): boolean {
    if (!assignment.test(this.#text ?? "")) return false;
    return this.#words.every(({ text }) => assignment.test(text)) || assigners.has(this.#words[0]?.text ?? "");
  }

  #endWord(): void {
    if (this.#text === undefined) return;
    if (this.#isAssignment()) this.#assign(this.#text);
    if (!this.#isTarget) this.#words.push({ text: this.#text, splits: this.#splits });
    this.#text = undefined;
    this.#splits = false;
    this.#isTarget = false;
  }

  #assign(word: string): void {
    const [, name = "", more = "", value = ""] = assignment.exec(word) ?? [];
    this.#variables.set(name, more === "" ? value : (this.#value(name) ?? "") + value);
  }

  #endCommand(): void {
    this.#endWord();
    this.#isTarget = false;
    if (this.#words.length > 0) this.#commands.push(this.#words);
    this.#words = [];
  }
}
