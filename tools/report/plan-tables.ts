import type { Plan } from "../../planning";
import { encoderTable } from "./plan/encoders";
import { memoryTable } from "./plan/memory";
import { moneyTable, otherMoneyTable, priceTable } from "./plan/money";
import { poolTable, roomTable } from "./plan/pools";
import { releaseTable } from "./plan/releases";
import { runnerUpTable } from "./plan/runners-up";
import { shownOf } from "./plan/shown";
import { latencyTable, speedTable } from "./plan/speed";
import { sourceTable } from "./plan/sources";
import { durationTable, startTable } from "./plan/times";
import { markMeanings, type Mark } from "./provenance";
import { markOfCell, type Column, type Row } from "./table";

/** One table of a plan, for a terminal and for a page alike. */
export interface PlanTable {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** A sentence below it. */
  readonly note?: string;
  /** What words in it mean; on pages alone. */
  readonly glossary?: string;
  /** What a terminal shows instead of a table that is too much for it: lines, or nothing. */
  readonly inTerminal?: readonly string[];
}

/** Everything that a plan shows, in the order of reading. A new table is one more function here. */
export function planTables(plan: Plan): readonly PlanTable[] {
  const shown = shownOf(plan);
  const tables = [
    poolTable(shown),
    roomTable(shown),
    releaseTable(shown),
    runnerUpTable(shown),
    memoryTable(shown),
    encoderTable(shown),
    startTable(shown),
    durationTable(shown),
    speedTable(shown),
    latencyTable(shown),
    moneyTable(shown),
    otherMoneyTable(shown),
    priceTable(shown),
    sourceTable(shown),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** What the marks mean that stand in these tables, each once: `~ derived from …`. */
export function markLegend(tables: readonly PlanTable[]): readonly string[] {
  const used = new Set(tables.flatMap(({ rows }) => rows.flatMap((row) => row.map(markOfCell))));
  const marks: readonly Mark[] = ["~", "?"];
  return marks.filter((mark) => used.has(mark)).map((mark) => `${mark} ${markMeanings[mark]}`);
}
