import { stripVTControlCharacters } from "node:util";

export interface Column {
  readonly title: string;
  /** Numbers read best on the right. Default: left. */
  readonly align?: "left" | "right";
}

/** Rows under their titles, aligned by what is seen: colour codes have no width. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map((column) => column.title);
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => width(row[index] ?? ""))));
  const line = (row: readonly string[]): string =>
    columns
      .map((column, index) => pad(row[index] ?? "", widths[index] ?? 0, column.align ?? "left"))
      .join("  ")
      .trimEnd();
  return [titles, ...rows].map((row) => `  ${line(row)}`).join("\n");
}

const segmenter = new Intl.Segmenter();

/** The characters of a text as people count them: an accent or an emoji is one with what it belongs to. */
export function charactersOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function width(text: string): number {
  return charactersOf(stripVTControlCharacters(text)).length;
}

function pad(text: string, to: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, to - width(text)));
  return align === "left" ? text + space : space + text;
}
