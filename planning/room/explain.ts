import type { Arithmetic, By, Term } from "../plan";
import { amountsOf, dimensions, needOf } from "./machine";
import { levelNames, type LevelName, type PoolRoom, type RoomQuestion } from "./pool";
import { rolloutFor, type Proof } from "./surge";

/** The arithmetic of every number of a pool's room, by its path: `levels.max.needed`. */
export function explainRoom(question: RoomQuestion, room: PoolRoom): By<Arithmetic> {
  const levels = levelNames.flatMap((level) => Object.entries(explainLevel(question, room, level)));
  return { ...Object.fromEntries(levels), ...explainReach(question, room) };
}

function explainLevel(question: RoomQuestion, room: PoolRoom, level: LevelName): By<Arithmetic> {
  const at = room.levels[level];
  const path = `levels.${level}`;
  const below = level === "min" ? [] : [machines("a lower level needs", lower(room, level))];
  const unplaced = Object.entries(at.unplaced).map(([release, pods]): [string, Arithmetic] => [
    `${path}.unplaced.${release}`,
    inUnit("pods", "pods − those placed on the machines that run", podTerms(question, level, release), pods),
  ]);
  return {
    [`${path}.needed`]: inUnit(
      "machines",
      "machines on which all pods are placed, largest first, each on the first with room",
      [...podTerms(question, level), machines("no packing does with fewer than", at.atLeast), ...below],
      at.needed,
    ),
    [`${path}.atLeast`]: inUnit(
      "machines",
      `${at.scarcest} of all pods ÷ ${at.scarcest} of a machine, rounded up`,
      scarcestTerms(question, room, level),
      at.atLeast,
    ),
    [`${path}.running`]: inUnit(
      "machines",
      "those needed, within the pool's bounds",
      [
        machines("needed", at.needed),
        machines("always there", question.nodes.min),
        machines("at most", question.nodes.max),
      ],
      at.running,
    ),
    [`${path}.idle`]: inUnit(
      "machines",
      "those that run − those with a pod",
      [machines("running", at.running), machines("with a pod", at.running - at.idle)],
      at.idle,
    ),
    [`${path}.unusedReserved`]: inUnit(
      "machines",
      "reserved − running, not below 0",
      [machines("reserved", question.reserved), machines("running", at.running)],
      at.unusedReserved,
    ),
    [`${path}.gpus.used`]: inUnit("GPUs", "sum over releases of pods placed × GPUs", gpuTerms(question), at.gpus.used),
    [`${path}.gpus.running`]: inUnit(
      "GPUs",
      "machines that run × GPUs of a machine",
      [machines("running", at.running), { name: "GPUs of a machine", value: question.machine.gpus }],
      at.gpus.running,
    ),
    ...Object.fromEntries(unplaced),
  };
}

function explainReach(question: RoomQuestion, room: PoolRoom): By<Arithmetic> {
  const most = machines("at most", question.nodes.max);
  const reachable = Object.entries(room.reachable).map(([release, pods]): [string, Arithmetic] => [
    `reachable.${release}`,
    reached(question, release, [...podTerms(question, "max", release), most], pods),
  ]);
  const inZones = Object.entries(room.inZones).flatMap(([release, counts]) =>
    counts.map((pods, zone): [string, Arithmetic] => [
      `inZones.${release}.${zone}`,
      inUnit(
        "pods",
        `pods in zone ${question.zones[zone] ?? ""}, one after the other in the zone with the fewest that has room`,
        [...podTerms(question, "max", release), most],
        pods,
      ),
    ]),
  );
  return Object.fromEntries([...reachable, ...inZones]);
}

function reached({ demands }: RoomQuestion, name: string, terms: readonly Term[], result: number): Arithmetic {
  const size = demands.find(({ release }) => release === name)?.podsPerReplica ?? 1;
  const placed = "are placed on all machines while every release wants its most";
  return size === 1
    ? inUnit("pods", `pods that ${placed}`, terms, result)
    : inUnit("replicas", `replicas of which all ${size} pods ${placed}`, terms, result);
}

function lower(room: PoolRoom, level: LevelName): number {
  return room.levels[level === "max" ? "expected" : "min"].needed;
}

/** The pods of all releases, or of one. */
function podTerms({ demands }: RoomQuestion, level: LevelName, only?: string): readonly Term[] {
  return demands
    .filter(({ release }) => only === undefined || release === only)
    .map(({ release, replicas, podsPerReplica = 1 }) => ({
      name: release,
      value: replicas[level] * podsPerReplica,
      unit: "pods",
    }));
}

function gpuTerms({ demands }: RoomQuestion): readonly Term[] {
  return demands.map(({ release, resources }) => ({ name: `GPUs of a pod of ${release}`, value: resources.gpus }));
}

function scarcestTerms({ demands, machine }: RoomQuestion, room: PoolRoom, level: LevelName): readonly Term[] {
  const { scarcest } = room.levels[level];
  const dimension = dimensions.indexOf(scarcest);
  const never = new Set(room.neverFits);
  const each = demands
    .filter(({ release }) => !never.has(release))
    .map(({ release, replicas, podsPerReplica = 1, resources }) => ({
      name: `${release}: pods × ${scarcest}`,
      value: replicas[level] * podsPerReplica * (needOf(resources)[dimension] ?? 0),
    }));
  return [...each, { name: `${scarcest} of a machine`, value: amountsOf(machine)[dimension] ?? 0 }];
}

function machines(name: string, value: number): Term {
  return { name, value, unit: "machines" };
}

function inUnit(unit: string, formula: string, terms: readonly Term[], result: number): Arithmetic {
  return { formula, terms, result, unit };
}

const proofText: Readonly<Record<Proof, string>> = {
  certain: "a new pod starts before an old one leaves: wherever the scheduler puts the others, one machine has room",
  "if-packed":
    "an old pod leaves before a new one starts: there is room for one more only if the others are packed tightly",
  none: "an old pod leaves before a new one starts: there is no room for one pod more",
};

/** The arithmetic of each part of a rollout. */
export function explainRollout(replicas: number, proof: Proof): By<Arithmetic> {
  const terms = [
    { name: "replicas", value: replicas },
    { name: "room for one pod more", value: proof },
  ];
  const parts = Object.entries<string | number>(rolloutFor(replicas, proof === "certain"));
  return Object.fromEntries(parts.map(([part, result]) => [part, { formula: proofText[proof], terms, result }]));
}
