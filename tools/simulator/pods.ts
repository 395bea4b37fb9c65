import { z } from "zod";
import type { KubernetesApi } from "./api";
import { list, readRefusals, readWarnings, type Refusal, type Warning } from "./refusals";

/** How the pods of a release stand. */
export interface PodCounts {
  readonly running: number;
  readonly pending: number;
  /** Succeeded, failed or unknown. */
  readonly other: number;
}

/** Something that keeps pods from running. */
export interface PodProblem {
  /** Stable while the problem lasts. */
  readonly id: string;
  readonly kind: "unschedulable" | "rejected" | "not-starting";
  readonly namespace: string;
  /** Name of the pod; for `rejected`, of what may not make any: a ReplicaSet, StatefulSet or RayCluster. */
  readonly name: string;
  /** What Kubernetes says about it. */
  readonly reason: string;
  /** What else happened to it, oldest first: "FailedMount: …". */
  readonly events: readonly string[];
}

export interface PodReport {
  /** By release: the value of the label `app.kubernetes.io/instance`, or "" for pods without it. */
  readonly releases: Readonly<Record<string, PodCounts>>;
  readonly problems: readonly PodProblem[];
}

/** The label by which the pods of a release are known; Kubernetes' recommended one, and a selector of ours. */
const releaseLabel = "app.kubernetes.io/instance";

/** Reads how the pods of namespaces stand. A namespace that does not exist has none. */
export async function readPods(api: KubernetesApi, namespaces: readonly string[]): Promise<PodReport> {
  const reports = await Promise.all(namespaces.map((namespace) => readNamespace(api, namespace)));
  return {
    releases: countByRelease(reports.flatMap(({ pods }) => pods)),
    problems: reports.flatMap(({ problems }) => problems),
  };
}

/** One line for people: "chat-7d9f-x2x cannot be scheduled: 0/2 nodes are available: 2 Insufficient nvidia.com/gpu". */
export function problemText({ kind, name, reason, events }: PodProblem): string {
  const said = kind === "not-starting" && events.length > 0 ? `${reason} (${events.slice(-2).join("; ")})` : reason;
  if (kind === "unschedulable") return `${name} cannot be scheduled: ${said}`;
  if (kind === "rejected") return `pods of ${name} are not accepted: ${said}`;
  return `${name} does not start: ${said}`;
}

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

const Container = z.object({
  state: z
    .object({ waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional() })
    .optional(),
});

const Metadata = z.object({
  name: z.string(),
  uid: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
});

const Pod = z.object({
  metadata: Metadata,
  status: z.object({
    phase: z.string().optional(),
    conditions: z.array(Condition).optional(),
    initContainerStatuses: z.array(Container).optional(),
    containerStatuses: z.array(Container).optional(),
  }),
});
type Pod = z.infer<typeof Pod>;

async function readNamespace(
  api: KubernetesApi,
  namespace: string,
): Promise<{ pods: readonly Pod[]; problems: readonly PodProblem[] }> {
  const [pods, refusals] = await Promise.all([
    list(api, `/api/v1/namespaces/${namespace}/pods`, Pod),
    readRefusals(api, namespace),
  ]);
  const found = [
    ...pods.flatMap((pod) => problemOf(namespace, pod)),
    ...refusals.map((refusal) => rejectionOf(namespace, refusal)),
  ];
  if (found.length === 0) return { pods, problems: [] };
  const warnings = await readWarnings(api, namespace);
  return { pods, problems: found.map((problem) => ({ ...problem, events: eventsOf(problem.id, warnings) })) };
}

function problemOf(namespace: string, { metadata, status }: Pod): readonly PodProblem[] {
  if (status.phase !== "Pending" && status.phase !== "Running") return [];
  const problem = { id: metadata.uid, namespace, name: metadata.name, events: [] };
  const scheduled = status.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False" && scheduled.reason === "Unschedulable") {
    return [{ ...problem, kind: "unschedulable", reason: withoutPreemption(scheduled.message ?? "no reason given") }];
  }
  const waiting = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].flatMap(
    ({ state }) => state?.waiting ?? [],
  );
  const stuck = waiting.find(({ reason }) => reason !== undefined && !startingReasons.has(reason));
  if (!stuck) return [];
  const reason = [stuck.reason, stuck.message].filter((text) => text !== undefined && text !== "").join(": ");
  return [{ ...problem, kind: "not-starting", reason }];
}

/** Reasons for waiting that are part of every start. */
const startingReasons: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

/** The scheduler adds why evicting others would not help, node by node: twice the length and nothing new. */
function withoutPreemption(message: string): string {
  return message.replace(/\.\s[^.]*\bpreemption: .*$/s, "").replace(/[.,\s]+$/, "");
}

function rejectionOf(namespace: string, { uid, name, reason }: Refusal): PodProblem {
  return { id: uid, kind: "rejected", namespace, name, reason, events: [] };
}

/** Each once: Kubernetes repeats what goes on failing. */
function eventsOf(uid: string, warnings: readonly Warning[]): readonly string[] {
  const own = warnings.filter((warning) => warning.uid === uid);
  return [...new Set(own.map(({ reason, message }) => `${reason}: ${message}`))];
}

function countByRelease(pods: readonly Pod[]): Readonly<Record<string, PodCounts>> {
  const counts: Record<string, PodCounts> = {};
  for (const { metadata, status } of pods) {
    const release = metadata.labels?.[releaseLabel] ?? "";
    const before = counts[release] ?? { running: 0, pending: 0, other: 0 };
    const key = status.phase === "Running" ? "running" : status.phase === "Pending" ? "pending" : "other";
    counts[release] = { ...before, [key]: before[key] + 1 };
  }
  return counts;
}
