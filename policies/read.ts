/** Reading of untyped properties, one field at a time: copying a whole object would trip over any unknown leaf. */

/** The field of a map; undefined when it is not a map or has no such field. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}

export function path(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce(field, value);
}

/** The fields that a map has; none of their values is read. */
export function names(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** One element of a list, not read yet. */
export interface Element {
  readonly index: number;
  readonly read: () => unknown;
}

/** The elements of a list, each to be read by itself; none when it is not a list. */
export function elements(value: unknown): readonly Element[] {
  if (!Array.isArray(value)) return [];
  return Array.from({ length: value.length }, (_, index) => ({ index, read: () => field(value, `${index}`) }));
}
