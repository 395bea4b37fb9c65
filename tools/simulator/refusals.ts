import { z } from "zod";
import { customApiVersions } from "../../catalog/api-versions";
import { ApiError, type KubernetesApi } from "./api";

/** Something that was to make pods and may not: admission (Pod Security, a quota) leaves no pod to look at. */
export interface Refusal {
  readonly uid: string;
  /** Of the object that was to make pods, not of a pod. */
  readonly name: string;
  /** What Kubernetes says about it. */
  readonly reason: string;
}

/** Reads what may not make pods in a namespace. */
export async function readRefusals(api: KubernetesApi, namespace: string): Promise<readonly Refusal[]> {
  const place = `namespaces/${namespace}`;
  const [replicaSets, rayClusters, statefulSets] = await Promise.all([
    list(api, `/apis/apps/v1/${place}/replicasets`, WithConditions),
    list(api, `/apis/${customApiVersions.RayCluster}/${place}/rayclusters`, WithConditions),
    list(api, `/apis/apps/v1/${place}/statefulsets`, StatefulSet),
  ]);
  const incomplete = statefulSets.filter(({ spec, status }) => (status?.replicas ?? 0) < (spec.replicas ?? 1));
  return [
    ...[...replicaSets, ...rayClusters].flatMap(byCondition),
    ...(incomplete.length === 0 ? [] : byEvent(incomplete, await readWarnings(api, namespace))),
  ];
}

const Metadata = z.object({ name: z.string(), uid: z.string() });

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

const WithConditions = z.object({
  metadata: Metadata,
  status: z.object({ conditions: z.array(Condition).optional() }).optional(),
});

const StatefulSet = z.object({
  metadata: Metadata,
  spec: z.object({ replicas: z.number().optional() }),
  // Those that are there, ready or not.
  status: z.object({ replicas: z.number().optional() }).optional(),
});

/** ReplicaSets say so themselves, and so does KubeRay of a RayCluster. */
function byCondition({ metadata: { uid, name }, status }: z.infer<typeof WithConditions>): readonly Refusal[] {
  const failure = status?.conditions?.find(({ type, status: is }) => type === "ReplicaFailure" && is === "True");
  if (!failure) return [];
  const said = failure.message ?? failure.reason ?? "no reason given";
  // KubeRay puts what happened and why on two lines.
  return [{ uid, name, reason: said.replaceAll("\n", ": ") }];
}

/** Of a StatefulSet, such as LeaderWorkerSet makes, only events say so. */
function byEvent(sets: readonly z.infer<typeof StatefulSet>[], warnings: readonly Warning[]): readonly Refusal[] {
  return sets.flatMap(({ metadata: { uid, name } }) => {
    const failures = warnings.filter((warning) => warning.uid === uid && warning.reason === "FailedCreate");
    const last = failures.at(-1);
    return last === undefined ? [] : [{ uid, name, reason: last.message }];
  });
}

/** An event of the type `Warning`. */
export interface Warning {
  readonly uid: string | undefined;
  /** "RayCluster/mistral". */
  readonly object: string;
  readonly reason: string;
  readonly message: string;
}

const Event = z.object({
  involvedObject: z.object({ uid: z.string().optional(), kind: z.string().optional(), name: z.string().optional() }),
  reason: z.string().optional(),
  message: z.string().optional(),
});

/** The warnings that a namespace holds, oldest first, as the API server lists them. */
export async function readWarnings(api: KubernetesApi, namespace: string): Promise<readonly Warning[]> {
  const events = await list(api, `/api/v1/namespaces/${namespace}/events?fieldSelector=type%3DWarning`, Event);
  return events.map(({ involvedObject: { uid, kind = "", name = "" }, reason = "", message = "" }) => ({
    uid,
    object: `${kind}/${name}`,
    reason,
    message,
  }));
}

/** A list of objects; empty where the cluster does not know their kind. */
export async function list<T>(api: KubernetesApi, path: string, item: z.ZodType<T>): Promise<readonly T[]> {
  const answer = await api.get(path).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return { items: [] };
    throw error;
  });
  return z.object({ items: z.array(item) }).parse(answer).items;
}
