import {
  isLanguageModel,
  type LanguageModelPlan,
  type Plan,
  type PlacedPool,
  type ReleasePlan,
} from "../../../planning";
import type { Amount } from "../../../planning/money";
import { basesOf, basisText, provenance, worstMark, type Basis } from "../provenance";
import type { Cell, Column, Row } from "../table";

export type LanguageModelRelease = Extract<ReleasePlan, LanguageModelPlan>;

/** A plan, and how its numbers are shown. */
export interface Shown {
  readonly plan: Plan;
  readonly pools: readonly PlacedPool[];
  readonly releases: readonly ReleasePlan[];
  /** Those whose memory and speed are known. */
  readonly languageModels: readonly LanguageModelRelease[];
  /** What its numbers stand on. */
  readonly bases: readonly Basis[];
  /** The number at a path with the way to its arithmetic, its mark and its sources, where there are any. */
  readonly cell: (path: string, text: string) => Cell;
}

export function shownOf(plan: Plan): Shown {
  const bases = provenance(plan);
  const releases = Object.values(plan.releases);
  return {
    plan,
    pools: Object.values(plan.pools),
    releases,
    languageModels: releases.filter(isLanguageModel),
    bases,
    cell: (path, text) => {
      const deciding = basesOf(path, bases);
      const explained = plan.why[path] === undefined ? undefined : path;
      if (explained === undefined && deciding.length === 0) return text;
      return { text, path: explained, mark: worstMark(deciding), bases: deciding.map(basisText) };
    },
  };
}

/** An amount leads to the arithmetic of what is expected; what is unknown has one for the whole of it. */
export function amountCell({ cell }: Shown, path: string, amount: Amount, text: (amount: Amount) => string): Cell {
  return cell(amount === null ? path : `${path}.expected`, text(amount));
}

/** One row for each of these releases. */
export function releaseRows<Release extends ReleasePlan>(
  { cell }: Shown,
  releases: readonly Release[],
  row: (release: Release, own: (path: string, text: string) => Cell) => Row,
): readonly Row[] {
  return releases.map((release) => row(release, (path, text) => cell(`releases.${release.name}.${path}`, text)));
}

export const right = (title: string): Column => ({ title, align: "right" });
export const left = (title: string): Column => ({ title });
export const prose = (title: string): Column => ({ title, prose: true });

/** `3`, or `1–3` where bounds differ. */
export function betweenText(low: number, high: number): string {
  return low === high ? String(low) : `${low}–${high}`;
}
