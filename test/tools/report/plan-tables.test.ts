import { describe, expect, test } from "vitest";
import type { Plan } from "../../../planning";
import { planTables, type PlanTable } from "../../../tools/report/plan-tables";
import { planText } from "../../../tools/report/plan-text";
import { cellText, type Cell, type ExplainedCell } from "../../../tools/report/table";
import { smallest, withPool, withReleases } from "../../harness/environments";
import { llama405, withGroups } from "../../harness/groups";
import { vllmRelease, languageModels } from "../../harness/releases";
import { planOf, richPlan, richWithPool } from "./rich";

const smallPlan = planOf(smallest);

const chat = vllmRelease(smallPlan);

/** The small plan with its release changed. */
function withChat(changes: Partial<typeof chat>): Plan {
  return { ...smallPlan, releases: { chat: { ...chat, ...changes } } };
}

function tableOf(plan: Plan, caption: string): PlanTable {
  const found = planTables(plan).find((each) => each.caption === caption);
  if (found === undefined) throw new Error(`no table ${caption}`);
  return found;
}

/** A row by its first cell, as texts by the titles of their columns. */
function row(plan: Plan, caption: string, name: string): Readonly<Record<string, string>> {
  const { columns, rows } = tableOf(plan, caption);
  const found = rows.find(([first]) => first === name);
  if (found === undefined) throw new Error(`no row ${name} in ${caption}`);
  return Object.fromEntries(columns.map(({ title }, index) => [title, cellText(found[index] ?? "")]));
}

function namesOf(plan: Plan, caption: string): readonly string[] {
  return tableOf(plan, caption).rows.map(([first = ""]) => cellText(first));
}

function explainedCells(plan: Plan): readonly ExplainedCell[] {
  const cells = planTables(plan).flatMap(({ rows }) => rows.flat());
  return cells.filter((cell): cell is ExplainedCell => typeof cell === "object" && "text" in cell);
}

describe("the tables of a plan", () => {
  test("lead to arithmetic that is there, and name every column", () => {
    for (const plan of [smallPlan, richPlan]) {
      const paths = explainedCells(plan).flatMap(({ path }) => (path === undefined ? [] : [path]));
      expect(paths.length).toBeGreaterThan(30);
      expect(paths.filter((path) => plan.why[path] === undefined)).toEqual([]);
      for (const { caption, columns, rows } of planTables(plan))
        expect([caption, ...rows.map((cells) => cells.length)]).toEqual([caption, ...rows.map(() => columns.length)]);
    }
  });

  test("lead nowhere where no arithmetic is kept", () => {
    expect(explainedCells({ ...richPlan, why: {} }).filter(({ path }) => path !== undefined)).toEqual([]);
  });

  test("leave out what a plan does not have", () => {
    const captions = planTables(smallPlan).map(({ caption }) => caption);
    expect(captions).toEqual(expect.arrayContaining(["Pools", "Releases", "Memory", "Start and stop", "Money"]));
    expect(captions.filter((caption) => caption.startsWith("Speed") || caption.startsWith("Money by"))).toEqual([]);
  });
});

test("a small plan fits a terminal of 130 columns and one screen", () => {
  const lines = planText(planOf(withReleases({ chat: {}, second: { replicas: 2 } }))).split("\n");
  expect(lines.filter((line) => line.length > 130)).toEqual([]);
  expect(lines.length).toBeLessThan(40);
});

test("a plan with loads fits a terminal of 160 columns", () => {
  expect(
    planText(richPlan)
      .split("\n")
      .filter((line) => line.length > 160),
  ).toEqual([]);
});

