import type { Term } from "../plan";
import { levelNames, type LevelName } from "../room/pool";
import { count, eachBound, sumOf, usdPerHour, type Bound, type Explained } from "./explained";
import type { MoneyPlan } from "./money";
import { anyOf, shareUnit, type PoolLevelMoney, type PoolMoneyQuestion, type Purchase } from "./pool";

/** The arithmetic of one pool at every level, and of its prices. */
export function explainPool(question: PoolMoneyQuestion, plan: MoneyPlan): Explained {
  const pool = plan.pools[question.pool];
  if (pool === undefined) return [];
  const prices = pool.prices.flatMap((price, index) => explainPrice(`pools.${question.pool}.prices.${index}`, price));
  return [...prices, ...levelNames.flatMap((level) => explainLevel(question, pool.levels[level], level))];
}

function explainPrice(path: string, price: Purchase): Explained {
  const { kind, committed, usdPerHour: amount } = price;
  const from = price.source === null ? "as the environment says" : "as the catalogue has it";
  return [
    ...eachBound(`${path}.usdPerHour`, amount, `one ${kind} machine, ${from}`, (bound) => [
      usdPerHour(kind, amount, bound, sourceText([price])),
    ]),
    ...(committed === null ? [] : count(`${path}.committed`, "machines that are paid always", [], committed)),
  ];
}

function explainLevel(question: PoolMoneyQuestion, at: PoolLevelMoney, level: LevelName): Explained {
  const path = `pools.${question.pool}.levels.${level}`;
  const machines = at.purchases.reduce((total, purchase) => total + purchase.machines, 0);
  const releases = Object.entries(at.releases);
  return [
    ...explainPurchases(question, at, level, path),
    ...eachBound(
      `${path}.usdPerHour`,
      at.usdPerHour,
      "sum over purchases of machines × price; all are paid, used or not",
      (bound) => at.purchases.flatMap((_, index) => purchaseTerms(question, at, index, bound)),
    ),
    ...releases.flatMap(([release, amount]) =>
      eachBound(`${path}.releases.${release}`, amount, "the pool × what the release has of it", (bound) => [
        usdPerHour("pool", at.usdPerHour, bound),
        ...shareTerms(question, release, level, machines),
      ]),
    ),
    ...sumOf(`${path}.idle`, at.idle, "the pool − what its releases use", [["pool", at.usdPerHour], ...releases]),
  ];
}

function explainPurchases(
  { running, purchases }: PoolMoneyQuestion,
  at: PoolLevelMoney,
  level: LevelName,
  path: string,
): Explained {
  const committed = purchases.flatMap((purchase) => (purchase.committed === null ? [] : [purchase.committed]));
  return at.purchases.flatMap((bought, index) => {
    const beyond = index >= committed.length;
    const terms = [
      { name: "running", value: running[level] },
      { name: "paid always", value: committed.reduce((total, machines) => total + machines, 0) },
    ];
    return [
      ...count(
        `${path}.purchases.${index}.machines`,
        beyond ? "machines that run − machines that are paid always" : "machines that are paid always",
        beyond ? terms : [],
        bought.machines,
      ),
      ...eachBound(`${path}.purchases.${index}.usdPerHour`, bought.usdPerHour, "machines × price", (bound) =>
        purchaseTerms({ purchases }, at, index, bound),
      ),
    ];
  });
}

/** Committed purchases come first, in the order of the question; then what is bought beyond them. */
function purchaseTerms(
  { purchases }: Pick<PoolMoneyQuestion, "purchases">,
  at: PoolLevelMoney,
  index: number,
  bound: Bound,
): readonly Term[] {
  const bought = at.purchases[index];
  if (bought === undefined) return [];
  const own = purchases.filter(({ committed }) => committed !== null)[index];
  const flexible = purchases.filter(({ committed }) => committed === null);
  const price = own === undefined ? anyOf(flexible) : own.usdPerHour;
  const source = sourceText(own === undefined ? flexible : [own]);
  return [
    { name: `${bought.kind} machines`, value: bought.machines },
    usdPerHour(`price of one, ${bought.kind}`, price, bound, source),
  ];
}

/** Where prices come from, with date and how far they can be trusted. */
function sourceText(purchases: readonly Purchase[]): string | undefined {
  const texts = purchases.flatMap(({ source }) =>
    source === null ? [] : [`${source.source}, ${source.date} (${source.standing})`],
  );
  return texts.length === 0 ? undefined : texts.join("; ");
}

function shareTerms(question: PoolMoneyQuestion, release: string, level: LevelName, machines: number): readonly Term[] {
  const unit = shareUnit(question.machine);
  const share = question.releases.find((candidate) => candidate.release === release);
  return [
    { name: `${unit} of the release`, value: (share?.replicas[level] ?? 0) * (share?.[unit] ?? 0) },
    { name: `${unit} of the pool`, value: machines * question.machine[unit] },
  ];
}
