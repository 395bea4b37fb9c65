import type { z } from "zod";
import { settings } from "../settings";
import { usdPerHour, usdPerMonth } from "../units";

export const budget = settings({
  atMaximum: usdPerHour
    .optional()
    .describe("What an hour may cost when everything that may be there is there. Default: not checked."),
  expected: usdPerMonth.optional().describe("What a month with the expected load may cost. Default: not checked."),
});

/** `atMaximum` in dollars per hour, `expected` in dollars per month. */
export type BudgetSettings = z.output<typeof budget>;
