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

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
