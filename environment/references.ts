import type { Merged } from "./chain";
import type { Path } from "./file";
import { pathText } from "./messages";
import type { Problem } from "./problem";
import type { Environment } from "./schema";
import { suggestion } from "./suggest";

interface Reference {
  readonly path: Path;
  readonly name: string;
  readonly among: Readonly<Record<string, unknown>>;
  readonly what: string;
}

/** Names that point at something which the environment does not have. */
export function danglingReferences(environment: Environment, merged: Merged): readonly Problem[] {
  const { clusters, pools, releases } = environment;
  const references: Reference[] = [
    ...Object.entries(pools).map(([name, pool]) => ({
      path: ["pools", name, "cluster"],
      name: pool.cluster,
      among: clusters,
      what: "cluster",
    })),
    ...Object.entries(releases).map(([name, release]) => ({
      path: ["releases", name, "pool"],
      name: release.pool,
      among: pools,
      what: "pool",
    })),
  ];
  return references
    .filter((reference) => !Object.hasOwn(reference.among, reference.name))
    .map((reference) => ({
      place: merged.locate(reference.path),
      message: `${pathText(reference.path)} names the ${reference.what} ${JSON.stringify(reference.name)}, which this environment does not have`,
      fix: suggestion(reference.name, Object.keys(reference.among)),
    }));
}
