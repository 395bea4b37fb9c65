import { timings } from "../catalog/timings";
import type { Arithmetic, By, ReleaseSeconds, Rollout } from "./plan";

/** Load balancers and proxies have taken a pod off their lists after this long; Kubernetes publishes no bound (llm-d and KServe use 15 s). */
const preStop = 15;
/** Between the engine's own deadline and Kubernetes' kill: time to close files and exit. */
const graceMargin = 15;
/** No startup budget is below this: a busy disk or hub is the rule, not the exception, and a probe that is too patient costs nothing. */
const leastStartup = 600;
/** Cold starts were measured once each; twice as slow as half again is rare. */
const startupMargin = 1.5;
/** Scheduling, volume mounts and the API server's own delays. */
const deadlineMargin = 60;

/** What decides the durations of a release. */
export interface SecondsQuestion {
  readonly weightsGB: number;
  readonly weightsFrom: "hub" | "pvc";
  readonly longestRequest: number;
  readonly replicas: number;
  readonly rollout: Rollout;
}

/** One derivation of every duration; probes, drain, deadlines and Pulumi's wait all take theirs from here. */
export function planSeconds(question: SecondsQuestion): { seconds: ReleaseSeconds; why: By<Arithmetic> } {
  const throughput = question.weightsFrom === "hub" ? timings.hubThroughput : timings.volumeThroughput;
  const load = question.weightsGB / throughput.value;
  const startup = Math.ceil(Math.max(leastStartup, (load + timings.engineStart.value) * startupMargin));
  const drain = question.longestRequest;
  const grace = preStop + drain + graceMargin;
  const progressDeadline = grace + timings.imagePull.value + startup + deadlineMargin;
  const waves = rolloutWaves(question.replicas, question.rollout);
  const rolloutTimeout = waves * progressDeadline;
  const seconds = {
    startup,
    progressDeadline,
    rolloutTimeout,
    longestRequest: question.longestRequest,
    preStop,
    drain,
    grace,
  };
  const s = (name: string, value: number, source?: string) => ({
    name,
    value,
    unit: "s",
    ...(source === undefined ? {} : { source }),
  });
  const why: By<Arithmetic> = {
    startup: {
      formula: `the larger of ${leastStartup} s and (weights ÷ throughput + engine start) × margin`,
      terms: [
        { name: "weights", value: question.weightsGB, unit: "GB" },
        { name: "throughput", value: throughput.value, unit: throughput.unit, source: throughput.source },
        s("engine start", timings.engineStart.value, timings.engineStart.source),
        { name: "margin", value: startupMargin },
      ],
      result: startup,
      unit: "s",
    },
    grace: {
      formula: "preStop + drain + margin",
      terms: [s("preStop", preStop), s("drain", drain, "longestRequest"), s("margin", graceMargin)],
      result: grace,
      unit: "s",
    },
    progressDeadline: {
      formula: "grace of the old pod + image pull + startup + margin",
      terms: [
        s("grace", grace),
        s("image pull", timings.imagePull.value, timings.imagePull.source),
        s("startup", startup),
        s("margin", deadlineMargin),
      ],
      result: progressDeadline,
      unit: "s",
    },
    rolloutTimeout: {
      formula: "waves × progress deadline",
      terms: [{ name: "waves", value: waves }, s("progress deadline", progressDeadline)],
      result: rolloutTimeout,
      unit: "s",
    },
  };
  return { seconds, why };
}

/** How many times a rollout waits for new pods, one after the other. */
export function rolloutWaves(replicas: number, rollout: Rollout): number {
  return rollout.kind === "recreate" ? 1 : Math.ceil(replicas / (rollout.maxSurge + rollout.maxUnavailable));
}
