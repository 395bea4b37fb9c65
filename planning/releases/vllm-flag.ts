/** One argument with its value. */
export function flag(name: string, value: string | number): readonly string[] {
  return [`--${name}=${value}`];
}

/** An argument that takes several values, which only words of their own can be. */
export function listFlag(name: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [`--${name}`, ...values];
}
