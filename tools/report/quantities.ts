import type { Amount } from "../../planning/money";
import type { Range } from "../../planning/replica";

/** `$1,234.50`; a sum with an unknown part is unknown. */
export function usd(amount: number | null): string {
  return amount === null ? "$unknown" : `$${dollars(amount, 2)}`;
}

/** `$3.14`, `$3.14 (2.90–3.40)` or `unknown`; cents only below a thousand. */
export function amountUsd(amount: Amount): string {
  if (amount === null) return "unknown";
  const digits = amount.high >= 1000 ? 0 : 2;
  return `$${rangeOf(amount, (value) => dollars(value, digits))}`;
}

/** The same of a million tokens, which may cost parts of a cent. */
export function tokenUsd(amount: Amount): string {
  if (amount === null) return "unknown";
  const digits = amount.high < 1 ? 3 : 2;
  return `$${rangeOf(amount, (value) => dollars(value, digits))}`;
}

function dollars(value: number, digits: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `180 ms (150–216)`, `1.2 s (1.0–1.4)`. */
export function latencyText(seconds: Range): string {
  if (!(seconds.expected < 1)) return rangeOf(seconds, significant, " s");
  const inMilliseconds = {
    low: seconds.low * 1000,
    expected: seconds.expected * 1000,
    high: seconds.high * 1000,
  };
  return rangeOf(inMilliseconds, significant, " ms");
}

/** `42 % (35–50)` */
export function shareText(share: Range): string {
  return rangeOf(share, (value) => (value * 100).toFixed(0), " %");
}

/** `5.0`, `120`: as many digits as an estimate deserves. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return "∞";
  return value.toLocaleString("en-US", {
    minimumFractionDigits: value < 9.95 ? 1 : 0,
    maximumFractionDigits: value < 9.95 ? 1 : 0,
  });
}

/** `0.83`, `12.5`, `120`: a rate, which may be below one. */
export function rateText(value: number): string {
  if (!Number.isFinite(value)) return "∞";
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

/** `12 (10–15)`; one number where the bounds read the same. */
export function rangeOf({ low, expected, high }: Range, text: (value: number) => string, unit = ""): string {
  const [from, middle, to] = [text(low), text(expected), text(high)];
  return from === middle && to === middle ? `${middle}${unit}` : `${middle}${unit} (${from}–${to})`;
}
