import type { KubernetesApi } from "./api";
import { readPods, type PodProblem } from "./pods";

export interface WatchOptions {
  readonly api: KubernetesApi;
  readonly namespaces: readonly string[];
  /**
   * How long a pod must have been without a place, seen from here, before it counts as stuck.
   * @default 20: long enough for a rollout that waits for an old pod's GPU, far below Pulumi's own ten minutes
   */
  readonly seconds?: number;
  /** Called once, with everything that keeps pods from running at that moment. */
  readonly onUnschedulable: (problems: readonly PodProblem[]) => void;
}

export interface Watch {
  /** Ends the watch; `onUnschedulable` is not called after it. */
  stop(): void;
}

const pollMilliseconds = 1000;

/**
 * Watches for pods that cannot be scheduled or are not accepted, so that an update can be cancelled instead
 * of waiting for them until it times out. A look that fails counts for nothing: the API server may be busy.
 */
export function watchForUnschedulable(options: WatchOptions): Watch {
  const { api, namespaces, seconds = 20, onUnschedulable } = options;
  let firstSeen = new Map<string, number>();
  let stopped = false;
  const look = async (): Promise<void> => {
    const { problems } = await readPods(api, namespaces);
    if (stopped) return;
    const now = performance.now();
    const lasting = problems.filter(({ kind }) => kind !== "not-starting");
    firstSeen = new Map(lasting.map(({ id }) => [id, firstSeen.get(id) ?? now]));
    if (![...firstSeen.values()].some((since) => now - since >= seconds * 1000)) return;
    stopped = true;
    onUnschedulable(problems);
  };
  const poll = (): void => {
    if (stopped) return;
    const again = (): void => {
      if (!stopped) timer = setTimeout(poll, pollMilliseconds);
    };
    look().then(again, again);
  };
  let timer = setTimeout(poll, 0);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
