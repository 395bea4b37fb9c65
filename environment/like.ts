import type { Merged } from "./chain";
import type { Path } from "./file";
import type { Problem } from "./problem";
import { suggestion } from "../catalog/suggest";

type Written = Readonly<Record<string, unknown>>;

/** `like: chat`: a release that has the settings of another one, but for those that it says itself. */
interface Likeness {
  /** Releases that say what this one does not, the nearest first. */
  readonly like: readonly string[];
}

/**
 * Gives every release with `like` the settings of the release that it names, as `extends` does for files: maps merge key
 * by key, lists and single values replace. What is inherited keeps its place.
 */
export function withLikeness(merged: Merged): { readonly merged: Merged; readonly problems: readonly Problem[] } {
  const written = recordOf(merged.value["releases"]);
  if (!Object.values(written).some((release) => "like" in recordOf(release))) return { merged, problems: [] };
  const names = Object.keys(written);
  const chains = names.map((name) => [name, chainOf(name, written, merged)] as const);
  const problems = chains.flatMap(([, chain]) => ("problem" in chain ? [chain.problem] : []));
  const likeness = new Map(chains.flatMap(([name, chain]) => ("like" in chain ? [[name, chain] as const] : [])));
  const releases = Object.fromEntries(
    names.map((name) => [name, inherited([name, ...(likeness.get(name)?.like ?? [])], written)]),
  );
  return { merged: withReleases(merged, releases, likeness), problems };
}

/** The releases that one takes after, or why it cannot. */
function chainOf(name: string, written: Written, merged: Merged): Likeness | { readonly problem: Problem } {
  const like: string[] = [];
  let current = name;
  for (;;) {
    const next = recordOf(written[current])["like"];
    if (next === undefined) return { like };
    const place = merged.locate(["releases", current, "like"]);
    if (typeof next !== "string" || !Object.hasOwn(written, next)) {
      const shown = JSON.stringify(next);
      const message = `releases.${current}.like names the release ${shown}, which this environment does not have`;
      const known = Object.keys(written).filter((other) => other !== current);
      return { problem: { place, message, fix: suggestion(typeof next === "string" ? next : shown, known) } };
    }
    if (next === name || like.includes(next)) {
      const circle = [name, ...like, next].join(" → ");
      return {
        problem: { place, message: `\`like\` goes in a circle: ${circle}`, fix: "Remove one of these `like`." },
      };
    }
    like.push(next);
    current = next;
  }
}

/** The settings of several releases together: what the first says stands. */
function inherited(names: readonly string[], written: Written): unknown {
  const [own] = names;
  const first = own === undefined ? undefined : written[own];
  if (!isRecord(first)) return first;
  const layers = names.toReversed().map((name) => recordOf(written[name]));
  const together = layers.reduce<Written>((below, above) => over(below, above), {});
  return Object.fromEntries(Object.entries(together).filter(([key]) => key !== "like"));
}

function over(below: Written, above: Written): Written {
  const keys = [...new Set([...Object.keys(below), ...Object.keys(above)])];
  return Object.fromEntries(
    keys.map((key) => {
      const [low, high] = [below[key], above[key]];
      if (!Object.hasOwn(above, key)) return [key, low];
      return [key, isRecord(low) && isRecord(high) ? over(low, high) : high];
    }),
  );
}

/** What a release does not say itself stands where the one that it takes after says it. */
function withReleases(merged: Merged, releases: Written, likeness: ReadonlyMap<string, Likeness>): Merged {
  const others = ([section, name, ...inner]: Path): readonly Path[] =>
    section === "releases" && typeof name === "string" && inner.length > 0
      ? (likeness.get(name)?.like ?? []).map((other) => [section, other, ...inner])
      : [];
  const written: Merged["written"] = (path) =>
    [path, ...others(path)].map((each) => merged.written(each)).find((place) => place !== undefined);
  return {
    value: { ...merged.value, releases },
    written,
    locate: (path, part) => {
      const said = [path, ...others(path)].find((each) => merged.written(each) !== undefined);
      return merged.locate(said ?? path, part);
    },
  };
}

function recordOf(value: unknown): Written {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
