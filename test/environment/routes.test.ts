import { describe, expect, test } from "vitest";
import { load, smallest } from "../harness/environments";
import { refusal } from "./refusals";

type Written = Readonly<Record<string, unknown>>;

const targets = [{ release: "chat" }];
const traffic = { requests: "300/min", inputTokens: 1200, outputTokens: 300 };
const externalModels = { claude: { provider: "anthropic", model: "claude-3-haiku-20240307" } };

function withRoute(changes: Written): Written {
  return { ...smallest, routes: { large: { targets, ...changes } }, externalModels };
}

const routeOf = (changes: Written) => load(withRoute(changes)).environment.routes["large"];

describe("a route", () => {
  test("needs nothing but a target", () => {
    expect(routeOf({})).toEqual({ targets: [{ release: "chat", weight: 100, standby: false }], fallback: [] });
  });

  test("says its load in requests per second and tokens", () => {
    const { load } = routeOf({ load: { ...traffic, peak: "36000/h", prefixHit: "30%" } }) ?? {};
    expect(load).toEqual({ requests: 5, peak: 10, inputTokens: 1200, outputTokens: 300, prefixHit: 0.3 });
    expect(routeOf({ load: traffic })?.load).toMatchObject({ prefixHit: 0 });
  });

  test("promises by the name of a class, or by targets of its own", () => {
    expect(routeOf({ slo: "interactive" })?.slo).toEqual({
      class: "interactive",
      ttftP95: 0.2,
      tokensPerSecondPerReplica: 100,
    });
    expect(routeOf({ slo: "batch" })?.slo).toEqual({ class: "batch" });
    const slo = { ttftP95: "2s", interTokenP95: "80ms", tokensPerSecond: 20, availability: "99.9%" };
    expect(routeOf({ slo })?.slo).toEqual({
      ttftP95: 2,
      interTokenP95: 0.08,
      tokensPerSecond: 20,
      availability: 0.999,
    });
  });

  test("falls back to external models, with the share that is expected to", () => {
    expect(routeOf({ fallback: [{ external: "claude", share: "5%" }] })?.fallback).toEqual([
      { external: "claude", share: 0.05 },
    ]);
  });

  test("divides its load among tenants, with the rounding that people write", () => {
    const tenants = { search: "33.3%", support: "33.3%", others: "33.3%" };
    expect(routeOf({ tenants })?.tenants).toEqual({ search: 0.333, support: 0.333, others: 0.333 });
  });
});

test("an external model may have the price of a contract", () => {
  const price = { input: "$0.25/1M-tokens", output: "$0.00125/1K-tokens" };
  const { environment } = load({ ...withRoute({}), externalModels: { claude: { ...externalModels.claude, price } } });
  expect(environment.externalModels["claude"]).toMatchObject({ price: { input: 0.25, output: 1.25 } });
});

test("a budget has a price per hour and one per month, each if wanted", () => {
  const budget = { atMaximum: "$95/hour", expected: "$42000/month" };
  expect(load({ ...smallest, budget }).environment.budget).toEqual({ atMaximum: 95, expected: 42000 });
  expect(load(smallest).environment.budget).toEqual({});
});

test.each<[what: string, environment: Written, refused: string]>([
  [
    "a target that is no release",
    withRoute({ targets: [{ release: "chta" }] }),
    '29:18: routes.large.targets.0.release names the release "chta", which this environment does not have | Did you mean "chat"?',
  ],
  [
    "a fallback that is no external model",
    withRoute({ fallback: [{ external: "gemini" }] }),
    '31:19: routes.large.fallback.0.external names the external model "gemini", which this environment does not have | Known are: claude.',
  ],
  ["no target", withRoute({ targets: [] }), "28:14: routes.large.targets has too few items | The least is 1."],
  [
    "targets without any weight",
    withRoute({ targets: [{ release: "chat", weight: 0 }] }),
    "29:7: routes.large.targets is a list | At least one target has a weight above 0.",
  ],
  [
    "a release named twice",
    withRoute({ targets: [...targets, { release: "chat", weight: 10 }] }),
    "29:7: routes.large.targets is a list | A release, or one of its adapters, is named once: add up its weights.",
  ],
  [
    "a load without its unit",
    withRoute({ load: { ...traffic, requests: 5 } }),
    "31:17: routes.large.load.requests is 5 | Expected: 5 has no unit; expected a rate such as 5/s, 300/min, 1000/h.",
  ],
  [
    "a peak below the average",
    withRoute({ load: { ...traffic, peak: "1/s" } }),
    '34:13: routes.large.load.peak is "1/s" | Not below `requests`.',
  ],
  [
    "an unknown class",
    withRoute({ slo: "interactve" }),
    '30:10: routes.large.slo is "interactve" | Expected: interactive, llama3.1-8b-interactive, llama2-70b-interactive, llama3.1-8b-server, llama3.1-405b-server, deepseek-r1-server, batch, or a map of settings.',
  ],
  [
    "a promise by a misspelt name",
    withRoute({ slo: { ttftP59: "2s" } }),
    '31:7: unknown key "ttftP59" in routes.large.slo | Did you mean "ttftP95"?',
  ],
  [
    "a promise of always",
    withRoute({ slo: { availability: "100%" } }),
    '31:21: routes.large.slo.availability is "100%" | Above 0% and below 100%: nothing is always there.',
  ],
  [
    "fallbacks of more than everything",
    withRoute({
      fallback: [
        { external: "claude", share: "60%" },
        { external: "claude", share: "60%" },
      ],
    }),
    "31:7: routes.large.fallback is a list | Fallbacks take no more than 100% of the requests.",
  ],
  [
    "tenants that leave something over",
    withRoute({ tenants: { search: "60%", support: "30%" } }),
    "31:7: routes.large.tenants is a map | The shares of all tenants make 100% together.",
  ],
  [
    "an unknown provider",
    { ...smallest, externalModels: { claude: { provider: "antropic", model: "x" } } },
    '28:15: externalModels.claude.provider is "antropic" | Did you mean "anthropic"?',
  ],
  [
    "a budget per year",
    { ...smallest, budget: { expected: "$500000/year" } },
    '27:13: budget.expected is "$500000/year" | "$500000/year" is not a price per month; expected for example $42000/month.',
  ],
])("%s is refused at its line", (_, environment, refused) => {
  expect(refusal(() => load(environment))).toBe(refused);
});