test("a pool says how its machines are bought, at which price and of when, and what runs", () => {
  expect(row(richPlan, "Pools", "l40s")).toMatchObject({
    machines: "4 × 4 L40S (g6e.12xlarge in us-east-1)",
    "bought, $/GPU-hour": expect.stringMatching(/^reserved \$1\.63, on-demand \$\d\.\d\d of 20\d\d-\d\d-\d\d$/),
  });
  expect(row(richPlan, "Pools", "burst")["bought, $/GPU-hour"]).toMatch(
    /^spot \$\d\.\d\d \(\d\.\d\d–\d\.\d\d\) of 20\d\d-\d\d-\d\d$/,
  );
  expect(row(smallPlan, "Pools", "gpus")).toMatchObject({
    machines: "2 × 2 L40S",
    "bought, $/GPU-hour": "owned $2.00",
    "machines running": "2",
    "GPUs used": "1 of 4",
  });
});

test("a release says what each pod has, how many there are, and how they are replaced", () => {
  expect(row(richPlan, "Releases", "large")).toMatchObject({
    "each pod has": expect.stringMatching(/^\d × H100-80GB.*, (bf16|fp8)$/),
    pods: expect.stringMatching(/^1–3 \(\d expected\)$/),
  });
  const split = planOf(withReleases({ chat: { tensorParallel: 2 } }));
  expect(row(split, "Releases", "chat")).toMatchObject({ "each pod has": "2 × L40S (tensor 2), bf16", pods: "1" });
});

test("a release whose replicas are several pods says over how many its layout lies", () => {
  const plan = planOf(withGroups({ big: llama405 }));
  expect(row(plan, "Releases", "big")).toMatchObject({
    "each pod has": "16 × H100-80GB (tensor 8 × pipeline 2), bf16, over 2 pods",
    pods: "1 × 2",
    rollout: "old replica first",
  });
});

describe("what was not taken", () => {
  test("is a line for each choice in a terminal: the cheapest of them, why, and how many more", () => {
    const [small] = tableOf(smallPlan, "Not taken").inTerminal ?? [];
    expect(small).toBe("chat: 1 × L40S, bf16 taken over 2 × L40S (tensor 2), bf16 (dearer: $4.00/h)");
    const lines = tableOf(richPlan, "Not taken").inTerminal ?? [];
    expect(lines[0]).toMatch(/^burst: g5\.12xlarge taken over g6\.24xlarge \(dearer: \$\d+\.\d\d\/h\)$/);
    expect(lines.find((line) => line.startsWith("large:"))).toMatch(/ and \d more$/);
  });

  test("is all of it on a page, reasons in full", () => {
    const count = (plan: Plan, name: string) => namesOf(plan, "Not taken").filter((each) => each === name).length;
    for (const { name, runnersUp } of languageModels(richPlan))
      expect([name, count(richPlan, name)]).toEqual([name, runnersUp.length]);
    const reasons = tableOf(richPlan, "Not taken").rows.map((cells) => cellText(cells.at(-1) ?? ""));
    expect(reasons).toEqual(
      [...Object.values(richPlan.pools), ...languageModels(richPlan)].flatMap(({ runnersUp }) =>
        runnersUp.map(({ reason }) => reason),
      ),
    );
  });

  test("is in a terminal the cheapest, whatever their order, and one of an unknown price only where none is known", () => {
    const over = (...prices: readonly (number | null)[]) => {
      const runnersUp = prices.map((usdPerHour) => ({ name: `at ${usdPerHour}`, usdPerHour, reason: "r" }));
      return tableOf(withChat({ runnersUp }), "Not taken").inTerminal?.[0];
    };
    expect(over(9, null, 3, 5)).toMatch(/ taken over at 3 \(r\) and 3 more$/);
    expect(over(null)).toMatch(/ taken over at null \(r\)$/);
  });

  test("says its reason short in a terminal", () => {
    const long = { name: "other", usdPerHour: null, reason: `because ${"x".repeat(200)}` };
    const plan = withChat({ runnersUp: [long] });
    expect(tableOf(plan, "Not taken").inTerminal?.[0]).toMatch(/ other \(because x{52}…\)$/);
    expect(row(plan, "Not taken", "chat")).toMatchObject({ "$/h": "unknown", reason: long.reason });
  });
});

