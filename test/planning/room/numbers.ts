/** Every number inside a value, by its path. */
export function numbersOf(
  value: unknown,
  path: readonly string[] = [],
): readonly (readonly [path: string, value: number])[] {
  if (typeof value === "number") return [[path.join("."), value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, [...path, key]));
}
