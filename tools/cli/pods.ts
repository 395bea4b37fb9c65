import type { Plan, ReleasePlan } from "../../planning";
import { awaitPods, openApi, problemText, watchForUnschedulable, type Arrival, type Simulation } from "../simulator";

/** Watches an update, and cancels it when a pod cannot get a place. */
export interface UnschedulableGuard {
  /** Fires when the update should be given up. */
  readonly signal: AbortSignal;
  /** Ends the watch and tells what kept pods from running. */
  end(): readonly string[];
}

export function unschedulableGuard(simulation: Simulation, plan: Plan): UnschedulableGuard {
  const controller = new AbortController();
  let stuck: readonly string[] = [];
  const watch = watchForUnschedulable({
    api: openApi(simulation.kubeconfig),
    namespaces: namespacesOf(plan),
    onUnschedulable: (problems) => {
      stuck = problems.map(problemText);
      controller.abort();
    },
  });
  return {
    signal: controller.signal,
    end() {
      watch.stop();
      return stuck;
    },
  };
}

/** Waits for the pods of every release, whoever makes them. */
export function awaitReleases(simulation: Simulation, plan: Plan, signal: AbortSignal): Promise<Arrival> {
  const expected = Object.values(plan.releases).map((release) => [release.name, podsOf(release)] as const);
  return awaitPods({
    api: openApi(simulation.kubeconfig),
    namespaces: namespacesOf(plan),
    expected: Object.fromEntries(expected),
    signal,
  });
}

/** The pods that a release starts with: an autoscaler that might add some does not run. */
function podsOf({ runs, replicas: { min } }: ReleasePlan): number {
  switch (runs.kind) {
    case "deployment":
      return min;
    case "leader-worker-set":
      return min * runs.size;
    case "ray-service":
      // The head.
      return 1 + min;
  }
}

export function namespacesOf(plan: Plan): readonly string[] {
  return Object.values(plan.namespaces).map(({ name }) => name);
}
