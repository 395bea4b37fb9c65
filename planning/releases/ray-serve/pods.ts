import { rayServer } from "../../../catalog/ray";
import type { By, PodPlan, PodResources, VolumePlan } from "../../plan";

/** What Ray itself takes of a pod, in GiB and CPU; ours, after Ray's advice for heads (8 GiB at least, no work on them). */
export const rayParts = {
  /** What processes pass to each other: small for a model that answers text. Ray takes 30 % of the memory unless told. */
  objectStoreGiB: 2,
  /** Raylet, agents and the proxy of Serve. */
  processGiB: 2,
  /** The same. */
  cpu: 1,
  /** Ray's own logs and sessions under `/tmp`. */
  sessionGiB: 4,
} as const;

const { objectStoreGiB, processGiB, cpu, sessionGiB } = rayParts;

/** No usage statistics are sent. */
export const rayVariables = { RAY_USAGE_STATS_ENABLED: "0" } as const;

/** What the head asks for: no model is on it. */
export const headResources: PodResources = { cpu: 2, memoryGiB: 8, diskGiB: 8, gpus: 0 };

/** The head knows of everything and does none of the work. */
export function headPod(image: string): PodPlan {
  const { servePort, dashboardPort, gcsPort, metricsPort, user: id, group } = rayServer;
  return {
    user: { id, group },
    container: {
      name: "ray-head",
      image,
      args: [],
      variables: { ...rayVariables, HOME: "/tmp" },
      secretVariables: {},
      ports: { serve: servePort, dashboard: dashboardPort, gcs: gcsPort, metrics: metricsPort },
      mounts: [
        { volume: "shm", path: "/dev/shm", readOnly: false },
        { volume: "tmp", path: "/tmp", readOnly: false },
      ],
    },
    setUp: [],
    volumes: {
      shm: { kind: "memory", sizeGiB: objectStoreGiB },
      tmp: { kind: "scratch", sizeGiB: sessionGiB },
    },
  };
}

/** What a worker asks for: the engine's, and Ray's. */
export function workerResources(engine: PodResources): PodResources {
  return {
    ...engine,
    cpu: engine.cpu + cpu,
    memoryGiB: engine.memoryGiB + objectStoreGiB + processGiB,
    diskGiB: engine.diskGiB + sessionGiB,
  };
}

/** The engine's volumes with room for Ray's objects and sessions. */
export function workerVolumes(volumes: By<VolumePlan>): By<VolumePlan> {
  const larger = (name: string, more: number): By<VolumePlan> => {
    const volume = volumes[name];
    return volume !== undefined && "sizeGiB" in volume ? { [name]: { ...volume, sizeGiB: volume.sizeGiB + more } } : {};
  };
  return { ...volumes, ...larger("shm", objectStoreGiB), ...larger("tmp", sessionGiB) };
}
