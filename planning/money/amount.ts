import type { Standing } from "../../catalog/fact";
import type { Range } from "../replica";

/**
 * Dollars. Exact ones have three equal bounds; null is unknown, which is not zero: a sum with an unknown part is
 * unknown. Bounds of a sum are the sums of the bounds, as if all spot prices rose and fell together.
 */
export type Amount = Range | null;

export const nothing: Amount = { low: 0, expected: 0, high: 0 };

export function exactly(usd: number | null): Amount {
  return usd === null ? null : { low: usd, expected: usd, high: usd };
}

/** A sum with an unknown part is unknown, never smaller. */
export function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce((total, amount) => combine(total, amount, (a, b) => a + b), nothing);
}

/** No machine of an unknown price costs nothing. */
export function times(amount: Amount, factor: number): Amount {
  if (factor === 0) return nothing;
  return amount === null
    ? null
    : { low: amount.low * factor, expected: amount.expected * factor, high: amount.high * factor };
}

/** What is left of a whole when its parts are taken away; parts are shares of it, so bounds go with bounds. */
export function rest(whole: Amount, parts: readonly Amount[]): Amount {
  return combine(whole, sum(parts), (a, b) => Math.max(0, a - b));
}

function combine(a: Amount, b: Amount, each: (a: number, b: number) => number): Amount {
  if (a === null || b === null) return null;
  return { low: each(a.low, b.low), expected: each(a.expected, b.expected), high: each(a.high, b.high) };
}

/** What a whole is in shares of these weights; equal ones where nobody has any weight. */
export function shares(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => (total === 0 ? 1 / weights.length : weight / total));
}

const order: readonly Standing[] = ["exact", "derived", "recalled"];

/** A sum stands no better than its worst part. */
export function worstStanding(standings: readonly Standing[]): Standing {
  return order[Math.max(0, ...standings.map((standing) => order.indexOf(standing)))] ?? "exact";
}
