import type { PodResources } from "../plan";
import type { Finding } from "../findings";
import type { Machine } from "./machine";
import type { Demand, PoolRoom, RoomQuestion } from "./pool";
import type { QuotaNeed } from "./quota";

/** What is wrong with the room of a pool. */
export function roomFindings(question: RoomQuestion, room: PoolRoom): readonly Finding[] {
  const never = new Set(room.neverFits);
  const releases = question.demands.flatMap((demand) =>
    never.has(demand.release) ? [neverFits(question, demand)] : releaseFindings(question, demand, room),
  );
  return [...releases, ...poolFindings(question, room)];
}

function releaseFindings(question: RoomQuestion, demand: Demand, room: PoolRoom): readonly Finding[] {
  const { release, replicas } = demand;
  const missing = room.levels.min.unplaced[release] ?? 0;
  if (missing > 0) return [tooSmall(question, demand, missing)];
  const reachable = room.reachable[release] ?? 0;
  return [
    ...(reachable < replicas.max ? [outOfReach(question, demand, reachable)] : []),
    ...(reachable === replicas.max && room.surges.placement[release] === "if-packed"
      ? [onlyIfPacked(question, demand)]
      : []),
    ...unevenZones(question, demand, room),
  ];
}

function neverFits({ pool, machine }: RoomQuestion, { release, owner = release, resources }: Demand): Finding {
  return {
    id: "pod-never-fits",
    level: "error",
    at: ["releases", owner, "pool"],
    message: `a pod of ${release} fits no machine of the pool ${pool}: ${needText(resources)}; ${haveText(machine)}`,
    fix: "Move the release to a pool with larger machines, or make its pod smaller.",
  };
}

function tooSmall({ pool, machine, nodes }: RoomQuestion, demand: Demand, missing: number): Finding {
  const { release, owner = release, replicas, podsPerReplica = 1, resources } = demand;
  return {
    id: "pool-too-small",
    level: "error",
    at: ["releases", owner, "replicas"],
    message: `${missing} of ${replicas.min * podsPerReplica} pods find no place in the pool ${pool} (${nodes.max} machines): ${needText(resources)}${togetherText(podsPerReplica)}; ${haveText(machine)}, and releases share them`,
    fix: "Raise the pool's machines, lower `replicas`, or move a release to another pool.",
  };
}

function outOfReach({ pool, nodes, demands }: RoomQuestion, demand: Demand, reachable: number): Finding {
  const { release, owner = release, replicas, podsPerReplica = 1 } = demand;
  const things = podsPerReplica === 1 ? "pods" : `replicas of ${podsPerReplica} pods`;
  const others = demands.length - 1;
  const together =
    others === 0 ? "" : ` while ${others} other ${others === 1 ? "release wants its" : "releases want their"} most`;
  return {
    id: "maximum-out-of-reach",
    level: "warning",
    at: ["releases", owner, "replicas", "max"],
    message: `${release} may grow to ${replicas.max} ${things}, and the pool ${pool} has room for ${reachable} on its ${nodes.max} machines${together}: the autoscaler would ask for pods that stay pending`,
    fix: "Raise the pool's `nodes.max`, or lower `replicas.max`.",
  };
}

function onlyIfPacked(
  { pool, nodes }: RoomQuestion,
  { release, owner = release, podsPerReplica = 1, resources }: Demand,
): Finding {
  return {
    id: "room-only-if-packed",
    level: "warning",
    at: ["releases", owner, "pool"],
    message: `the pods of ${release} fit the pool ${pool} (${nodes.max} machines) only if the others are packed tightly: ${needText(resources)} in one piece${togetherText(podsPerReplica)}, and the scheduler spreads pods, so that after a restart no machine may have that left`,
    fix: "Give the release a pool of its own, add a machine, or let pods of the pool take equal numbers of GPUs.",
  };
}

