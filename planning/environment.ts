import { openVllmAdvisories, vllmFixedVersion } from "../catalog/advisories";
import { hoursPerMonth } from "../catalog/units";
import { podSecurityVersion } from "../catalog/versions";
import type { Environment } from "../environment";
import { namespaceName } from "./names";
import type { Arithmetic, By, CostPlan, Finding, Layer, NamespacePlan, Plan, PoolPlan, ReleasePlan } from "./plan";
import { planPool, poolUsdPerHour } from "./pool";
import { pack, surges, type Machines, type Tenant } from "./room";
import { planVllm, type VllmPlanned } from "./vllm";

/** Decides everything about an environment that is a number or a choice. There is a plan only when no finding is an error. */
export function planEnvironment(environment: Environment): { plan?: Plan; findings: readonly Finding[] } {
  const poolResults = Object.entries(environment.pools).map(([name, settings]) => planPool(name, settings));
  const pools = byName(poolResults.flatMap(({ plan }) => (plan === undefined ? [] : [plan])));
  const first = planReleases(environment, pools, new Set());
  const room = planRoom(first, pools);
  const released = planReleases(environment, pools, room.surging);

  const findings = [
    ...clusterFindings(environment),
    ...engineFindings(environment),
    ...poolResults.flatMap((result) => result.findings),
    ...released.flatMap((result) => result.findings),
    ...room.findings,
  ];
  const context = Object.values(environment.clusters)[0]?.context;
  if (context === undefined || findings.some((finding) => finding.level === "error")) return { findings };

  const releases = byName(released.flatMap(({ plan }) => (plan === undefined ? [] : [plan])));
  const { cost, why: costWhy } = planCost(pools, releases);
  const plan: Plan = {
    environment: environment.name,
    stage: environment.stage,
    context,
    namespaces: { platform: namespace(environment, "platform"), serving: namespace(environment, "serving") },
    pools,
    releases,
    cost,
    why: { ...costWhy, ...whyOfReleases(released) },
  };
  return { plan, findings };
}

function engineFindings(environment: Environment): readonly Finding[] {
  const version = environment.engines.vllm;
  const open = openVllmAdvisories(version);
  if (open.length === 0) return [];
  const list = open.map(({ id, what, fixedIn }) => `${id} (${what}; fixed in ${fixedIn})`).join(", ");
  return [
    {
      id: "engine-advisory",
      level: "warning",
      at: ["engines", "vllm"],
      message: `vLLM ${version} has known weaknesses: ${list}`,
      fix: `Use ${vllmFixedVersion} or later.`,
    },
  ];
}

function clusterFindings(environment: Environment): readonly Finding[] {
  const names = Object.keys(environment.clusters);
  if (names.length === 1) return [];
  const message =
    names.length === 0
      ? "the environment has no cluster"
      : `the environment has ${names.length} clusters, and one is what can be planned yet`;
  return [{ id: "one-cluster", level: "error", at: ["clusters"], message, fix: "Describe exactly one cluster." }];
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
    const findings = [...pack(tenants, machines)]
      .filter(([, unplaced]) => unplaced > 0)
      .map(([release, unplaced]) => poolTooSmall(release, unplaced, pool, tenants));
    return { surging: findings.length === 0 ? surges(tenants, machines) : new Set<string>(), findings };
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
  return {
    id: "pool-too-small",
    level: "error",
    at: ["releases", release, "replicas"],
    message: `${unplaced} of ${tenant?.pods ?? 0} pods find no place in the pool ${pool.name} (${pool.nodes} machines): ${need}; ${have}, and releases share them`,
    fix: "Raise the pool's machines, lower `replicas`, or move a release to another pool.",
  };
}

function planCost(pools: By<PoolPlan>, releases: By<ReleasePlan>): { cost: CostPlan; why: By<Arithmetic> } {
  const each = Object.values(pools).map((pool) => {
    const used = Object.values(releases).filter((release) => release.pool === pool.name);
    const usedByReleasesUsdPerHour = used.reduce((sum, release) => sum + release.usdPerHour, 0);
    return { name: pool.name, ...poolUsdPerHour(pool), usedByReleasesUsdPerHour };
  });
  const usdPerHour = each.reduce((sum, pool) => sum + pool.usdPerHour, 0);
  const byPool = Object.fromEntries(
    each.map(({ name, usdPerHour, usedByReleasesUsdPerHour }) => [name, { usdPerHour, usedByReleasesUsdPerHour }]),
  );
  const terms = each.map((pool) => ({ name: pool.name, value: pool.usdPerHour, unit: "$/h" }));
  const why: By<Arithmetic> = {
    ...Object.fromEntries(each.map((pool) => [`pools.${pool.name}.usdPerHour`, pool.why])),
    "cost.usdPerHour": { formula: "sum over pools, used or not", terms, result: usdPerHour, unit: "$/h" },
  };
  return { cost: { usdPerHour, usdPerMonth: usdPerHour * hoursPerMonth, byPool }, why };
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
