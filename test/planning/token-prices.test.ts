import { expect, test } from "vitest";
import type { Range } from "../../planning/replica";
import { tokenPrices } from "../../planning/token-prices";
import { planEnvironment, type Plan } from "../../planning";
import { load, smallest, today, withPool } from "../harness/environments";

const routes = {
  chat: {
    targets: [{ release: "chat" }],
    load: { requests: "3/s", inputTokens: 2000, outputTokens: 200, prefixHit: "25%" },
  },
};

function planOf(environment: object): Plan {
  const { plan, findings } = planEnvironment(load({ ...environment }).environment, today);
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  return plan;
}

const plan = planOf({ ...smallest, routes });

test("what a load's tokens cost together is what the release costs", () => {
  const { input, output } = plan.cost.tokens["chat"] ?? {};
  const usdPerSecond = (3 * (2000 * 0.75 * (input?.expected ?? NaN) + 200 * (output?.expected ?? NaN))) / 1e6;
  expect(usdPerSecond * 3600).toBeCloseTo(plan.cost.releases["chat"]?.expected?.expected ?? NaN, 6);
});

test("every bound has its arithmetic, which ends in it", () => {
  for (const kind of ["input", "output"] as const)
    for (const bound of ["low", "expected", "high"] as const satisfies readonly (keyof Range)[])
      expect(plan.why[`cost.tokens.chat.${kind}.${bound}`]?.result).toBe(plan.cost.tokens["chat"]?.[kind]?.[bound]);
});

test("tokens of a release without a load have no price", () => {
  expect(planOf(smallest).cost.tokens).toEqual({});
});

test("tokens on machines of an unknown price have an unknown one", () => {
  const overrides = { "price-unknown": { reason: "prices are agreed on next month", expires: "2027-01-31" } };
  const unknown = planOf({ ...withPool({ price: undefined, overrides }), routes });
  expect(unknown.cost.tokens).toEqual({ chat: { input: null, output: null } });
  const { why } = tokenPrices(Object.values(unknown.releases), unknown.cost);
  expect(why["tokens.chat.input"]?.result).toBe("unknown");
});
