import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planEnvironment, type Plan, type PoolPlan, type ReleasePlan } from "../../planning";
import { parseQuantity } from "../../policies/quantity";
import type { RecordedResource } from "../../tools/run/record";
import { parsed, type Written } from "../planning/parsed";
import { recordPlan } from "../harness/recorded";
import { today } from "../harness/environments";
import { environmentsWith, releases } from "./random-environments";

/** Environments that are tried for each engine; one takes about 30 ms. */
const tries = Number(process.env["MODELYARD_PODS"] ?? 20);

type Node = Readonly<Record<string, unknown>>;

/** Every pod spec inside what a resource declares, wherever its kind keeps it. */
function podSpecs(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(podSpecs);
  if (!isNode(value)) return [];
  const own = Array.isArray(value["containers"]) ? [value] : [];
  return [...own, ...Object.values(value).flatMap(podSpecs)];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

function nodes(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function inside(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((at, key) => (isNode(at) ? at[key] : undefined), value);
}

function quantity(value: unknown): number {
  return parseQuantity(value ?? 0) ?? NaN;
}

/** What the containers of a pod ask for together; those that run before them only where they ask for more. */
function asked(pod: Node, of: "requests" | "limits", resource: string): number {
  const each = (sort: string) =>
    nodes(pod[sort]).map((container) => quantity(inside(container, "resources", of, resource)));
  const together = each("containers").reduce((sum, amount) => sum + amount, 0);
  return Math.max(together, ...each("initContainers"));
}

const gib = 2 ** 30;

function volumesGiB(pod: Node, inMemory: boolean): number {
  return nodes(pod["volumes"])
    .map((volume) => volume["emptyDir"])
    .filter((volume) => volume !== undefined && (inside(volume, "medium") === "Memory") === inMemory)
    .reduce<number>((sum, volume) => sum + quantity(inside(volume, "sizeLimit")) / gib, 0);
}

/** The deadline that an engine's own arguments give its requests, in seconds. */
function drainArgument(container: Node): number {
  const args = Array.isArray(container["args"]) ? container["args"].map(String) : [];
  const found = args.map((arg) => /^--(?:shutdown-timeout|exit-timeout-secs)=(\d+)$/.exec(arg)?.[1]);
  return Number(found.find((seconds) => seconds !== undefined) ?? 0);
}

function judge(pod: Node, release: ReleasePlan, pool: PoolPlan): void {
  const { allocatable, gpusPerNode } = pool;
  const where = release.name;
  const gpuResource = pool.placement.gpuResource;
  expect([where, "cpu", asked(pod, "requests", "cpu") <= allocatable.cpu]).toEqual([where, "cpu", true]);
  const memory = asked(pod, "limits", "memory") / gib;
  const disk = asked(pod, "limits", "ephemeral-storage") / gib;
  expect([where, "memory", memory > 0 && memory <= allocatable.memoryGiB]).toEqual([where, "memory", true]);
  expect([where, "disk", disk > 0 && disk <= allocatable.diskGiB]).toEqual([where, "disk", true]);
  expect([where, "GPUs", asked(pod, "limits", gpuResource) <= gpusPerNode]).toEqual([where, "GPUs", true]);
  expect([where, "shm", volumesGiB(pod, true) < memory]).toEqual([where, "shm", true]);
  expect([where, "volumes", volumesGiB(pod, false) <= disk]).toEqual([where, "volumes", true]);
  for (const container of nodes(pod["containers"])) {
    const grace = quantity(pod["terminationGracePeriodSeconds"]);
    const preStop = quantity(inside(container, "lifecycle", "preStop", "sleep", "seconds"));
    expect([where, "grace", grace >= preStop + drainArgument(container)]).toEqual([where, "grace", true]);
    const probe = container["startupProbe"];
    if (probe === undefined) continue;
    const budget = quantity(inside(probe, "periodSeconds")) * quantity(inside(probe, "failureThreshold"));
    expect([where, "startup", budget >= release.seconds.podStart]).toEqual([where, "startup", true]);
  }
}

/** What belongs to one release, by the label that its pods carry. */
function resourcesOf(resources: readonly RecordedResource[], release: string): readonly RecordedResource[] {
  return resources.filter(
    ({ inputs }) => inside(inputs, "metadata", "labels", "app.kubernetes.io/instance") === release,
  );
}

async function podsOf(plan: Plan): Promise<readonly (readonly [Node, ReleasePlan])[]> {
  const { resources } = await recordPlan(plan);
  return Object.values(plan.releases).flatMap((release) =>
    resourcesOf(resources, release.name).flatMap(({ inputs }) =>
      podSpecs(inputs).map((pod) => [pod, release] as const),
    ),
  );
}

function planOf(written: Written): Plan | undefined {
  return planEnvironment(parsed(written), today).plan;
}

describe("whatever the settings, no pod exceeds its machine, its memory, its grace or its start", () => {
  test.each(Object.entries(releases))(
    "of %s",
    async (_, release) => {
      let planned = 0;
      await fc.assert(
        fc.asyncProperty(environmentsWith(release), async (written) => {
          const plan = planOf(written);
          if (plan === undefined) return;
          planned++;
          const pods = await podsOf(plan);
          for (const { name } of Object.values(plan.releases))
            expect([name, pods.some(([, { name: other }]) => other === name)]).toEqual([name, true]);
          for (const [pod, release] of pods) {
            const pool = plan.pools[release.pool];
            if (pool === undefined) throw new Error(`no pool ${release.pool}`);
            judge(pod, release, pool);
          }
        }),
        { numRuns: tries },
      );
      expect(planned).toBeGreaterThan(tries / 10);
    },
    300_000,
  );
});
