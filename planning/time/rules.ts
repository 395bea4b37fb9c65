/** The rules of ours that turn measurements into budgets. Each number has its one home here. */

/** Load balancers and proxies have taken a pod off their lists after this long; Kubernetes publishes no bound (llm-d and KServe use 15 s). */
export const preStopPause = 15;

/** Between the engine's own deadline and Kubernetes' kill: time to close files and exit. */
export const graceMargin = 15;

/** No startup budget is below this: a busy disk or hub is the rule, not the exception, and a probe that is too patient costs nothing. */
export const leastStartup = 600;

/** Cold starts were measured once each, and published ones of like models differ by half again. */
export const startupMargin = 1.5;

/** Scheduling, volume mounts and the API server's own delays. */
export const deadlineMargin = 60;

/** What the gateway itself does to a request, before and after the engine: identity, guardrails, counting. */
export const gatewayMargin = 5;

/** A download at a third of the slowest rate that was published goes on; slower, something is wrong. What was copied stays. */
export const fetchMargin = 3;
