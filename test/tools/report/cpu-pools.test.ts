import { expect, test } from "vitest";
import { planTables } from "../../../tools/report/plan-tables";
import { cellText } from "../../../tools/report/table";
import { asked, withEncoder } from "../../harness/processors";
import { planOf } from "../../planning/parsed";

const plan = planOf(withEncoder({}, {}, asked({ requests: "4/s" }, { ttftP95: "2s" })));

/** The first row of a table, as texts by the titles of their columns. */
function firstRow(caption: string): Readonly<Record<string, string>> {
  const table = planTables(plan).find((each) => each.caption === caption);
  if (table === undefined) throw new Error(`no table ${caption}`);
  const [row = []] = table.rows;
  return Object.fromEntries(table.columns.map(({ title }, index) => [title, cellText(row[index] ?? "")]));
}

test("machines without GPUs are shown by their processor, at a price per machine", () => {
  expect(firstRow("Pools")).toEqual({
    pool: "epyc",
    machines: "2 × EPYC-7763",
    "bought, $/GPU-hour": "owned $0.80/machine-hour",
    "machines running": "2",
    "GPUs used": "–",
  });
});

test("a release on them is shown by what a pod has of CPU and memory", () => {
  expect(firstRow("Releases")).toMatchObject({ release: "embed", "each pod has": "16 CPU, 7 GiB", pods: "3" });
});

test("an encoder is shown with its memory and how it answers", () => {
  const { utilization, answered95 } =
    plan.releases["embed"]?.kind === "text-embeddings-inference"
      ? (plan.releases["embed"].encoding?.expected ?? { utilization: NaN, answered95: NaN })
      : { utilization: NaN, answered95: NaN };
  expect(firstRow("Encoders")).toEqual({
    release: "embed",
    task: "embed",
    "longest text": "512",
    "batch, GiB": "0.1 of 6.2",
    "requests/s": "4",
    "one alone": "398 ms",
    p95: `${answered95.toFixed(1)} s`,
    busy: `${(utilization * 100).toFixed(0)} %`,
    estimate: "needs-profile-run",
  });
});

test("no table divides by GPUs that are not there", () => {
  const texts = planTables(plan).flatMap(({ rows }) => rows.flat().map(cellText));
  expect(texts.filter((text) => /NaN|∞|Infinity/.test(text))).toEqual([]);
});
