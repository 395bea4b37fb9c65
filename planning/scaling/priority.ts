import type { Arithmetic, By } from "../plan";
import { fixed, joined } from "../why";
import { priorityIds, type PriorityClassPlan, type PriorityId } from "./plan";

/**
 * The classes of pods. `standard` has the value of pods without a class, so that nobody's pods beside ours are evicted
 * for it, and `batch` one below it. It is above -10, below which the cluster autoscaler adds no machine for a pod. Those
 * of Kubernetes itself begin at two thousand million.
 */
const classes: Readonly<Record<PriorityId, Omit<PriorityClassPlan, "name">>> = {
  critical: {
    value: 1000,
    preempts: true,
    description: "Serves users who cannot wait: takes the place of other releases where machines are short.",
  },
  standard: {
    value: 0,
    preempts: true,
    description: "Serves users: takes the place of batch releases where machines are short.",
  },
  batch: { value: -5, preempts: false, description: "Can wait: gives way to every other release." },
};

/** The name of a class in the cluster, which other environments may share. */
export function priorityClassName(environment: string, priority: PriorityId): string {
  return `${environment}-${priority}`;
}

/** The classes that releases use, by id. */
export function planPriorities(environment: string, used: readonly PriorityId[]): By<PriorityClassPlan> {
  const ids = priorityIds.filter((id) => used.includes(id));
  return Object.fromEntries(ids.map((id) => [id, { name: priorityClassName(environment, id), ...classes[id] }]));
}

export function explainPriorities(priorities: By<PriorityClassPlan>): By<Arithmetic> {
  const formula = "critical above standard, standard as pods without a class, batch below";
  return joined(
    Object.entries(priorities).map(([id, { value }]) => [id, { value: fixed(formula, value, "a rule of ours") }]),
  );
}
