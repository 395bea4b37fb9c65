import { openVllmAdvisories, vllmFixedVersion } from "../catalog/advisories";
import { kubernetesMinor, podSecurityVersion } from "../catalog/versions";
import type { Environment } from "../environment";
import { changeFindings } from "./change";
import { errorAt, warningAt, type Finding } from "./findings";
import { namespaceName } from "./names";
import { applyOverrides } from "./overrides";
import { releaseLoads } from "./load";
import type { Arithmetic, By, Layer, NamespacePlan, PlacedPool, Plan, PoolPlan, ReleasePlan } from "./plan";
import { planPlatform } from "./platform";
import { operatorsOf } from "./releases/operators";
import type { PoolRoom } from "./room";
import { explainPriorities, planPriorities } from "./scaling";
import { sharingFindings } from "./sharing-findings";
import type { PoolPlanned } from "./pool";
import { planSpending } from "./spending";
import type { Planned } from "./releases";
import { joined, once } from "./why";

export interface PlannedEnvironment {
  /** There is a plan only when no finding is an error. */
  readonly plan?: Plan;
  readonly findings: readonly Finding[];
}

/**
 * Decides everything about an environment that is a number or a choice.
 *
 * @param today - as 2026-11-21, for what ends on a day
 */
export function planEnvironment(environment: Environment, today: string): PlannedEnvironment {
  const { parts, rooms } = planPlatform(environment, releaseLoads(environment));
  const pooled = parts.map((part) => part.pooled);
  const released = parts.flatMap((part) => part.released);
  const pools = pooled.map(({ plan }) => plan);
  const releases = released.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  const spending = planSpending(environment, pools, releases, rooms.rooms, today);
  const found = [
    ...clusterFindings(environment),
    ...engineFindings(environment),
    ...[...pooled, ...released, rooms, spending].flatMap(({ findings }) => findings),
    ...sharingFindings(environment, parts),
    ...changeFindings(environment, byName(releases)),
  ];
  const findings = applyOverrides(found, environment, today);

  const context = Object.values(environment.clusters)[0]?.context;
  if (context === undefined || findings.some((finding) => finding.level === "error")) return { findings };
  const { name, stage } = environment;
  const priorities = planPriorities(
    name,
    releases.flatMap(({ priority }) => priority ?? []),
  );
  const why = once(() =>
    joined([
      ...whyOf("pools", pooled),
      ...whyOf("releases", released),
      ["pools", rooms.why],
      ["priorities", explainPriorities(priorities)],
      ["cost", spending.why],
    ]),
  );
  const plan: Plan = {
    environment: name,
    stage,
    context,
    namespaces: { platform: namespace(environment, "platform"), serving: namespace(environment, "serving") },
    pools: byName(pools.flatMap((pool) => placed(pool, rooms.rooms))),
    releases: byName(inOrder(releases, Object.keys(environment.releases))),
    priorities,
    operators: operatorsOf(releases),
    cost: spending.cost,
    get why() {
      return why();
    },
  };
  return { plan, findings };
}

function placed(pool: PoolPlan, rooms: By<PoolRoom>): readonly PlacedPool[] {
  const room = rooms[pool.name];
  return room === undefined ? [] : [{ ...pool, room }];
}

/** As the environment file has them: pools come together first. */
function inOrder(releases: readonly ReleasePlan[], names: readonly string[]): readonly ReleasePlan[] {
  const position = new Map(names.map((name, index) => [name, index]));
  return releases.toSorted((a, b) => (position.get(a.name) ?? 0) - (position.get(b.name) ?? 0));
}

function engineFindings(environment: Environment): readonly Finding[] {
  const version = environment.engines.vllm;
  const open = openVllmAdvisories(version);
  if (open.length === 0) return [];
  const list = open.map(({ id, what, fixedIn }) => `${id} (${what}; fixed in ${fixedIn})`).join(", ");
  const message = `vLLM ${version} has known weaknesses: ${list}`;
  return [warningAt(["engines", "vllm"], "engine-advisory", message, `Use ${vllmFixedVersion} or later.`)];
}

function clusterFindings(environment: Environment): readonly Finding[] {
  const names = Object.keys(environment.clusters);
  if (names.length === 1) return [];
  const message =
    names.length === 0
      ? "the environment has no cluster"
      : `the environment has ${names.length} clusters, and one is what can be planned yet`;
  return [errorAt(["clusters"], "one-cluster", message, "Describe exactly one cluster.")];
}

function namespace({ name, clusters }: Environment, layer: Layer): NamespacePlan {
  const [cluster] = Object.values(clusters);
  const version = podSecurityVersion(cluster?.kubernetes ?? kubernetesMinor);
  return { name: namespaceName(name, layer), layer, podSecurity: "restricted", podSecurityVersion: version };
}

function whyOf(
  kind: "pools" | "releases",
  planned: readonly (PoolPlanned | Planned)[],
): readonly (readonly [prefix: string, why: By<Arithmetic>])[] {
  // Each is made here, when it is read.
  return planned.flatMap((each) => (each.plan === undefined ? [] : [[`${kind}.${each.plan.name}`, each.why]]));
}

function byName<T extends { readonly name: string }>(things: readonly T[]): By<T> {
  return Object.fromEntries(things.map((thing) => [thing.name, thing]));
}
