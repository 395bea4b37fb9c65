import { hoursPerMonth } from "../../catalog/units";
import type { Arithmetic, By } from "../plan";
import { levelNames, type LevelName } from "../room/pool";
import { explainPool } from "./explain-pool";
import { explainRoutes } from "./explain-routes";
import { eachBound, sumOf, usdPerHour, type Explained } from "./explained";
import type { MoneyPlan, MoneyQuestion } from "./money";

/**
 * The arithmetic of every number of the plan, by its path: `pools.l40s.levels.max.usdPerHour.expected`. What is
 * unknown has its arithmetic at the path of the amount itself.
 */
export function explainMoney(question: MoneyQuestion, plan: MoneyPlan): By<Arithmetic> {
  return Object.fromEntries([
    ...question.pools.flatMap((pool) => explainPool(pool, plan)),
    ...explainRoutes(question, plan),
    ...levelNames.flatMap((level) => [...explainTotal(plan, level), ...explainOverPools(plan, level)]),
  ]);
}

function explainTotal(plan: MoneyPlan, level: LevelName): Explained {
  const at = plan.levels[level];
  const path = `levels.${level}`;
  const pools = Object.values(plan.pools);
  const machines = pools.map(({ pool, levels }) => [pool, levels[level].usdPerHour] as const);
  const idle = pools.map(({ pool, levels }) => [pool, levels[level].idle] as const);
  const providers = Object.entries(plan.external).map(([route, levels]) => [route, levels[level]] as const);
  const both = [["machines", at.machinesUsdPerHour] as const, ["providers", at.externalUsdPerHour] as const];
  return [
    ...sumOf(`${path}.machinesUsdPerHour`, at.machinesUsdPerHour, "sum over pools, used or not", machines),
    ...sumOf(`${path}.externalUsdPerHour`, at.externalUsdPerHour, "sum over routes of providers", providers),
    ...sumOf(`${path}.idleUsdPerHour`, at.idleUsdPerHour, "sum over pools of what nobody uses", idle),
    ...sumOf(`${path}.usdPerHour`, at.usdPerHour, "machines + providers", both),
    ...eachBound(
      `${path}.usdPerMonth`,
      at.usdPerMonth,
      "dollars per hour × hours of a month",
      (bound) => [
        usdPerHour("dollars per hour", at.usdPerHour, bound),
        { name: "hours of a month", value: hoursPerMonth, unit: "h", source: "a twelfth of 365 days" },
      ],
      "$/month",
    ),
  ];
}

/** Releases and kinds of purchase, which may be in several pools. */
function explainOverPools(plan: MoneyPlan, level: LevelName): Explained {
  const pools = Object.values(plan.pools);
  const releases = Object.entries(plan.releases).flatMap(([release, levels]) => {
    const parts = pools.flatMap(({ pool, levels: own }) => {
      const amount = own[level].releases[release];
      return amount === undefined ? [] : [[pool, amount] as const];
    });
    return sumOf(`releases.${release}.${level}`, levels[level], "sum over the pools that it runs in", parts);
  });
  const purchases = Object.entries(plan.purchases).flatMap(([kind, levels]) => {
    const parts = pools.flatMap(({ pool, levels: own }) =>
      own[level].purchases
        .filter((purchase) => purchase.kind === kind)
        .map((purchase) => [pool, purchase.usdPerHour] as const),
    );
    return sumOf(`purchases.${kind}.${level}`, levels[level], `sum over pools of ${kind} machines`, parts);
  });
  return [...releases, ...purchases];
}
