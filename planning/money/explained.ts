import type { Arithmetic, Term } from "../plan";
import type { Range } from "../replica";
import type { Amount } from "./amount";

export type Bound = keyof Range;
const bounds: readonly Bound[] = ["low", "expected", "high"];

/** Arithmetic by path. */
export type Explained = readonly (readonly [path: string, arithmetic: Arithmetic])[];

/** One arithmetic for each bound of an amount, or one for what is unknown. */
export function eachBound(
  path: string,
  amount: Amount,
  formula: string,
  termsOf: (bound: Bound) => readonly Term[],
  unit = "$/h",
): Explained {
  if (amount === null) return [[path, { formula, terms: termsOf("expected"), result: "unknown", unit }]];
  return bounds.map((bound) => [`${path}.${bound}`, { formula, terms: termsOf(bound), result: amount[bound], unit }]);
}

/** An amount that is the sum of others. */
export function sumOf(
  path: string,
  amount: Amount,
  formula: string,
  parts: readonly (readonly [name: string, amount: Amount])[],
): Explained {
  return eachBound(path, amount, formula, (bound) => parts.map(([name, part]) => usdPerHour(name, part, bound)));
}

/** One number that is no amount. */
export function count(path: string, formula: string, terms: readonly Term[], result: number): Explained {
  return [[path, { formula, terms, result }]];
}

export function usdPerHour(name: string, amount: Amount, bound: Bound, source?: string): Term {
  const value = amount?.[bound] ?? "unknown";
  return { name, value, unit: "$/h", ...(source === undefined ? {} : { source }) };
}