function unevenZones(question: RoomQuestion, demand: Demand, room: PoolRoom): readonly Finding[] {
  const { release, owner = release, replicas, spread } = demand;
  const inZones = room.inZones[release] ?? [];
  if (spread === null || replicas.max < 2 || inZones.length < 2) return [];
  const skew = Math.max(...inZones) - Math.min(...inZones);
  if (skew <= Math.max(1, spread.maxSkew)) return [];
  const counts = question.zones.slice(0, inZones.length).map((zone, index) => `${zone} ${inZones[index] ?? 0}`);
  return [
    {
      id: "zones-uneven",
      level: "warning",
      at: ["releases", owner, "replicas"],
      message: `the pods of ${release} cannot be spread evenly over the zones of the pool ${question.pool} (${counts.join(", ")}): losing one zone loses more than its share`,
      fix: "Give the pool as many machines in every zone, or room for the release in each.",
    },
  ];
}

function poolFindings({ pool, nodes, reserved }: RoomQuestion, room: PoolRoom): readonly Finding[] {
  const { min, max } = room.levels;
  const idle: Finding = {
    id: "machines-idle",
    level: "warning",
    at: ["pools", pool, "nodes"],
    message: `${min.idle} of the ${min.running} machines that the pool ${pool} always has run no pod when load is least, and are paid`,
    fix: `Lower \`nodes.min\` to ${min.running - min.idle}, or let more pods run.`,
  };
  const unused: Finding = {
    id: "reservation-unused",
    level: "warning",
    at: ["pools", pool],
    message: `${max.unusedReserved} of ${reserved} reserved machines of the pool ${pool} never run, even when every release is at its most, and are paid`,
    fix: "Reserve fewer machines, or raise what the releases may grow to.",
  };
  const grows = nodes.min < nodes.max;
  return [...(grows && min.idle > 0 ? [idle] : []), ...(max.unusedReserved > 0 ? [unused] : [])];
}

/** What is wrong with quotas. */
export function quotaFindings(needs: readonly QuotaNeed[]): readonly Finding[] {
  return needs.flatMap((need) => {
    if (need.limit === null) return [quotaUnknown(need)];
    return need.vcpus.max > need.limit ? [quotaTooSmall(need, need.limit)] : [];
  });
}

function quotaUnknown(need: QuotaNeed): Finding {
  return {
    id: "quota-unknown",
    level: "warning",
    at: ["pools", need.pools[0]?.pool ?? "", "nodes", "max"],
    message: `${quotaText(need)}, and nobody has said what the account may run`,
    fix: "Look the quota up in Service Quotas and write it into the environment.",
  };
}

function quotaTooSmall(need: QuotaNeed, limit: number): Finding {
  return {
    id: "quota-too-small",
    level: need.vcpus.min > limit ? "error" : "warning",
    at: ["pools", need.pools[0]?.pool ?? "", "nodes", "max"],
    message: `${quotaText(need)}, and the account may run ${limit}`,
    fix: "Ask for a higher quota, which takes days, or lower `nodes.max`.",
  };
}

function quotaText({ region, code, pools, vcpus }: QuotaNeed): string {
  const parts = pools.map(
    ({ pool, nodes, vcpusPerNode }) => `${pool} ${nodes.max} × ${vcpusPerNode} = ${nodes.max * vcpusPerNode}`,
  );
  return `the pools need ${vcpus.max} vCPUs of quota ${code} in ${region} at their most (${parts.join(" + ")})`;
}

/** What a replica of several pods needs beyond room for each of them. */
function togetherText(podsPerReplica: number): string {
  return podsPerReplica === 1 ? "" : `, and a replica serves only when all ${podsPerReplica} of its pods are placed`;
}

function needText({ gpus, cpu, memoryGiB, diskGiB }: PodResources): string {
  return `a pod needs ${gpus} GPU, ${cpu} CPU, ${memoryGiB} GiB of memory and ${diskGiB} GiB of disk`;
}

function haveText({ gpus, cpu, memoryGiB, diskGiB, pods }: Machine): string {
  return `a machine has ${gpus} GPU, ${cpu.toFixed(1)} CPU, ${memoryGiB.toFixed(1)} GiB and ${diskGiB.toFixed(0)} GiB for ${pods} pods at most`;
}
