import { describe, expect, test } from "vitest";
import { releaseLoads, type ReleaseLoad } from "../../planning/load";
import { smallest } from "../harness/environments";
import { parsed, withRoutes, type Written } from "./parsed";

const releases = { a: smallest.releases.chat, b: smallest.releases.chat };
const load = { requests: "10/s", inputTokens: 1000, outputTokens: 200 };
const both = [
  { release: "a", weight: 75 },
  { release: "b", weight: 25 },
];

function loadOf(routes: Written, release = "a"): ReleaseLoad | undefined {
  const external = { elsewhere: { provider: "anthropic", model: "claude-haiku-4-5-20251001" } };
  return releaseLoads(parsed(withRoutes(routes, releases, { externalModels: external }))).get(release);
}

function requestsOf(found: ReleaseLoad | undefined): readonly (number | undefined)[] {
  return [found?.requestsPerSecond, found?.peakRequestsPerSecond];
}

describe("what routes ask of a release", () => {
  test.each<[what: string, route: Written, release: string, requests: number, peak: number]>([
    ["all of it goes to the only target", { targets: [{ release: "a" }], load }, "a", 10, 10],
    ["targets share it by their weights", { targets: both, load }, "a", 7.5, 7.5],
    ["the rest goes to the others", { targets: both, load }, "b", 2.5, 2.5],
    ["equal weights are equal parts", { targets: [{ release: "a" }, { release: "b" }], load }, "b", 5, 5],
    ["the peak is shared alike", { targets: both, load: { ...load, peak: "40/s" } }, "b", 2.5, 10],
    [
      "what fallbacks take is not expected, but at the worst moment they may not take it",
      { targets: both, load: { ...load, peak: "40/s" }, fallback: [{ external: "elsewhere", share: "20%" }] },
      "a",
      6,
      30,
    ],
    [
      "a rate a minute is the same",
      { targets: [{ release: "a" }], load: { ...load, requests: "90/min" } },
      "a",
      1.5,
      1.5,
    ],
  ])("%s", (_, route, release, requests, peak) => {
    const [expected = NaN, worst = NaN] = requestsOf(loadOf({ large: route }, release));
    expect(expected).toBeCloseTo(requests, 9);
    expect(worst).toBeCloseTo(peak, 9);
  });

  test("nothing is known where no route says its load, where its weight is 0, or where no route leads", () => {
    expect(loadOf({ large: { targets: [{ release: "a" }] } })).toBeUndefined();
    expect(loadOf({ large: { targets: [{ release: "a" }, { release: "b", weight: 0 }], load } }, "b")).toBeUndefined();
    expect(loadOf({ large: { targets: [{ release: "a" }], load } }, "b")).toBeUndefined();
  });

  test("several routes add up, and lengths are averages over their requests", () => {
    const found = loadOf({
      short: { targets: [{ release: "a" }], load: { requests: "3/s", inputTokens: 100, outputTokens: 10 } },
      long: {
        targets: [{ release: "a" }],
        load: { requests: "1/s", inputTokens: 900, outputTokens: 410, prefixHit: "40%" },
      },
    });
    expect(found).toMatchObject({
      requestsPerSecond: 4,
      inputTokens: 300,
      outputTokens: 110,
      routes: ["short", "long"],
    });
    expect(found?.prefixHit).toBeCloseTo(0.1, 9);
  });

  test("of what routes promise the strictest counts, each promise by itself", () => {
    const targets = [{ release: "a" }];
    const found = loadOf({
      one: { targets, load, slo: { ttftP95: "2s", tokensPerSecond: 20 } },
      other: { targets, load, slo: { ttftP95: "500ms", interTokenP95: "80ms", tokensPerSecond: 10 } },
      none: { targets, load },
    });
    expect(found?.objectives).toEqual({ ttftP95: 0.5, interTokenP95: 0.08, tokensPerSecond: 20 });
  });

  test("a route whose fallbacks take everything still has its worst moment", () => {
    const route = { targets: both, load, fallback: [{ external: "elsewhere", share: "100%" }] };
    expect(requestsOf(loadOf({ large: route }))).toEqual([0, 7.5]);
    expect(loadOf({ large: route })).toMatchObject({ inputTokens: 1000, outputTokens: 200 });
  });
});
