import { openVllmAdvisories, vllmFixedVersion } from "../catalog/advisories";
import { podSecurityVersion } from "../catalog/versions";
import type { Environment } from "../environment";
import { planCost } from "./cost";
import { errorAt, warningAt, type Finding } from "./findings";
import { namespaceName } from "./names";
import { applyOverrides } from "./overrides";
import type { Arithmetic, By, Layer, NamespacePlan, Plan, PoolPlan } from "./plan";
import { planPool } from "./pool";
import { pack, surges, type Machines, type Tenant } from "./room";
import { planVllm, type VllmPlanned } from "./vllm";

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
  const poolResults = Object.entries(environment.pools).map(([name, settings]) => planPool(name, settings));
  const pools = byName(poolResults.map(({ plan }) => plan));
  const first = planReleases(environment, pools, new Set());
  const room = planRoom(first, pools);
  const released = planReleases(environment, pools, room.surging);
  const found = [...clusterFindings(environment), ...engineFindings(environment), ...poolResults, ...released, room];
  const findings = applyOverrides(
    found.flatMap((result) => ("findings" in result ? result.findings : [result])),
    environment,
    today,
  );

  const context = Object.values(environment.clusters)[0]?.context;
  if (context === undefined || findings.some((finding) => finding.level === "error")) return { findings };
  return { plan: assemble(environment, context, pools, released), findings };
}

function assemble(
  environment: Environment,
  context: string,
  pools: By<PoolPlan>,
  released: readonly VllmPlanned[],
): Plan {
  const releases = byName(released.flatMap(({ plan }) => (plan === undefined ? [] : [plan])));
  const { cost, why } = planCost(pools, releases);
  return {
    environment: environment.name,
    stage: environment.stage,
    context,
    namespaces: { platform: namespace(environment, "platform"), serving: namespace(environment, "serving") },
    pools,
    releases,
    cost,
    why: { ...why, ...whyOfReleases(released) },
  };
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

function namespace(environment: Environment, layer: Layer): NamespacePlan {
  return { name: namespaceName(environment.name, layer), layer, podSecurity: "restricted", podSecurityVersion };
}

function planReleases(
  environment: Environment,
  pools: By<PoolPlan>,
  surging: ReadonlySet<string>,
): readonly VllmPlanned[] {
  const image = environment.images.vllm;
  return Object.entries(environment.releases).flatMap(([release, settings]) => {
    const pool = pools[settings.pool];
    if (pool === undefined) return [];
    const version = environment.engines.vllm;
    return [
      planVllm(settings, { environment: environment.name, release, pool, version, image, surge: surging.has(release) }),
    ];
  });
}

interface Room {
  readonly surging: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Whether all pods have a place, and which releases may surge, pool by pool. */
function planRoom(planned: readonly VllmPlanned[], pools: By<PoolPlan>): Room {
  const releases = planned.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  const rooms = Object.values(pools).map((pool) => {
    const machines: Machines = { count: pool.nodes, gpus: pool.gpusPerNode, allocatable: pool.allocatable };
    const tenants: readonly Tenant[] = releases
      .filter((release) => release.pool === pool.name)
      .map((release) => ({ release: release.name, pods: release.replicas.max, resources: release.resources }));
    const packing = pack(tenants, machines);
    const findings = [...packing.unplaced]
      .filter(([, unplaced]) => unplaced > 0)
      .map(([release, unplaced]) => poolTooSmall(release, unplaced, pool, tenants));
    return { surging: findings.length === 0 ? surges(tenants, packing) : new Set<string>(), findings };
  });
  return {
    surging: new Set(rooms.flatMap((room) => [...room.surging])),
    findings: rooms.flatMap((room) => room.findings),
  };
}

function poolTooSmall(release: string, unplaced: number, pool: PoolPlan, tenants: readonly Tenant[]): Finding {
  const tenant = tenants.find((candidate) => candidate.release === release);
  const { gpus, cpu, memoryGiB, diskGiB } = tenant?.resources ?? { gpus: 0, cpu: 0, memoryGiB: 0, diskGiB: 0 };
  const { allocatable } = pool;
  const need = `a pod needs ${gpus} GPU, ${cpu} CPU, ${memoryGiB} GiB of memory and ${diskGiB} GiB of disk`;
  const have = `a machine has ${pool.gpusPerNode} GPU, ${allocatable.cpu.toFixed(1)} CPU, ${allocatable.memoryGiB.toFixed(1)} GiB and ${allocatable.diskGiB.toFixed(0)} GiB for pods`;
  const message = `${unplaced} of ${tenant?.pods ?? 0} pods find no place in the pool ${pool.name} (${pool.nodes} machines): ${need}; ${have}, and releases share them`;
  const fix = "Raise the pool's machines, lower `replicas`, or move a release to another pool.";
  return errorAt(["releases", release, "replicas"], "pool-too-small", message, fix);
}

function whyOfReleases(planned: readonly VllmPlanned[]): By<Arithmetic> {
  return Object.fromEntries(
    planned.flatMap(({ plan, why }) =>
      plan === undefined
        ? []
        : Object.entries(why).map(([path, arithmetic]): [string, Arithmetic] => [
            `releases.${plan.name}.${path}`,
            arithmetic,
          ]),
    ),
  );
}

function byName<T extends { readonly name: string }>(things: readonly T[]): By<T> {
  return Object.fromEntries(things.map((thing) => [thing.name, thing]));
}
