import { machinesText } from "../../../planning/releases/machines";
import type { RunnerUp } from "../../../planning/cheapest";
import type { PlanTable } from "../plan-tables";
import { usd } from "../quantities";
import type { Row } from "../table";
import { layoutText } from "./releases";
import { left, prose, right, type Shown } from "./shown";

/** A choice that was made, and what was not taken. */
export interface Contest {
  /** Of whom, by its path in the plan. */
  readonly path: string;
  readonly name: string;
  readonly taken: string;
  readonly runnersUp: readonly RunnerUp[];
}

/** Longest reason that a terminal shows; the page and `explain` have all of it. */
const longestReason = 60;

/** What was not taken and why; what was is in the tables of pools and releases. */
export function runnerUpTable(shown: Shown): PlanTable {
  const contests = contestsOf(shown);
  const columns = [left("choice"), left("not taken"), right("$/h"), prose("reason")];
  const rows = contests.flatMap(({ path, name, runnersUp }) =>
    runnersUp.map((runnerUp, index): Row => [name, ...runnerUpCells(shown, `${path}.runnersUp.${index}`, runnerUp)]),
  );
  return { caption: "Not taken", columns, rows, inTerminal: contests.map(lineOf) };
}

/** Every choice that had something to choose from. */
export function contestsOf(shown: Shown): readonly Contest[] {
  const pools = shown.pools.map((pool) => ({
    path: `pools.${pool.name}`,
    name: pool.name,
    taken: pool.rented?.instance ?? pool.accelerator ?? machinesText(pool),
    runnersUp: pool.runnersUp,
  }));
  const releases = shown.languageModels.map((release) => ({
    path: `releases.${release.name}`,
    name: release.name,
    taken: layoutText(shown, release),
    runnersUp: release.runnersUp,
  }));
  return [...pools, ...releases].filter(({ runnersUp }) => runnersUp.length > 0);
}

function runnerUpCells({ cell }: Shown, path: string, { name, usdPerHour, reason }: RunnerUp): Row {
  return [name, usdPerHour === null ? "unknown" : cell(`${path}.usdPerHour`, usd(usdPerHour)), reason];
}

/** `chat: taken over 2 × L40S (tensor 2), bf16 (dearer: $7.44/h) and 1 more`: the cheapest says most. */
function lineOf({ name, taken, runnersUp }: Contest): string {
  const [nearest, ...others] = runnersUp.toSorted((a, b) => (a.usdPerHour ?? Infinity) - (b.usdPerHour ?? Infinity));
  const { name: over = "", reason = "" } = nearest ?? {};
  const why = reason.length <= longestReason ? reason : `${reason.slice(0, longestReason).trimEnd()}…`;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `${name}: ${taken} taken over ${over} (${why})${more}`;
}
