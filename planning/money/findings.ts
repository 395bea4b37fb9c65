import { hoursPerMonth } from "../../catalog/units";
import type { Finding } from "../findings";
import type { LevelName } from "../room/pool";
import type { Amount } from "./amount";
import type { MoneyPlan } from "./money";

/** What the team means to spend. */
export interface Budget {
  readonly atMaximumUsdPerHour?: number;
  readonly expectedUsdPerMonth?: number;
}

/** What is wrong with money. */
export function moneyFindings(plan: MoneyPlan, budget: Budget): readonly Finding[] {
  const { atMaximumUsdPerHour: hourly, expectedUsdPerMonth: monthly } = budget;
  return [
    ...plan.unknown.pools.map(priceUnknown),
    ...plan.unknown.routes.map((route) => externalUnknown(plan, route)),
    ...(hourly === undefined ? [] : checkBudget(plan, atMaximum, hourly)),
    ...(monthly === undefined ? [] : checkBudget(plan, expectedPerMonth, monthly)),
  ];
}

interface BudgetKind {
  readonly level: LevelName;
  readonly setting: string;
  /** Of an hour. */
  readonly hours: number;
  readonly unit: string;
  readonly what: string;
}

const atMaximum: BudgetKind = {
  level: "max",
  setting: "atMaximum",
  hours: 1,
  unit: "an hour",
  what: "when every release is at its most",
};
const expectedPerMonth: BudgetKind = {
  level: "expected",
  setting: "expected",
  hours: hoursPerMonth,
  unit: "a month",
  what: "as the load is expected",
};

/**
 * Exceeded is what is expected to be above the limit; may be exceeded, what is above it when spot prices are high. Of
 * an unknown sum the known parts are the least it can be.
 */
function checkBudget(plan: MoneyPlan, kind: BudgetKind, limit: number): readonly Finding[] {
  const { low, expected, high } = knownPart(plan, kind.level);
  const of = (usd: number) => usd * kind.hours;
  const unknown = plan.levels[kind.level].usdPerHour === null;
  if (of(expected) > limit)
    return [budgetFinding(plan, kind, "budget-exceeded", `${unknown ? "at least " : ""}${usd(of(expected))}`, limit)];
  if (of(high) > limit)
    return [budgetFinding(plan, kind, "budget-maybe-exceeded", `${usd(of(low))} to ${usd(of(high))}`, limit)];
  if (!unknown) return [];
  return [budgetFinding(plan, kind, "budget-unknown", `${usd(of(expected))} and what is unknown`, limit)];
}

function budgetFinding(
  plan: MoneyPlan,
  kind: BudgetKind,
  id: "budget-exceeded" | "budget-maybe-exceeded" | "budget-unknown",
  cost: string,
  limit: number,
): Finding {
  return {
    id,
    level: id === "budget-exceeded" ? "error" : "warning",
    at: ["budget", kind.setting],
    message: `${kind.what} the environment costs ${cost} ${kind.unit} (${partsText(plan, kind)}), and the budget is ${usd(limit)} ${kind.unit}`,
    fix:
      id === "budget-unknown"
        ? "Say the prices that are missing, or bound what goes to providers."
        : "Lower the bounds of the largest part, buy its machines otherwise, or raise the budget.",
  };
}

/** Parts by size, the largest first. */
function partsText(plan: MoneyPlan, { level, hours }: BudgetKind): string {
  const pools = Object.values(plan.pools).map(({ pool, levels }) => ({ name: pool, amount: levels[level].usdPerHour }));
  const providers = Object.entries(plan.external)
    .map(([route, levels]) => ({ name: `providers of ${route}`, amount: levels[level] }))
    .filter(({ amount }) => amount === null || amount.high > 0);
  return [...pools, ...providers]
    .toSorted((a, b) => sizeOf(b.amount) - sizeOf(a.amount) || (a.name < b.name ? -1 : 1))
    .map(({ name, amount }) => `${name} ${amount === null ? "unknown" : usd(amount.expected * hours)}`)
    .join(" + ");
}

function sizeOf(amount: Amount): number {
  return amount?.expected ?? Infinity;
}

/** The sum without what is unknown: no more than the whole. */
function knownPart(plan: MoneyPlan, level: LevelName): { low: number; expected: number; high: number } {
  const amounts = [
    ...Object.values(plan.pools).map(({ levels }) => levels[level].usdPerHour),
    ...Object.values(plan.external).map((levels) => levels[level]),
  ].filter((amount) => amount !== null);
  const add = (bound: "low" | "expected" | "high") => amounts.reduce((total, amount) => total + amount[bound], 0);
  return { low: add("low"), expected: add("expected"), high: add("high") };
}

function priceUnknown(pool: string): Finding {
  return {
    id: "price-unknown",
    level: "error",
    at: ["pools", pool],
    message: `what a machine of the pool ${pool} costs is unknown, so what the environment costs is too`,
    fix: "Say it as `price`, such as $1.20/GPU-hour; amortised where the machines are owned.",
  };
}

function externalUnknown(plan: MoneyPlan, route: string): Finding {
  if (plan.external[route]?.expected === null)
    return {
      id: "price-unknown",
      level: "error",
      at: ["routes", route],
      message: `what a provider of the route ${route} asks for its tokens is unknown`,
      fix: "Use a model whose price the catalogue has, or say its price.",
    };
  return {
    id: "external-unbounded",
    level: "warning",
    at: ["routes", route],
    message: `nothing bounds what the route ${route} may spend at providers: when its own releases fail, all requests go there`,
    fix: "Limit the requests of its tenants.",
  };
}

function usd(amount: number): string {
  return `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