describe("the memory of a GPU", () => {
  test("adds up to what the GPU has", () => {
    for (const { name, memory } of languageModels(richPlan)) {
      const bar = tableOf(richPlan, "Memory").rows.find(([first]) => first === name)?.[1];
      const segments = typeof bar === "object" && "segments" in bar ? bar.segments : [];
      expect(segments.map((segment) => segment.name)).toEqual(["weights", "overhead", "KV cache", "margin", "spare"]);
      expect(segments.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(memory.totalGiB, 9);
    }
  });

  test("has no number of tokens where the cache depends on the request", () => {
    const plan = withChat({ memory: { ...chat.memory, kvTokens: null, fullLengthRequests: Infinity } });
    expect(row(plan, "Memory", "chat")).toMatchObject({ "KV tokens": "–", "full requests": "–" });
  });
});

test("the time budget of a start is one line whose parts add up", () => {
  const line = row(richPlan, "Start and stop", "chat")["cold start"] ?? "";
  const numbers = Array.from(line.matchAll(/(\d+) s/g), ([, seconds]) => Number(seconds));
  const whole = numbers.pop();
  expect(line).toMatch(/^node 360 s \+ image \d+ s \+ weights \d+ s \+ engine \d+ s = \d+ s~$/);
  expect(numbers.reduce((sum, seconds) => sum + seconds, 0)).toBe(whole);
});

describe("speed", () => {
  test("is there for each release with a load, and once more for a peak", () => {
    expect(namesOf(richPlan, "Speed")).toEqual(["chat", "chat, at its peak", "large", "large, at its peak"]);
    const steady = { load: { requests: "0.2/s", inputTokens: 500, outputTokens: 50 }, targets: [{ release: "chat" }] };
    expect(namesOf(planOf({ ...smallest, routes: { steady } }), "Speed")).toEqual(["chat"]);
    expect(namesOf(richPlan, "Speed in detail")).toEqual(namesOf(richPlan, "Speed"));
  });

  test("says what is expected between which bounds, pods needed, and where a pod ends", () => {
    const { speed, replicas } = vllmRelease(richPlan);
    const cells = row(richPlan, "Speed", "chat, at its peak");
    for (const column of ["TTFT p50", "TTFT p95", "ITL p95"])
      expect(cells[column]).toMatch(/^[\d.]+ m?s \([\d.]+–[\d.]+\)$/);
    expect(cells).toMatchObject({
      "requests/s": "12",
      pods: String(replicas.max),
      needed: String(speed?.needed),
      "tokens/s": "3,600",
      estimate: "calibrated",
    });
    expect(Number(cells["a pod keeps"])).toBeLessThanOrEqual(Number(cells["breaks at"]));
    expect(tableOf(richPlan, "Speed").glossary).toMatch(/calibrated × or ÷ 1\.2.*compared with .*performance-lab/);
  });
});

describe("money", () => {
  test("is there at each level, and adds up", () => {
    const numbers = (name: string) =>
      ["min", "expected", "max"].map((level) => dollars(row(smallPlan, "Money", name)[level] ?? ""));
    const [release, idle, all] = ["release chat", "not used", "all"].map(numbers);
    expect(all).toEqual([8, 8, 8]);
    expect(all).toEqual(release?.map((amount, index) => amount + (idle?.[index] ?? NaN)));
    expect(numbers("all, a month")).toEqual([5840, 5840, 5840]);
    expect(tableOf(smallPlan, "Money").note).toBe(
      "at most $8.00/h, $5,840.00 a month: $2.00/h in releases, $6.00/h idle",
    );
  });

  test("of spot machines is a range", () => {
    expect(row(richPlan, "Money", "release night")["max"]).toMatch(/^\$\d+\.\d\d \(\d+\.\d\d–\d+\.\d\d\)$/);
  });

  test("that is unknown is never nothing, and makes every sum with it unknown", () => {
    const reason = { reason: "prices are agreed on next month", expires: "2027-01-31" };
    const plan = planOf(withPool({ price: undefined, overrides: { "price-unknown": reason } }));
    for (const name of ["release chat", "not used", "all", "all, a month"])
      expect(row(plan, "Money", name)).toMatchObject({ min: "unknown", expected: "unknown", max: "unknown" });
    expect(row(plan, "Pools", "gpus")["bought, $/GPU-hour"]).toBe("owned unknown");
    expect(tableOf(plan, "Money").note).not.toMatch(/\$\d/);
  });

  test("is seen by pool, purchase, route and tenant where there are several", () => {
    expect(namesOf(richPlan, "Money by pool, purchase, route and tenant")).toEqual([
      ...["pool own", "pool l40s", "pool burst"],
      ...["owned machines", "reserved machines", "on-demand machines", "spot machines"],
      ...["route fast", "route deep", "no route"],
      ...["tenant search", "tenant support", "no tenant"],
    ]);
  });

  test("of providers is in the sum, and said", () => {
    expect(dollars(row(richPlan, "Money", "providers")["max"] ?? "")).toBeGreaterThan(0);
    expect(tableOf(richPlan, "Money").note).toMatch(/, \$\d+\.\d\d\/h at providers$/);
    expect(namesOf(smallPlan, "Money")).not.toContain("providers");
  });

  test("of a million tokens stands beside the release that has a load", () => {
    const priced = row(richPlan, "Money", "release chat");
    for (const kind of ["read", "written"])
      expect(priced[`$/1M tokens ${kind}`]).toMatch(/^\$[\d.]+ \([\d.]+–[\d.]+\)$/);
    expect(row(richPlan, "Money", "release night")).toMatchObject({ "$/1M tokens read": "" });
    expect(tableOf(smallPlan, "Money").columns.map(({ title }) => title)).toEqual([
      "dollars an hour",
      "min",
      "expected",
      "max",
    ]);
  });
});

describe("marks", () => {
  test("stand behind numbers that are derived or recalled, with what they mean below", () => {
    expect(row(richPlan, "Memory", "large")["total"]).toMatch(/^\d+\.\d\?$/);
    expect(row(richPlan, "Memory", "chat")["total"]).toMatch(/^\d+\.\d$/);
    const text = planText(richPlan);
    expect(text).toMatch(/^ {2}~ derived/m);
    expect(text).toMatch(/^ {2}\? recalled/m);
  });

  test("that nothing shown has are not explained", () => {
    expect(planText(smallPlan)).not.toMatch(/^ {2}\? recalled/m);
  });

  test("bring their sources: in the cell, and the least certain first in a table", () => {
    const total = tableOf(richPlan, "Memory").rows[1]?.[2];
    expect(isExplained(total) ? total.bases : []).toEqual([
      "GPU memory of H100-80GB: from memory (2026-11-21, recalled)",
    ]);
    const standings = tableOf(richPlan, "Sources").rows.map(([, standing = ""]) => cellText(standing));
    expect(standings[0]).toBe("recalled");
    expect(standings.indexOf("exact")).toBeGreaterThan(standings.lastIndexOf("derived"));
  });
});

test("a machine's price says its standing and day, or that it is a setting", () => {
  expect(row(richPlan, "Prices", "l40s, reserved")).toMatchObject({
    "paid machines": "1",
    "$/h of one": "$6.50",
    "price is": "a setting",
    of: "",
  });
  expect(row(richPlan, "Prices", "l40s, on-demand")).toMatchObject({
    "paid machines": "as they run",
    "price is": "exact",
    of: expect.stringMatching(/^20\d\d-\d\d-\d\d$/),
  });
});

test("the room of a pool is there at each level", () => {
  expect(namesOf(richPlan, "Room").filter((name) => name.startsWith("l40s"))).toEqual([
    "l40s, min",
    "l40s, expected",
    "l40s, max",
  ]);
  const tight = planOf(richWithPool("burst", { nodes: { max: 1 } }));
  expect(row(tight, "Room", "burst, max")).toMatchObject({ "pods without a place": "none" });
});

function isExplained(cell: Cell | undefined): cell is ExplainedCell {
  return typeof cell === "object" && "text" in cell;
}

function dollars(text: string): number {
  return Number(text.replace(/ .*$/, "").replace(/[$,]/g, ""));
}
