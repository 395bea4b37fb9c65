import type { By, LanguageModelPlan, PodPlan, PodResources, Workload } from "../../plan";

/** A language model inside Ray Serve, on a cluster of Ray's own that KubeRay makes of one object. */
export interface RayServePlan extends Workload, LanguageModelPlan {
  readonly kind: "ray-serve";
  readonly runs: RayRuns;
  /** The version of vLLM that this version of Ray has in it. */
  readonly vllm: string;
}

/** A cluster of Ray: a head without GPUs that knows of everything, and one worker pod for each replica. */
export interface RayRuns {
  readonly kind: "ray-service";
  readonly head: { readonly resources: PodResources; readonly pod: PodPlan };
  /** Where Ray keeps what its processes pass to each other; in the shared memory of each pod. */
  readonly objectStoreGiB: number;
  readonly serve: RayServeApplication;
  /** Whether Ray adds and removes worker pods between the least and the most replicas. */
  readonly autoscaled: boolean;
  /** What a change does: a second cluster beside the first, or nothing until somebody deletes the first. */
  readonly upgrade: "NewCluster" | "None";
  /** A new cluster that does not serve after so many seconds is given up. */
  readonly initializingSeconds: number;
}

/** What Ray Serve is told to run, in its own terms. */
export interface RayServeApplication {
  readonly routePrefix: string;
  readonly model: { readonly id: string; readonly source: string };
  /** Arguments of vLLM's engine. */
  readonly engine: By<EngineValue>;
  readonly replicas: { readonly min: number; readonly max: number };
  /** Requests that one replica works on at once. */
  readonly ongoingRequests: number;
  /** Requests in one replica at which Ray adds another. */
  readonly targetRequests: number;
  readonly shutdownSeconds: number;
}

/** A value of JSON. */
export type EngineValue =
  string | number | boolean | null | readonly EngineValue[] | { readonly [key: string]: EngineValue };
