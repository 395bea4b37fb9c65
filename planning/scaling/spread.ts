import type { Path } from "../../environment";
import { errorAt, type Finding } from "../findings";
import type { PoolPlan, ReleasePlan } from "../plan";
import type { SpreadPlan } from "./plan";

/** Why pods cannot be spread over the zones of their pool as it is required. */
export function spreadFindings(
  { name, replicas }: Pick<ReleasePlan, "name" | "replicas">,
  spread: SpreadPlan,
  pool: Pick<PoolPlan, "name" | "zones">,
): readonly Finding[] {
  if (spread.zones === "preferred") return [];
  const at: Path = ["releases", name, "spread", "zones"];
  const zones = pool.zones.length;
  if (zones === 1) {
    const message = `the pods of ${name} are to be spread over zones, and the pool ${pool.name} has one`;
    return [errorAt(at, "spread-impossible", message, "Name its `zones`, or write `preferred`.")];
  }
  if (replicas.max >= zones) return [];
  const pods = replicas.max === 1 ? "one pod" : `${replicas.max} pods`;
  const message = `${pods} of ${name} cannot stand in all ${zones} zones of the pool ${pool.name} (${pool.zones.join(", ")})`;
  return [errorAt(at, "spread-impossible", message, `Write \`replicas: ${zones}\` or more, or \`preferred\`.`)];
}
