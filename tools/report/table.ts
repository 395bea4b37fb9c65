import { stripVTControlCharacters } from "node:util";
import { barText, type Bar } from "./bar";
import type { Mark } from "./provenance";

export interface Column {
  readonly title: string;
  /** Numbers read best on the right. Default: left. */
  readonly align?: "left" | "right";
  /** Sentences, which a page may spread over lines. */
  readonly prose?: true;
}

/** A number of a plan, and what can be said of where it is from. */
export interface ExplainedCell {
  readonly text: string;
  /** Its path in the plan, such as `releases.chat.memory.kvTokens`, where the plan keeps its arithmetic; a page leads there. */
  readonly path?: string | undefined;
  /** Stands behind it where it is not exact. */
  readonly mark?: Mark | undefined;
  /** The facts that it stands on; a page shows them. */
  readonly bases?: readonly string[];
}

/** What stands in one place of a table. */
export type Cell = string | ExplainedCell | Bar;

export type Row = readonly Cell[];

/** A cell as a terminal shows it. */
export function cellText(cell: Cell): string {
  if (typeof cell === "string") return cell;
  return "segments" in cell ? barText(cell) : `${cell.text}${cell.mark ?? ""}`;
}

/** The mark of a cell, if it has one. */
export function markOfCell(cell: Cell): Mark | undefined {
  return typeof cell === "object" && "text" in cell ? cell.mark : undefined;
}

/** Rows under their titles, aligned by what is seen: colour codes have no width. */
export function table(columns: readonly Column[], rows: readonly Row[]): string {
  const titles = columns.map((column) => column.title);
  const marked = columns.map((_, index) => rows.some((row) => markOfCell(row[index] ?? "") !== undefined));
  // A mark stands beside its column's last digits, which stay below each other.
  const text = (cell: Cell, index: number): string =>
    marked[index] === true && markOfCell(cell) === undefined ? `${cellText(cell)} ` : cellText(cell);
  const lines = [titles, ...rows.map((row) => row.map(text))];
  const widths = columns.map((_, index) => Math.max(...lines.map((row) => width(row[index] ?? ""))));
  const line = (row: readonly string[]): string =>
    columns
      .map((column, index) => pad(row[index] ?? "", widths[index] ?? 0, column.align ?? "left"))
      .join("  ")
      .trimEnd();
  return lines.map((row) => `  ${line(row)}`).join("\n");
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
