import type { Source, Standing } from "../../catalog/fact";
import { findGpuOrInstance } from "../../catalog/mig";
import { timings } from "../../catalog/timings";
import {
  isLanguageModel,
  type LanguageModelPlan,
  type Plan,
  type PlacedPool,
  type ReleasePlan,
  type Term,
} from "../../planning";
import { overheadSources } from "../../planning/memory/overhead";
import type { Confidence } from "../../planning/replica";
import { serverSource } from "../../planning/speed/constants";

type LanguageModelRelease = Extract<ReleasePlan, LanguageModelPlan>;

/** How far something can be trusted: a fact's standing, or what an estimate was compared with. */
export type Trust = Standing | Confidence | "measured";

/** A fact or an estimate that numbers of a plan stand on. */
export interface Basis {
  /** Such as `GPU memory of L40S`. */
  readonly what: string;
  readonly trust: Trust;
  readonly source: string;
  /** Day (ISO 8601); null where the source says it itself. */
  readonly date: string | null;
  /** Paths of what it decides in the plan, with everything below them. */
  readonly decides: readonly string[];
}

/** Stands behind a number that is not exact: `~` is not far off, `?` may be. */
export type Mark = "~" | "?";

export const markMeanings: Readonly<Record<Mark, string>> = {
  "~": "derived from other facts, or extrapolated beyond what was measured",
  "?": "recalled from memory, or not to be known without a run",
};

/** The mark of a trust; undefined where nothing needs to be said. */
export function markOf(trust: Trust): Mark | undefined {
  switch (trust) {
    case "exact":
    case "calibrated":
    case "measured":
      return undefined;
    case "derived":
    case "extrapolated":
      return "~";
    case "recalled":
    case "needs-profile-run":
      return "?";
  }
}

/** The mark of a number that stands on all of these: that of the worst. */
export function worstMark(bases: readonly Basis[]): Mark | undefined {
  const marks = bases.map(({ trust }) => markOf(trust));
  return marks.includes("?") ? "?" : marks.includes("~") ? "~" : undefined;
}

/** `GPU memory of L40S: start-up log … (2026-07-20, exact)` */
export function basisText({ what, source, date, trust }: Basis): string {
  return `${what}: ${source} (${date === null ? "" : `${date}, `}${trust})`;
}

/** Those that decide the number at a path. */
export function basesOf(path: string, bases: readonly Basis[]): readonly Basis[] {
  return bases.filter(({ decides }) => decides.some((each) => path === each || path.startsWith(`${each}.`)));
}

/** What the numbers of a plan stand on, beside its settings: each fact once. */
export function provenance(plan: Plan): readonly Basis[] {
  const releases = Object.values(plan.releases);
  const pools = Object.values(plan.pools);
  return merged([
    ...releases.flatMap((release) => [
      ...(isLanguageModel(release) ? modelBases(plan, release) : []),
      ...timeBases(plan, release),
    ]),
    ...pools.flatMap((pool) => priceBases(plan, pool)),
    ...plan.cost.providers.flatMap(({ model, source }) =>
      source === null ? [] : [fact(`price of ${model}`, source, ["cost.external", "cost.routes", ...sums])],
    ),
  ]);
}

function modelBases(plan: Plan, release: LanguageModelRelease): readonly Basis[] {
  return [
    fact(`shape of ${release.model}`, release.modelSource, [`releases.${release.name}.memory.weightsGiB`]),
    ...gpuMemory(plan, release),
    memoryBasis(plan, release),
    ...speedBasis(release),
  ];
}

/** Where a price that is not exact makes the sum inexact. */
const sums = ["cost.levels", "cost.usdPerHour", "cost.usdPerMonth"];

function fact(what: string, { source, date, standing }: Source, decides: readonly string[]): Basis {
  return { what, trust: standing, source, date, decides };
}

function gpuMemory(plan: Plan, { name, pool }: ReleasePlan): readonly Basis[] {
  const gpu = findGpuOrInstance(plan.pools[pool]?.accelerator ?? "");
  if (gpu === undefined) return [];
  return [fact(`GPU memory of ${gpu.id}`, gpu.cudaTotalSource, [`releases.${name}.memory.totalGiB`])];
}

/** Where it was measured the arithmetic says by whom and when. */
function memoryBasis({ why }: Plan, { name, memory }: LanguageModelRelease): Basis {
  const { source, date } = overheadSources.nonTorch;
  const decides = [`releases.${name}.memory.overheadGiB`, `releases.${name}.memory.kvTokens`];
  const what = `memory of ${name}`;
  if (!memory.measured.includes("kvGiB")) return { what, trust: memory.confidence, source, date, decides };
  const log = why[`releases.${name}.memory.kvGiB`]?.terms.find((term) => term.source !== undefined)?.source;
  return { what, trust: "measured", source: log ?? "a start-up log", date: null, decides };
}

function speedBasis({ name, speed }: LanguageModelRelease): readonly Basis[] {
  if (speed === null) return [];
  const { source, date } = serverSource;
  const decides = [`releases.${name}.speed`, `cost.tokens.${name}`];
  return [{ what: `speed of ${name}`, trust: speed.confidence, source, date, decides }];
}

/** The measurements that a cold start was put together from, as its arithmetic names them. */
function timeBases({ why }: Plan, { name, seconds }: ReleasePlan): readonly Basis[] {
  const terms = seconds.parts.flatMap(({ id }, index) =>
    (why[`releases.${name}.seconds.parts.${index}.seconds`]?.terms ?? []).map((term) => ({ id, term })),
  );
  return terms.flatMap(({ id, term }) => {
    const timing = timingOf(term);
    const what = term.name.includes(id) ? term.name : `${id}: ${term.name}`;
    return timing === undefined ? [] : [fact(what, timing, [`releases.${name}.seconds.coldStart`])];
  });
}

function timingOf({ value, unit, source = "" }: Term) {
  return Object.values(timings).find(
    (timing) =>
      timing.unit === unit &&
      (source === timing.source ? value === timing.value : source.startsWith(`${timing.source}, shared by `)),
  );
}

function priceBases(plan: Plan, { name }: PlacedPool): readonly Basis[] {
  const releases = Object.values(plan.releases).filter(({ pool }) => pool === name);
  const costs = releases.flatMap((release) => [`cost.releases.${release.name}`, `cost.tokens.${release.name}`]);
  const prices = plan.cost.pools[name]?.prices ?? [];
  return prices.flatMap(({ kind, source }, index) => {
    if (source === null) return [];
    const own = [`cost.pools.${name}.prices.${index}`, `cost.pools.${name}.levels`];
    return [fact(`${kind} price in ${name}`, source, [...own, ...costs, ...sums])];
  });
}

function merged(bases: readonly Basis[]): readonly Basis[] {
  const byFact = new Map<string, Basis>();
  for (const basis of bases) {
    const key = [basis.what, basis.source, basis.date].join("\n");
    const known = byFact.get(key);
    byFact.set(key, { ...basis, decides: [...new Set([...(known?.decides ?? []), ...basis.decides])] });
  }
  return [...byFact.values()];
}
