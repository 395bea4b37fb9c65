import type { PlacedPool } from "../../../planning";
import { machinesText } from "../../../planning/releases/machines";
import { levelNames, type RoomLevel } from "../../../planning/room";
import { times } from "../../../planning/money/amount";
import type { PlanTable } from "../plan-tables";
import { amountUsd } from "../quantities";
import type { Cell } from "../table";
import { amountCell, betweenText, left, right, type Shown } from "./shown";

export function poolTable(shown: Shown): PlanTable {
  const rows = shown.pools.map((pool) => {
    const { levels } = pool.room;
    const own = (path: string, text: string): Cell => shown.cell(`pools.${pool.name}.${path}`, text);
    return [
      pool.name,
      poolText(pool),
      boughtCell(shown, pool),
      own("room.levels.max.running", betweenText(levels.min.running, levels.max.running)),
      gpusCell(pool, (text) => own("room.levels.max.gpus.used", text)),
    ];
  });
  const columns = [
    left("pool"),
    left("machines"),
    left("bought, $/GPU-hour"),
    right("machines running"),
    right("GPUs used"),
  ];
  return { caption: "Pools", columns, rows };
}

/** `4 × 4 L40S (g6e.12xlarge)`, `2 × EPYC-7763`: machines at most, and what computes in each. */
function poolText(pool: PlacedPool): string {
  const { nodes, rented } = pool;
  const type = rented === null ? "" : ` (${rented.instance} in ${rented.region})`;
  return `${nodes} × ${machinesText(pool)}${type}`;
}

function gpusCell({ room, nodes, gpusPerNode }: PlacedPool, own: (text: string) => Cell): Cell {
  return gpusPerNode === 0 ? "–" : own(`${room.levels.max.gpus.used} of ${nodes * gpusPerNode}`);
}

/** `reserved $1.63, on-demand $2.62 (2026-07-20)`: a price from the catalogue with the day that it is of. */
function boughtCell(shown: Shown, { name, gpusPerNode }: PlacedPool): Cell {
  const prices = shown.plan.cost.pools[name]?.prices ?? [];
  const texts = prices.map(({ kind, usdPerHour, source }) => {
    const price =
      gpusPerNode === 0
        ? `${kind} ${amountUsd(usdPerHour)}/machine-hour`
        : `${kind} ${amountUsd(times(usdPerHour, 1 / gpusPerNode))}`;
    return source === null ? price : `${price} of ${source.date}`;
  });
  return amountCell(shown, `cost.pools.${name}.prices.0.usdPerHour`, prices[0]?.usdPerHour ?? null, () =>
    texts.join(", "),
  );
}

/** What pools have room for at each level of load. */
export function roomTable({ pools, cell }: Shown): PlanTable {
  const rows = pools.flatMap(({ name, room }) =>
    levelNames.map((level) => {
      const at = room.levels[level];
      const own = (path: string, text: number | string): Cell =>
        cell(`pools.${name}.room.levels.${level}.${path}`, String(text));
      return [
        `${name}, ${level}`,
        own("needed", at.needed),
        own("running", at.running),
        own("idle", at.idle),
        own("unusedReserved", at.unusedReserved),
        own("gpus.used", `${at.gpus.used} of ${at.gpus.running}`),
        at.scarcest,
        unplacedText(at),
      ];
    }),
  );
  const counts = ["machines needed", "running", "without a pod", "reserved, not running", "GPUs used"];
  const columns = [left("pool and level"), ...counts.map(right), left("scarcest"), left("pods without a place")];
  return { caption: "Room", columns, rows, inTerminal: [] };
}

function unplacedText({ unplaced }: RoomLevel): string {
  const texts = Object.entries(unplaced).map(([release, pods]) => `${pods} of ${release}`);
  return texts.length === 0 ? "none" : texts.join(", ");
}
