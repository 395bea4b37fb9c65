import type { Plan } from "../../planning";
import { openApi, problemText, readPods, watchForUnschedulable, type Simulation } from "../simulator";

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

/** "3 of 3 Running", and what is wrong with those that are not. */
export async function podsText(simulation: Simulation, plan: Plan): Promise<string> {
  const { releases, problems } = await readPods(openApi(simulation.kubeconfig), namespacesOf(plan));
  const counts = Object.values(releases);
  const running = counts.reduce((sum, count) => sum + count.running, 0);
  const all = counts.reduce((sum, count) => sum + count.running + count.pending, 0);
  return [`${running} of ${all} Running`, ...problems.map((problem) => `  ${problemText(problem)}`)].join("\n");
}

function namespacesOf(plan: Plan): readonly string[] {
  return Object.values(plan.namespaces).map(({ name }) => name);
}
