import { rayServer } from "../../../catalog/ray";
import type { Arithmetic, By, Term } from "../../plan";
import { runningShare } from "../../scaling";
import { fixed } from "../../why";
import { rayParts } from "./pods";
import type { RayServePlan } from "./plan";

/** The arithmetic of a release in Ray Serve: the engine's, with what Ray adds to it. */
export function whyOfRay(plan: RayServePlan, engine: By<Arithmetic>): By<Arithmetic> {
  const { runs, resources, pod, replicas } = plan;
  const { objectStoreGiB, processGiB, cpu, sessionGiB } = rayParts;
  const source = rayServer.source.source;
  const objects = gib("Ray's objects", objectStoreGiB);
  return {
    ...withoutServer(engine),
    ...more(engine, "resources.cpu", resources.cpu, [{ name: "Ray's processes", value: cpu, unit: "CPU" }]),
    ...more(engine, "resources.memoryGiB", resources.memoryGiB, [objects, gib("Ray's processes", processGiB)]),
    ...more(engine, "resources.diskGiB", resources.diskGiB, [gib("Ray's sessions", sessionGiB)]),
    ...more(engine, "pod.volumes.shm.sizeGiB", sizeOf(plan, "shm"), [objects]),
    ...more(engine, "pod.volumes.tmp.sizeGiB", sizeOf(plan, "tmp"), [gib("Ray's sessions", sessionGiB)]),
    "pod.user.id": fixed("the user of Ray's images", pod.user.id, source),
    "pod.user.group": fixed("its group", pod.user.group, source),
    ...ports(plan, source),
    ...headWhy(plan),
    "runs.objectStoreGiB": fixed("enough for text, where Ray would take 30 % of the memory", objectStoreGiB, "ours"),
    "runs.serve.replicas.min": { formula: "the least replicas", terms: [], result: replicas.min },
    "runs.serve.replicas.max": { formula: "the most replicas", terms: [], result: replicas.max },
    "runs.serve.ongoingRequests": {
      formula: "what the engine works on at once",
      terms: [],
      result: runs.serve.ongoingRequests,
    },
    "runs.serve.targetRequests": {
      formula: `${runningShare} of what the engine works on at once, rounded down`,
      terms: [{ name: "at once", value: runs.serve.ongoingRequests }],
      result: runs.serve.targetRequests,
    },
    "runs.serve.shutdownSeconds": {
      formula: "the longest request",
      terms: [],
      result: runs.serve.shutdownSeconds,
      unit: "s",
    },
    "runs.initializingSeconds": {
      formula: "what a rollout may take without progress",
      terms: [],
      result: runs.initializingSeconds,
      unit: "s",
    },
    ...engineWhy(plan),
  };
}

/** vLLM's own server is not there, and neither are its ports. */
function withoutServer(engine: By<Arithmetic>): By<Arithmetic> {
  const gone = (path: string): boolean => path.startsWith("flows.") || path.startsWith("pod.container.ports.");
  return Object.fromEntries(Object.entries(engine).filter(([path]) => !gone(path)));
}

function more(engine: By<Arithmetic>, path: string, result: number, terms: readonly Term[]): By<Arithmetic> {
  const own = engine[path];
  if (own === undefined) return {};
  const added = terms.map(({ name }) => name).join(" + ");
  return { [path]: { ...own, formula: `${own.formula} + ${added}`, terms: [...own.terms, ...terms], result } };
}

function sizeOf({ pod }: RayServePlan, name: string): number {
  const volume = pod.volumes[name];
  return volume !== undefined && "sizeGiB" in volume ? volume.sizeGiB : 0;
}

function ports({ endpoint, pod, flows, runs }: RayServePlan, source: string): By<Arithmetic> {
  const port = (path: string, value: number): [string, Arithmetic] => [path, fixed("a port of Ray's", value, source)];
  return Object.fromEntries([
    port("endpoint.port", endpoint.port),
    ...(endpoint.metrics === null ? [] : [port("endpoint.metrics.port", endpoint.metrics.port)]),
    ...Object.entries(pod.container.ports).map(([name, value]) => port(`pod.container.ports.${name}`, value)),
    ...Object.entries(runs.head.pod.container.ports).map(([name, value]) =>
      port(`runs.head.pod.container.ports.${name}`, value),
    ),
    ...flows.flatMap((flow, index): [string, Arithmetic][] => {
      if (!("port" in flow)) return [];
      if (flow.direction === "ingress") return [port(`flows.${index}.port`, flow.port)];
      return [[`flows.${index}.port`, { formula: flow.reason, terms: [], result: flow.port }]];
    }),
  ]);
}

function headWhy({ runs: { head } }: RayServePlan): By<Arithmetic> {
  const units: By<string> = { cpu: "CPU", memoryGiB: "GiB", diskGiB: "GiB" };
  const ours = (value: number): Arithmetic =>
    fixed("a head without work of its own", value, "ours, after Ray's advice");
  const resources = Object.entries<number>({ ...head.resources }).map(([name, value]): [string, Arithmetic] => {
    const unit = units[name];
    return [`runs.head.resources.${name}`, unit === undefined ? ours(value) : { ...ours(value), unit }];
  });
  const volumes = Object.entries(head.pod.volumes).flatMap(([name, volume]): [string, Arithmetic][] =>
    "sizeGiB" in volume ? [[`runs.head.pod.volumes.${name}.sizeGiB`, { ...ours(volume.sizeGiB), unit: "GiB" }]] : [],
  );
  const { id, group } = head.pod.user;
  const { source } = rayServer.source;
  return Object.fromEntries<Arithmetic>([
    ...resources,
    ...volumes,
    ["runs.head.pod.user.id", fixed("the user of Ray's images", id, source)],
    ["runs.head.pod.user.group", fixed("its group", group, source)],
  ]);
}

/** Numbers among the engine's arguments are those of the plan. */
function engineWhy({ runs }: RayServePlan): By<Arithmetic> {
  return Object.fromEntries(
    Object.entries(runs.serve.engine).flatMap(([name, value]): [string, Arithmetic][] =>
      typeof value === "number"
        ? [[`runs.serve.engine.${name}`, { formula: "the argument of the engine", terms: [], result: value }]]
        : [],
    ),
  );
}

function gib(name: string, value: number): Term {
  return { name, value, unit: "GiB" };
}
