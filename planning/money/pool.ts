import type { Source } from "../../catalog/fact";
import type { OnDemandPrice, SpotRange } from "../../catalog/instances";
import type { By } from "../plan";
import type { LevelName, ReplicaLevels } from "../room/pool";
import { exactly, nothing, rest, sum, times, type Amount } from "./amount";

/** How machines are bought. */
export type PurchaseKind = "owned" | "reserved" | "on-demand" | "spot";

/** One way in which a pool's machines are bought, and what one costs an hour. */
export interface Purchase {
  readonly kind: PurchaseKind;
  /** Machines that are paid whether they run or not; null for ones that are paid while they run. */
  readonly committed: number | null;
  /** Dollars per machine and hour. */
  readonly usdPerHour: Amount;
  /** Where the price is from; null where it is a setting, or unknown. */
  readonly source: Source | null;
}

/** Machines that are there anyway, at a price that a setting says. */
export function committed(kind: "owned" | "reserved", machines: number, usdPerHour: number | null): Purchase {
  return { kind, committed: machines, usdPerHour: exactly(usdPerHour), source: null };
}

/** Machines at the catalogue's price, where it has one. */
export function onDemand(price: OnDemandPrice | undefined): Purchase {
  return {
    kind: "on-demand",
    committed: null,
    usdPerHour: exactly(price?.usdPerHour ?? null),
    source: price === undefined ? null : sourceOf(price),
  };
}

/** Machines at whatever the market asks: between what the cheapest and the dearest zone asked once. */
export function spot(range: SpotRange | undefined): Purchase {
  if (range === undefined) return { kind: "spot", committed: null, usdPerHour: null, source: null };
  const usdPerHour = { low: range.minUsdPerHour, expected: range.medianUsdPerHour, high: range.maxUsdPerHour };
  return { kind: "spot", committed: null, usdPerHour, source: sourceOf(range) };
}

/** A fact's source without the fact. */
export function sourceOf({ source, date, standing, note }: Source): Source {
  return { source, date, standing, ...(note === undefined ? {} : { note }) };
}

/** What a release takes of a pool. */
export interface Share {
  readonly release: string;
  /** Replicas that run at each level, and what one of them takes. */
  readonly replicas: ReplicaLevels;
  readonly gpus: number;
  readonly cpu: number;
}

export interface PoolMoneyQuestion {
  readonly pool: string;
  /** What one machine has for pods. */
  readonly machine: { readonly gpus: number; readonly cpu: number };
  /** Machines that run at each level. */
  readonly running: Readonly<Record<LevelName, number>>;
  /** The order is the autoscaler's preference. */
  readonly purchases: readonly Purchase[];
  readonly releases: readonly Share[];
}

/** What one kind of purchase costs. */
export interface PurchaseMoney {
  readonly kind: PurchaseKind;
  /** Machines that are paid. */
  readonly machines: number;
  readonly usdPerHour: Amount;
}

/** What a pool costs at one level. */
export interface PoolLevelMoney {
  /** All machines, used or not. */
  readonly usdPerHour: Amount;
  readonly purchases: readonly PurchaseMoney[];
  /** What each release uses of it; with `idle` it is the whole. */
  readonly releases: By<Amount>;
  /** What nobody uses: machines without pods, GPUs without a pod, reservations that do not run. */
  readonly idle: Amount;
}

export interface PoolMoney {
  readonly pool: string;
  readonly levels: Readonly<Record<LevelName, PoolLevelMoney>>;
  /** The prices as they were read, for showing date and standing. */
  readonly prices: readonly Purchase[];
}

/**
 * What a pool costs. Machines that are committed are paid always; what runs beyond them is bought while it runs. Every
 * GPU of a pool costs the same, whatever machine it is in, so a release costs its share of GPUs (of CPUs where the
 * machines have no GPU).
 */
export function poolMoney(question: PoolMoneyQuestion): PoolMoney {
  return {
    pool: question.pool,
    levels: {
      min: levelMoney(question, "min"),
      expected: levelMoney(question, "expected"),
      max: levelMoney(question, "max"),
    },
    prices: question.purchases,
  };
}

function levelMoney(question: PoolMoneyQuestion, level: LevelName): PoolLevelMoney {
  const purchases = purchaseMoney(question.purchases, question.running[level]);
  const usdPerHour = sum(purchases.map((purchase) => purchase.usdPerHour));
  const paid = purchases.reduce((machines, purchase) => machines + purchase.machines, 0);
  const fractions = usedFractions(question, level, paid);
  const releases = fractions.map(([release, fraction]): [string, Amount] => [release, times(usdPerHour, fraction)]);
  return {
    usdPerHour,
    purchases,
    releases: Object.fromEntries(releases),
    idle: rest(
      usdPerHour,
      releases.map(([, amount]) => amount),
    ),
  };
}

function purchaseMoney(purchases: readonly Purchase[], running: number): readonly PurchaseMoney[] {
  const fixed = purchases.flatMap(({ kind, committed: machines, usdPerHour }) =>
    machines === null ? [] : [{ kind, machines, usdPerHour: times(usdPerHour, machines) }],
  );
  const covered = fixed.reduce((machines, purchase) => machines + purchase.machines, 0);
  const beyond = Math.max(0, running - covered);
  const flexible = purchases.filter((purchase) => purchase.committed === null);
  const preferred = flexible[0]?.kind;
  if (beyond === 0) return fixed;
  // Machines that no purchase provides for have no price that is known.
  const kind = preferred ?? "on-demand";
  return [...fixed, { kind, machines: beyond, usdPerHour: times(anyOf(flexible), beyond) }];
}

/**
 * The price of a machine when the autoscaler may buy it in several ways: expected is the one it prefers, the bounds
 * are those of all, because what is to be had decides.
 */
export function anyOf(flexible: readonly Purchase[]): Amount {
  const prices = flexible.map(({ usdPerHour }) => usdPerHour);
  const known = prices.filter((price) => price !== null);
  const [first] = known;
  if (first === undefined || known.length < prices.length) return null;
  return {
    low: Math.min(...known.map(({ low }) => low)),
    expected: first.expected,
    high: Math.max(...known.map(({ high }) => high)),
  };
}

/** What each release uses, as a fraction of what is paid. Pods beyond what is paid share it: they cannot all run. */
function usedFractions(
  { machine, releases }: PoolMoneyQuestion,
  level: LevelName,
  machines: number,
): readonly (readonly [release: string, fraction: number])[] {
  const unit = shareUnit(machine);
  const used = releases.map((share) => [share.release, share.replicas[level] * share[unit]] as const);
  const whole = Math.max(
    machines * machine[unit],
    used.reduce((total, [, units]) => total + units, 0),
  );
  return used.map(([release, units]) => [release, whole === 0 ? 0 : units / whole]);
}

/** What releases share a pool's cost by. */
export function shareUnit(machine: PoolMoneyQuestion["machine"]): "gpus" | "cpu" {
  return machine.gpus > 0 ? "gpus" : "cpu";
}

/** What one kind of purchase costs over pools. */
export function byPurchase(pools: readonly PoolMoney[], kind: PurchaseKind, level: LevelName): Amount {
  const amounts = pools.flatMap(({ levels }) =>
    levels[level].purchases.filter((purchase) => purchase.kind === kind).map(({ usdPerHour }) => usdPerHour),
  );
  return amounts.length === 0 ? nothing : sum(amounts);
}
