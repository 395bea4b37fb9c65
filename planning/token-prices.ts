import { busyReplicas, explainTokenPrice, tokenPrice, type Amount, type MoneyPlan, type TokenPrice } from "./money";
import { times } from "./money/amount";
import { isLanguageModel, type Arithmetic, type By, type ReleasePlan } from "./plan";
import type { ReleaseSpeed } from "./sizing";

/** What tokens cost, by release, and the arithmetic of each bound by path inside the cost plan. */
export interface TokenPrices {
  readonly tokens: By<TokenPrice>;
  readonly why: By<Arithmetic>;
}

/**
 * What a million tokens of each release with a load costs, at its expected load: input tokens are those that no prefix
 * cache has. What the load's tokens cost together is what the release costs.
 */
export function tokenPrices(releases: readonly ReleasePlan[], money: MoneyPlan): TokenPrices {
  const priced = releases.filter(isLanguageModel).flatMap(({ name, replicas: { expected: pods }, speed }) => {
    const usdPerHour = money.releases[name]?.expected ?? null;
    if (speed === null || pods === 0) return [];
    return [{ name, speed, usdPerHour: times(usdPerHour, 1 / pods), busy: busyShare(speed, pods) }];
  });
  return {
    tokens: Object.fromEntries(
      priced.map(({ name, usdPerHour, speed, busy }) => [name, tokenPrice(usdPerHour, speed.rates, busy)]),
    ),
    get why() {
      return Object.fromEntries(
        priced.flatMap(({ name, usdPerHour, speed, busy }) =>
          (["input", "output"] as const).flatMap((kind) =>
            explained(`tokens.${name}.${kind}`, kind, usdPerHour, speed, busy),
          ),
        ),
      );
    },
  };
}

/**
 * Share of its time that one of so many pods works, at the speed of `rates`. Not `utilization`, which compares with the
 * largest batch: the rates are those of the batch that the load makes.
 */
function busyShare({ load, rates }: ReleaseSpeed, pods: number): number {
  const computed = { ...load, inputTokens: load.inputTokens * (1 - load.prefixHit) };
  return busyReplicas(computed, rates).expected / pods;
}

function explained(
  path: string,
  kind: keyof TokenPrice,
  usdPerHour: Amount,
  { rates }: ReleaseSpeed,
  busy: number,
): readonly (readonly [path: string, arithmetic: Arithmetic])[] {
  if (usdPerHour === null) return [[path, explainTokenPrice(kind, usdPerHour, rates, busy)]];
  return (["low", "expected", "high"] as const).map((bound) => [
    `${path}.${bound}`,
    explainTokenPrice(kind, usdPerHour, rates, busy, bound),
  ]);
}
