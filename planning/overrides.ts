import type { Environment, OverrideSettings, Path } from "../environment";
import { errorAt, findingIds, findingKinds, isFindingId, warningAt, type Finding } from "./findings";

interface PlacedOverride {
  readonly id: string;
  /** The part of the environment for which it holds: a pool, a release, or what is neither. */
  readonly section: Path;
  readonly override: OverrideSettings;
}

/**
 * Findings as the environment's overrides leave them: an overridden one is still shown, but stops nothing.
 *
 * @param today - as 2026-11-21; an override holds through its last day
 */
export function applyOverrides(
  findings: readonly Finding[],
  environment: Environment,
  today: string,
): readonly Finding[] {
  const overrides = overridesOf(environment);
  const holding = overrides.filter((placed) => problemWith(placed, findings, today) === undefined);
  const changed = findings.map((finding) => {
    const placed = holding.find((candidate) => covers(candidate, finding));
    return placed === undefined ? finding : { ...finding, level: "overridden" as const, override: placed.override };
  });
  return [...changed, ...overrides.flatMap((placed) => problemWith(placed, findings, today) ?? [])];
}

function overridesOf(environment: Environment): readonly PlacedOverride[] {
  const sections: readonly (readonly [Path, Environment["overrides"]])[] = [
    [[], environment.overrides],
    ...Object.entries(environment.pools).map(([name, pool]) => [["pools", name], pool.overrides] as const),
    ...Object.entries(environment.releases).map(([name, release]) => [["releases", name], release.overrides] as const),
  ];
  return sections.flatMap(([section, overrides]) =>
    Object.entries(overrides).map(([id, override]) => ({ id, section, override })),
  );
}

function covers({ id, section }: PlacedOverride, finding: Finding): boolean {
  if (finding.id !== id) return false;
  if (section.length === 0) return finding.at[0] !== "pools" && finding.at[0] !== "releases";
  return section.every((step, depth) => finding.at[depth] === step);
}

function problemWith(placed: PlacedOverride, findings: readonly Finding[], today: string): Finding | undefined {
  const { id, override } = placed;
  const at: Path = [...placed.section, "overrides", id];
  if (!isFindingId(id)) {
    return errorAt(
      at,
      "override-unknown",
      `there is no finding ${JSON.stringify(id)} to override`,
      `There are: ${findingIds.join(", ")}.`,
    );
  }
  if (!findingKinds[id].overridable) {
    return errorAt(
      at,
      "override-refused",
      `${id} cannot be overridden: nothing could be built`,
      "Remove the override and mend what it is about.",
    );
  }
  if (override.expires < today) {
    const message = `the override of ${id} ended on ${override.expires}`;
    return errorAt(
      at,
      "override-expired",
      message,
      "Mend what it is about, or give it a new last day with the reason why.",
    );
  }
  if (findings.some((finding) => covers(placed, finding))) return undefined;
  return warningAt(at, "override-unused", `there is no ${id} here to override`, "Remove the override.");
}
