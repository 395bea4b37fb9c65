import { expect, test } from "vitest";
import {
  amountUsd,
  latencyText,
  rangeOf,
  rateText,
  shareText,
  significant,
  tokenUsd,
  usd,
} from "../../../tools/report/quantities";

const range = (low: number, expected: number, high: number) => ({ low, expected, high });

test.each<[said: string, text: string]>([
  [usd(1234.5), "$1,234.50"],
  [usd(null), "$unknown"],
  [amountUsd(null), "unknown"],
  [amountUsd(range(0, 0, 0)), "$0.00"],
  [amountUsd(range(27.49, 27.49, 27.49)), "$27.49"],
  [amountUsd(range(2.9, 3.14, 3.4)), "$3.14 (2.90–3.40)"],
  [amountUsd(range(999, 1234.5, 1300.7)), "$1,235 (999–1,301)"],
  [tokenUsd(range(0.052, 0.063, 0.075)), "$0.063 (0.052–0.075)"],
  [tokenUsd(range(3.97, 4.76, 5.71)), "$4.76 (3.97–5.71)"],
  [tokenUsd(null), "unknown"],
  [latencyText(range(0.15, 0.18, 0.216)), "180 ms (150–216)"],
  [latencyText(range(0.004, 0.005, 0.006)), "5.0 ms (4.0–6.0)"],
  [latencyText(range(0.9, 1.2, 1.4)), "1.2 s (0.9–1.4)"],
  [latencyText(range(8.8, 11, 13.9)), "11 s (8.8–14)"],
  [latencyText(range(0.1, 0.2, Infinity)), "200 ms (100–∞)"],
  [shareText(range(0.35, 0.42, 0.5)), "42 % (35–50)"],
  [rateText(0.8231), "0.823"],
  [rateText(12.25), "12.3"],
  [rateText(Infinity), "∞"],
  [significant(9.96), "10"],
  [significant(10336.9), "10,337"],
  // Bounds that read the same are no range.
  [rangeOf(range(9.98, 10, 10.02), significant), "10"],
])("%s is what people read", (said, text) => {
  expect(said).toBe(text);
});
