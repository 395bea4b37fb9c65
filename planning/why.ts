import type { Arithmetic, By } from "./plan";

/** The arithmetic of a number that a setting says as it stands. */
export function setting(name: string, value: number, unit?: string): Arithmetic {
  const terms = [{ name, value, ...(unit === undefined ? {} : { unit }) }];
  return { formula: `the setting \`${name}\``, terms, result: value, ...(unit === undefined ? {} : { unit }) };
}

/** The arithmetic of a number that no setting changes. */
export function fixed(what: string, value: number, source: string): Arithmetic {
  return { formula: what, terms: [{ name: "catalogue", value, source }], result: value };
}

/** Arithmetic by longer paths. */
export function prefixed(prefix: string, why: By<Arithmetic>): By<Arithmetic> {
  return joined([[prefix, why]]);
}

/** All of them by the longer paths. There are hundreds of thousands in a large environment, so each is put in once. */
export function joined(parts: readonly (readonly [prefix: string, why: By<Arithmetic>])[]): By<Arithmetic> {
  const all: Record<string, Arithmetic> = {};
  for (const [prefix, why] of parts)
    for (const [path, arithmetic] of Object.entries(why)) all[`${prefix}.${path}`] = arithmetic;
  return all;
}

/** Made when it is read for the first time: most runs never ask why. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
