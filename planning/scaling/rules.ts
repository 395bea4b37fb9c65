/** The numbers of scaling that are ours, each with its reason. Durations in seconds. */

/** Prometheus reads engines this often, and the autoscaler asks as often: a wish for pods is seen within half a minute. */
export const scrapeInterval = 15;
export const pollingInterval = 15;

/** Kubernetes evaluates every autoscaler this often (`--horizontal-pod-autoscaler-sync-period`, its default). */
export const syncPeriod = 15;

/** Two readings in a row have to want more pods: a single burst that is gone with the next one starts none. */
export const upWindow = 2 * scrapeInterval;

/** At most twice as many pods within the time that new ones take to serve: they count before more are asked for. */
export const upPercent = 100;

/** Kubernetes' own default: load that comes back within five minutes finds the pods that it had. */
export const leastDownWindow = 300;

/** A pod that goes and is missed costs a start: it goes only when it was not wanted for as long as two of them. */
export const downWindowStarts = 2;

/** What `autoscaling/v2` allows for a window, and for the period of a policy. */
export const mostWindow = 3600;
export const mostPeriod = 1800;
export const leastPeriod = 60;

/** GKE's advice is 3 to 5 requests that wait for each pod, vLLM's production stack ships 5. */
export const waitingWithoutPromise = 5;

/** Half of the promised time to the first token may be spent waiting: the other half is for computing it. */
export const waitingShare = 0.5;

/** Pods are wanted before those that there are work on all they can: the rest takes the load while new ones start. */
export const runningShare = 0.7;
