import type { PlanTable } from "../plan-tables";
import type { Trust } from "../provenance";
import { left, prose, type Shown } from "./shown";

/** What the numbers stand on: the least certain first. */
export function sourceTable({ bases }: Shown): PlanTable {
  const rows = bases
    .toSorted((a, b) => order.indexOf(a.trust) - order.indexOf(b.trust))
    .map(({ what, trust, date, source }) => [what, trust, date ?? "", source]);
  return {
    caption: "Sources",
    columns: [left("what"), left("standing"), left("of"), prose("source")],
    rows,
    glossary:
      "Exact facts were read at their source, derived ones computed from such, recalled ones are from memory. Estimates are calibrated where measurements of the same kind agree, extrapolated beyond them, and need a profile run where nothing is close. Everything else is a setting or follows from settings.",
    inTerminal: [],
  };
}

const order: readonly Trust[] = [
  "recalled",
  "needs-profile-run",
  "derived",
  "extrapolated",
  "exact",
  "calibrated",
  "measured",
];
