/**
 * How far a fact can be trusted: `exact` was read at its source, `derived` was computed from facts that were,
 * `recalled` is from memory or from a source that does not settle it.
 */
export type Standing = "exact" | "derived" | "recalled";

/** Where a fact comes from. */
export interface Source {
  /** A repository with commit and path, a document, or a log: enough to find the fact again. */
  readonly source: string;
  /** Day (ISO 8601) that the source carries; where it carries none, the day it was read. */
  readonly date: string;
  readonly standing: Standing;
  readonly note?: string;
}

/** A source as a JSON table holds it. */
export interface SourceRow {
  readonly source: string;
  readonly date: string;
  readonly standing: string;
  readonly note: string | null;
}

const standings: readonly Standing[] = ["exact", "derived", "recalled"];

/**
 * Turns a text of a JSON table into the word that the type wants.
 *
 * @throws Error when the table holds a word that is not allowed there
 */
export function oneOf<Word extends string>(allowed: readonly Word[], text: string, field: string): Word {
  const word = allowed.find((candidate) => candidate === text);
  if (word === undefined) throw new Error(`the catalogue says ${field}: ${text}; allowed are ${allowed.join(", ")}`);
  return word;
}

/** Reads a source out of a JSON table. */
export function readSource(row: SourceRow): Source {
  const { source, date, note } = row;
  const standing = oneOf(standings, row.standing, "standing");
  return note === null ? { source, date, standing } : { source, date, standing, note };
}
