import { models } from "../catalog/models";
import type { Merged } from "./chain";
import type { Path } from "./file";
import { pathText, valueAt } from "./messages";
import type { Problem } from "./problem";
import { suggestion } from "../catalog/suggest";

/** A setting that names something: where such settings stand, and where that something is described. */
interface Reference {
  /** `*` stands for every key or every item. */
  readonly from: Path;
  readonly section: string;
  readonly what: string;
  /** Names that there are beside those of the section. */
  readonly others?: readonly string[];
}

const references: readonly Reference[] = [
  { from: ["pools", "*", "cluster"], section: "clusters", what: "cluster" },
  { from: ["releases", "*", "pool"], section: "pools", what: "pool" },
  {
    from: ["releases", "*", "model"],
    section: "models",
    what: "model",
    others: models.flatMap(({ id, aliases }) => [id, ...aliases]),
  },
  {
    from: ["releases", "*", "models", "*", "model"],
    section: "models",
    what: "model",
    others: models.flatMap(({ id, aliases }) => [id, ...aliases]),
  },
  { from: ["routes", "*", "targets", "*", "release"], section: "releases", what: "release" },
  { from: ["routes", "*", "fallback", "*", "external"], section: "externalModels", what: "external model" },
];

/**
 * Names that point at something which the environment does not have. Reads what was written, so that it has its say
 * although other settings are wrong; those which are no text are the schema's to refuse.
 */
export function danglingReferences(merged: Merged): readonly Problem[] {
  const named = references.flatMap(({ from, section, what, others = [] }) => {
    const known = [...keys(valueAt(merged.value, [section])).map(String), ...others];
    return expand(merged.value, from).flatMap((path): readonly Problem[] => {
      const name = valueAt(merged.value, path);
      if (typeof name !== "string" || name === "" || known.includes(name)) return [];
      const message = `${pathText(path)} names the ${what} ${shortened(name)}, which ${others.length > 0 ? "neither this environment nor the catalogue has" : "this environment does not have"}`;
      return [{ place: merged.locate(path), message, fix: suggestion(name, known) }];
    });
  });
  return [...named, ...danglingAdapters(merged)];
}

/** Adapters that a route sends requests to are those of the release beside them. */
function danglingAdapters(merged: Merged): readonly Problem[] {
  return expand(merged.value, ["routes", "*", "targets", "*", "adapter"]).flatMap((path): readonly Problem[] => {
    const adapter = valueAt(merged.value, path);
    const release = valueAt(merged.value, [...path.slice(0, -1), "release"]);
    if (typeof adapter !== "string" || typeof release !== "string") return [];
    if (valueAt(merged.value, ["releases", release]) === undefined) return [];
    const known = keys(valueAt(merged.value, ["releases", release, "lora", "adapters"])).map(String);
    if (known.includes(adapter)) return [];
    const message = `${pathText(path)} names the adapter ${shortened(adapter)}, which the release ${release} does not have`;
    return [{ place: merged.locate(path), message, fix: suggestion(adapter, known) }];
  });
}

function shortened(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

/** The paths inside a value that a path with `*` stands for. */
function expand(value: unknown, [step, ...rest]: Path): readonly Path[] {
  if (step === undefined) return [[]];
  return (step === "*" ? keys(value) : [step]).flatMap((key) =>
    expand(valueAt(value, [key]), rest).map((path) => [key, ...path]),
  );
}

function keys(value: unknown): Path {
  if (Array.isArray(value)) return value.map((_, index) => index);
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
