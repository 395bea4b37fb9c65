import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readChain } from "./chain";
import { explainIssues } from "./messages";
import type { Problem } from "./problem";
import type { Measurement } from "./schema";
import { measurementSchema } from "./schema/measurement";

/** Where measurements stand, for all environments: what a start of an engine says about itself holds for each. */
export const measuredFolder = "stacks/measured";

/** Every measurement of the folder, in the order of their names. JSON is YAML, so lines and columns are known. */
export function readMeasured(root: string): {
  readonly measured: readonly Measurement[];
  readonly problems: readonly Problem[];
} {
  if (!existsSync(join(root, measuredFolder))) return { measured: [], problems: [] };
  const files = readdirSync(join(root, measuredFolder))
    .filter((file) => file.endsWith(".json"))
    .sort();
  const read = files.map((file) => readMeasurement(root, `${measuredFolder}/${file}`));
  return {
    measured: read.flatMap((each) => ("measurement" in each ? [each.measurement] : [])),
    problems: read.flatMap((each) => ("problems" in each ? each.problems : [])),
  };
}

function readMeasurement(
  root: string,
  file: string,
): { readonly measurement: Measurement } | { readonly problems: readonly Problem[] } {
  const merged = readChain(root, file);
  if (!("value" in merged)) return { problems: merged };
  const parsed = measurementSchema.safeParse(merged.value);
  if (!parsed.success) return { problems: explainIssues(parsed.error.issues, merged) };
  return { measurement: { ...parsed.data, file } };
}
