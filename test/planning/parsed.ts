import type { Environment } from "../../environment";
import { environmentSchema } from "../../environment/schema";
import { planEnvironment, type Finding, type Plan } from "../../planning";
import { load, smallest, today } from "../harness/environments";

export type Written = Readonly<Record<string, unknown>>;

/** An environment without the detour over a file, for tests that make thousands of them. Defaults are filled in. */
export function parsed(written: Written): Environment {
  return { ...environmentSchema.parse(written), name: "test", stage: "development", models: {}, measured: [] };
}

/** The plan of an environment that has one. */
export function planOf(written: Written, more: Readonly<Record<string, string>> = {}): Plan {
  const { plan, findings } = planEnvironment(load(written, more).environment, today);
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  return plan;
}

export function findingsOf(written: Written, more: Readonly<Record<string, string>> = {}): readonly Finding[] {
  return planEnvironment(load(written, more).environment, today).findings;
}

export function findingOf(written: Written, id: Finding["id"]): Finding | undefined {
  return findingsOf(written).find((finding) => finding.id === id);
}

/** Machines enough for everything that these tests ask of them. */
export const roomy = { ...smallest.pools.gpus, gpusPerNode: 8, nodes: { max: 20 }, machine: large() };

function large() {
  return { cpu: 256, memory: "4TiB", disk: "16TiB" };
}

/** The smallest environment on roomy machines, with routes to its releases. */
export function withRoutes(routes: Written, releases: Written = smallest.releases, more: Written = {}): Written {
  return { ...smallest, pools: { gpus: roomy }, releases, routes, ...more };
}

/** What one route asks unless a test says otherwise. */
export const usualLoad = { requests: "4/s", inputTokens: 1000, outputTokens: 250 };

export { vllmRelease as release } from "../harness/releases";
