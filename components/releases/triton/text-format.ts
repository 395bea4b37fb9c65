/**
 * The text form of protocol buffers, as far as configs need it: `name: value` and `name { … }`, one a line. A field
 * that is repeated is written once for each value.
 */

/** A name of an enumeration: written without quotes, where a text has them. */
export interface Enumerated {
  readonly enumerated: string;
}

export type Scalar = string | number | boolean | Enumerated;
export type Field = readonly [name: string, value: Scalar | Message];
export type Message = readonly Field[];

export function enumerated(name: string): Enumerated {
  return { enumerated: name };
}

/** One field for each value, in their order. */
export function repeated(name: string, values: readonly (Scalar | Message)[]): Message {
  return values.map((value) => [name, value]);
}

/** A field that is there only where it says something. */
export function when(condition: boolean, name: string, value: Scalar | Message): Message {
  return condition ? [[name, value]] : [];
}

/** A map: an entry of `key` and `value` for each. */
export function mapped(name: string, entries: readonly (readonly [string | number, Scalar | Message])[]): Message {
  return entries.map(([key, value]) => [
    name,
    [
      ["key", key],
      ["value", value],
    ],
  ]);
}

export function textOf(message: Message): string {
  return message.flatMap(linesOf).join("\n") + "\n";
}

function linesOf([name, value]: Field): readonly string[] {
  if (isMessage(value)) {
    if (value.length === 0) return [`${name} {}`];
    return [`${name} {`, ...value.flatMap(linesOf).map((line) => `  ${line}`), "}"];
  }
  return [`${name}: ${scalarText(value)}`];
}

function isMessage(value: Scalar | Message): value is Message {
  return Array.isArray(value);
}

function scalarText(value: Scalar): string {
  if (typeof value === "string") return quoted(value);
  return typeof value === "object" ? value.enumerated : String(value);
}

/** Bytes beyond printable ASCII are written in octal, which every reader of the format knows. */
function quoted(text: string): string {
  const bytes = [...Buffer.from(text, "utf8")].map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === "\\") return `\\${character}`;
    return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${bytes.join("")}"`;
}
