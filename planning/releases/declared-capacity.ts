/** Pods of releases whose capacity is measured by people, because nothing computes it. */
import type { Path, ReplicaSettings } from "../../environment";
import { errorAt, warningAt, type Finding } from "../findings";
import type { ReleaseLoad } from "../load";
import type { Arithmetic, By, Term } from "../plan";
import type { ReplicaLevels } from "../room";
import { headroom, levelsOf } from "../sizing";
import { setting } from "../why";

export interface DeclaredCapacity {
  readonly replicas: ReplicaSettings;
  /** Requests per second that one pod serves; undefined where nobody measured it. */
  readonly capacity?: number | undefined;
}

export interface SizedByCapacity {
  readonly levels: ReplicaLevels;
  readonly findings: readonly Finding[];
  /** By level. */
  readonly why: By<Arithmetic>;
}

interface Needed {
  readonly expected: number;
  readonly most: number;
}

/**
 * As many pods as the load of the routes needs, or as the settings say.
 *
 * @param at the release
 * @param what one pod, in words
 */
export function sizeByCapacity(
  settings: DeclaredCapacity,
  load: ReleaseLoad | null,
  at: Path,
  what: string,
): SizedByCapacity {
  const needed = podsNeeded(settings, load);
  const levels = levelsOf(settings.replicas, needed);
  return {
    levels,
    findings: capacityFindings(settings, load, needed, levels, at, what),
    why: whyOfReplicas(settings, load, levels),
  };
}

/** Null where no load or no capacity is known. */
function podsNeeded({ capacity }: DeclaredCapacity, load: ReleaseLoad | null): Needed | null {
  if (capacity === undefined || load === null) return null;
  const expected = Math.max(1, Math.ceil((load.requestsPerSecond * (1 + headroom)) / capacity));
  return { expected, most: Math.max(expected, Math.ceil(load.peakRequestsPerSecond / capacity)) };
}

function capacityFindings(
  { capacity }: DeclaredCapacity,
  load: ReleaseLoad | null,
  needed: Needed | null,
  { max }: ReplicaLevels,
  at: Path,
  what: string,
): readonly Finding[] {
  if (load === null) return [];
  const asked = `the routes ${load.routes.join(", ")} ask ${perSecond(load.peakRequestsPerSecond)} at the worst moment`;
  if (capacity === undefined || needed === null) {
    const message = `${asked}, and nobody has said what ${what} serves`;
    return [warningAt(at, "capacity-unknown", message, "Measure it, and write `capacity`, such as `capacity: 4/s`.")];
  }
  if (max >= needed.most) return [];
  const message = `${asked}; at ${perSecond(capacity)} a pod that needs ${needed.most} pods, and there are ${max} at most`;
  return [
    errorAt([...at, "replicas"], "load-not-met", message, `Write \`replicas: ${needed.most}\`, or leave it out.`),
  ];
}

function perSecond(rate: number): string {
  return `${Number(rate.toPrecision(3))} requests/s`;
}

function whyOfReplicas(
  { replicas, capacity }: DeclaredCapacity,
  load: ReleaseLoad | null,
  levels: ReplicaLevels,
): By<Arithmetic> {
  const one = (level: keyof ReplicaLevels): Arithmetic => {
    if (replicas !== "auto") return setting("replicas", levels[level]);
    if (capacity === undefined || load === null)
      return {
        formula: "one, because no route says its load or nobody said what a pod serves",
        terms: [],
        result: levels[level],
      };
    const terms: readonly Term[] = [
      { name: "expected", value: load.requestsPerSecond, unit: "requests/s" },
      { name: "headroom", value: headroom },
      { name: "worst moment", value: load.peakRequestsPerSecond, unit: "requests/s" },
      { name: "of one pod", value: capacity, unit: "requests/s", source: "the setting `capacity`" },
    ];
    return {
      formula: "the larger of expected × (1 + headroom) and worst moment, ÷ what one pod serves, rounded up",
      terms,
      result: levels[level],
    };
  };
  return { min: one("min"), expected: one("expected"), max: one("max") };
}
