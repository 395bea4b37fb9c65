import type { Amount } from "../../../planning/money";
import type { Levels } from "../../../planning/money/routes";
import { levelNames } from "../../../planning/room";
import type { PlanTable } from "../plan-tables";
import { amountUsd, tokenUsd, usd } from "../quantities";
import type { Cell, Row } from "../table";
import { amountCell, left, right, type Shown } from "./shown";

/** What it costs when load is least, as expected, and most. */
export function moneyTable(shown: Shown): PlanTable {
  const { plan, releases } = shown;
  const hasTokens = Object.keys(plan.cost.tokens).length > 0;
  const rows = [
    ...releases.map(({ name }) => [
      ...levelRow(shown, `release ${name}`, `cost.releases.${name}`, plan.cost.releases[name]),
      ...(hasTokens ? tokenCells(shown, name) : []),
    ]),
    ...totalRows(shown),
  ];
  const columns = [
    left("dollars an hour"),
    ...["min", "expected", "max"].map(right),
    ...(hasTokens ? ["$/1M tokens read", "$/1M tokens written"].map(right) : []),
  ];
  const filled = rows.map((row) => [...row, ...columns.slice(row.length).map(() => "")]);
  return { caption: "Money", columns, rows: filled, note: summary(shown) };
}

function levelRow(shown: Shown, name: string, path: string, levels: Levels | undefined): Row {
  return [
    name,
    ...levelNames.map((level) => amountCell(shown, `${path}.${level}`, levels?.[level] ?? null, amountUsd)),
  ];
}

function tokenCells(shown: Shown, release: string): readonly Cell[] {
  const price = shown.plan.cost.tokens[release];
  if (price === undefined) return [];
  return (["input", "output"] as const).map((kind) =>
    amountCell(shown, `cost.tokens.${release}.${kind}`, price[kind], tokenUsd),
  );
}

function totalRows(shown: Shown): readonly Row[] {
  const { levels } = shown.plan.cost;
  const row = (name: string, of: "idleUsdPerHour" | "externalUsdPerHour" | "usdPerHour" | "usdPerMonth"): Row => [
    name,
    ...levelNames.map((level) => amountCell(shown, `cost.levels.${level}.${of}`, levels[level][of], amountUsd)),
  ];
  const providers = levelNames.some((level) => !isNothing(levels[level].externalUsdPerHour));
  return [
    row("not used", "idleUsdPerHour"),
    ...(providers ? [row("providers", "externalUsdPerHour")] : []),
    row("all", "usdPerHour"),
    row("all, a month", "usdPerMonth"),
  ];
}

/** The same money by pool, kind of purchase, route and tenant, where that says more. */
export function otherMoneyTable(shown: Shown): PlanTable {
  const columns = [left("of these, an hour"), ...["min", "expected", "max"].map(right)];
  return { caption: "Money by pool, purchase, route and tenant", columns, rows: otherWays(shown) };
}

function otherWays(shown: Shown): readonly Row[] {
  const { pools, purchases, routes, tenants, unrouted, untenanted } = shown.plan.cost;
  const poolRows = Object.keys(pools).map((pool) => [
    `pool ${pool}`,
    ...levelNames.map((level) =>
      amountCell(shown, `cost.pools.${pool}.levels.${level}.usdPerHour`, usdOf(shown, pool, level), amountUsd),
    ),
  ]);
  const bought = Object.entries(purchases).filter(([, levels]) =>
    levelNames.some((level) => !isNothing(levels[level])),
  );
  const named = (what: string, section: string, each: Readonly<Record<string, Levels>>) =>
    Object.entries(each).map(([name, levels]) => levelRow(shown, `${what} ${name}`, `cost.${section}.${name}`, levels));
  const rest = (what: string, section: string, levels: Levels, each: object): readonly Row[] =>
    Object.keys(each).length === 0 || levelNames.every((level) => isNothing(levels[level]))
      ? []
      : [levelRow(shown, what, `cost.${section}`, levels)];
  return [
    ...(poolRows.length > 1 ? poolRows : []),
    ...(bought.length > 1 || shown.pools.some(({ rented }) => rented !== null)
      ? bought.map(([kind, levels]) => levelRow(shown, `${kind} machines`, `cost.purchases.${kind}`, levels))
      : []),
    ...named("route", "routes", routes),
    ...rest("no route", "unrouted", unrouted, routes),
    ...named("tenant", "tenants", tenants),
    ...rest("no tenant", "untenanted", untenanted, tenants),
  ];
}

function usdOf({ plan }: Shown, pool: string, level: (typeof levelNames)[number]): Amount {
  return plan.cost.pools[pool]?.levels[level].usdPerHour ?? null;
}

function isNothing(amount: Amount): boolean {
  return amount !== null && amount.high === 0;
}

/** `at most $30.40/h, $22,192.00 a month: $20.90/h in releases, $9.50/h idle` */
function summary({ plan }: Shown): string {
  const { usdPerHour, usdPerMonth, levels, byPool } = plan.cost;
  const used = Object.values(byPool)
    .map((pool) => pool.usedByReleasesUsdPerHour)
    .reduce((total, amount) => (total === null || amount === null ? null : total + amount), 0);
  const { idleUsdPerHour: idle, externalUsdPerHour: external } = levels.max;
  const providers = isNothing(external) ? "" : `, ${usd(external?.high ?? null)}/h at providers`;
  const where = `${usd(used)}/h in releases, ${usd(idle?.high ?? null)}/h idle${providers}`;
  return `at most ${usd(usdPerHour)}/h, ${usd(usdPerMonth)} a month: ${where}`;
}

/** What one machine costs in each way that it may be bought. */
export function priceTable(shown: Shown): PlanTable {
  const rows = shown.pools.flatMap(({ name, rented }) =>
    (shown.plan.cost.pools[name]?.prices ?? []).map(({ kind, committed, usdPerHour, source }, index): Row => {
      const path = `cost.pools.${name}.prices.${index}`;
      return [
        `${name}, ${kind}`,
        rented?.instance ?? "own machine",
        committed === null ? "as they run" : shown.cell(`${path}.committed`, String(committed)),
        amountCell(shown, `${path}.usdPerHour`, usdPerHour, amountUsd),
        source?.standing ?? (usdPerHour === null ? "unknown" : "a setting"),
        source?.date ?? "",
      ];
    }),
  );
  const columns = [
    left("pool and purchase"),
    left("machine"),
    right("paid machines"),
    right("$/h of one"),
    left("price is"),
    left("of"),
  ];
  return { caption: "Prices", columns, rows, inTerminal: [] };
}
