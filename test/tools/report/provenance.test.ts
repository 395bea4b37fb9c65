import { describe, expect, test } from "vitest";
import { basesOf, basisText, markOf, provenance, worstMark, type Basis } from "../../../tools/report/provenance";
import { everything, filesOfEverything } from "../../environment/everything";
import { smallest, withReleases } from "../../harness/environments";
import { planOf, richPlan, richWithPool } from "./rich";

const bases = provenance(richPlan);

function of(path: string, all: readonly Basis[] = bases) {
  return basesOf(path, all).map(({ what, trust }) => `${what}: ${trust}`);
}

test.each([
  ["exact", undefined],
  ["calibrated", undefined],
  ["measured", undefined],
  ["derived", "~"],
  ["extrapolated", "~"],
  ["recalled", "?"],
  ["needs-profile-run", "?"],
] as const)("what is %s has the mark %s", (trust, mark) => {
  expect(markOf(trust)).toBe(mark);
});

test("a number that stands on several facts has the mark of the worst", () => {
  const basis = (trust: Basis["trust"]): Basis => ({ what: "", trust, source: "", date: null, decides: [] });
  expect(worstMark([])).toBeUndefined();
  expect(worstMark([basis("exact"), basis("derived")])).toBe("~");
  expect(worstMark([basis("derived"), basis("recalled"), basis("exact")])).toBe("?");
});

describe("a number of a plan stands on", () => {
  test.each<[path: string, on: readonly string[]]>([
    ["releases.chat.memory.totalGiB", ["GPU memory of L40S: exact"]],
    ["releases.large.memory.totalGiB", ["GPU memory of H100-80GB: recalled"]],
    ["releases.chat.memory.weightsGiB", ["shape of Qwen/Qwen3-8B: exact"]],
    ["releases.chat.memory.kvTokens", ["memory of chat: calibrated"]],
    ["releases.chat.speed.peak.firstToken.p95.expected", ["speed of chat: calibrated"]],
    ["cost.pools.l40s.prices.1.usdPerHour.expected", ["on-demand price in l40s: exact"]],
    ["cost.pools.burst.prices.0.usdPerHour.expected", ["spot price in burst: exact"]],
    ["cost.releases.night.max.expected", ["spot price in burst: exact"]],
    // What settings say needs no source.
    ["cost.pools.own.prices.0.usdPerHour.expected", []],
    ["cost.pools.l40s.prices.0.usdPerHour.expected", []],
    ["cost.releases.large.max.expected", []],
    ["releases.chat.replicas.max", []],
  ])("%s", (path, on) => {
    expect(of(path)).toEqual(on);
  });

  test("the prices of everything that is bought, where it is a sum", () => {
    expect(of("cost.levels.max.usdPerHour.expected")).toEqual([
      "on-demand price in l40s: exact",
      "spot price in burst: exact",
      "price of claude-haiku-4-5-20251001: exact",
    ]);
  });

  test("the measurements that a cold start is made of, also of a volume that pods share", () => {
    const measurements = of("releases.chat.seconds.coldStart");
    expect(measurements).toContain("warm-up: exact");
    expect(measurements).toContain("image: throughput: derived");
    expect(measurements.some((each) => each.startsWith("node"))).toBe(false);
    const shared = planOf(withReleases({ chat: { replicas: 2, weights: { from: "pvc", claim: "w", path: "q" } } }));
    expect(of("releases.chat.seconds.coldStart", provenance(shared))).toContainEqual(
      expect.stringMatching(/^weights: throughput: /),
    );
  });
});

test("a price that the catalogue derives makes every sum with it derived", () => {
  const plan = planOf(richWithPool("l40s", { region: "us-west-2" }));
  const derived = provenance(plan);
  for (const path of [
    "cost.pools.l40s.prices.1.usdPerHour.expected",
    "cost.releases.chat.min.expected",
    "cost.usdPerHour",
  ])
    expect([path, worstMark(basesOf(path, derived))]).toEqual([path, "~"]);
  expect(worstMark(basesOf("cost.releases.night.min.expected", derived))).toBeUndefined();
});

test("what was measured here says by whom and when", () => {
  const measured = JSON.stringify({
    ...(JSON.parse(filesOfEverything["stacks/measured/chat.json"]) as object),
    quantization: "native",
    tensorParallel: 1,
    weightsGiB: 15.3,
  });
  const plan = planOf(smallest, { "stacks/measured/chat.json": measured });
  const [basis] = basesOf("releases.chat.memory.kvTokens", provenance(plan));
  expect(basis === undefined ? "" : basisText(basis)).toBe(
    "memory of chat: stacks/measured/chat.json: log of chat-0 (2026-11-20) (measured)",
  );
  expect(everything.releases.chat.model).toBe(smallest.releases.chat.model);
});

test("each fact is there once, however many releases stand on it", () => {
  const facts = provenance(planOf(withReleases({ chat: {}, second: {} })));
  expect(facts.filter(({ what }) => what === "GPU memory of L40S")).toMatchObject([
    { decides: ["releases.chat.memory.totalGiB", "releases.second.memory.totalGiB"] },
  ]);
});
