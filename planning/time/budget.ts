import type { ReleaseSeconds, Rollout } from "../plan";
import { firstCompilation, timeParts, type TimePart, type TimePartId } from "./parts";
import type { EngineQuestion, TimeQuestion } from "./question";
import { deadlineMargin, gatewayMargin, graceMargin, leastStartup, preStopPause, startupMargin } from "./rules";

/** Every duration of a release, in whole seconds, each derived once and used by all who need it. */
export interface TimeBudget extends ReleaseSeconds {
  /** The gateway gives up on a request after this long: past the longest one, and before the engine is gone. */
  readonly gatewayTimeout: number;
  /** What a pod is expected to take on a machine that is there and has the image, without a margin. */
  readonly podStart: number;
  /** What it is expected to take from nothing: a machine, the image, the start. Without a margin. */
  readonly coldStart: number;
  /** What the cold start is made of; those that take no time are zero. */
  readonly parts: readonly TimePart[];
}

/** Parts that happen before the container starts: no probe sees them. */
const beforeContainer: ReadonlySet<TimePartId> = new Set(["node", "image"]);

/** One derivation of every duration; probes, drain, gateway, deadlines and Pulumi's wait all take theirs from here. */
export function planTime(question: TimeQuestion): TimeBudget {
  const parts = timeParts(question);
  const before = total(parts.filter(({ id }) => beforeContainer.has(id)));
  const coldStart = total(parts);
  const podStart = coldStart - before;
  // Machine and image of the last pod of a replica may come when those of the first have been there all along.
  const waited = (question.podsTogether ?? 1) > 1 ? before : 0;
  const startup = Math.max(leastStartup, Math.ceil((waited + podStart + firstCompilation(question)) * startupMargin));
  const { preStop, drain } = stopping(question.engine, question.longestRequest);
  const grace = preStop + drain + graceMargin;
  const progressDeadline = grace + Math.ceil(before * startupMargin) + startup + deadlineMargin;
  return {
    startup,
    progressDeadline,
    rolloutTimeout: rolloutWaves(question.replicas, question.rollout) * progressDeadline,
    longestRequest: question.longestRequest,
    preStop,
    drain,
    grace,
    gatewayTimeout: question.longestRequest + gatewayMargin,
    podStart,
    coldStart,
    parts,
  };
}

/**
 * How a pod stops. vLLM with `--shutdown-timeout` and Triton with `--exit-timeout-secs` finish their requests after
 * SIGTERM; an engine that aborts them must not be told before they are done, so its preStop waits for them.
 */
export function stopping(engine: EngineQuestion, longestRequest: number): { preStop: number; drain: number } {
  const drains = !("drains" in engine) || engine.drains;
  return drains
    ? { preStop: preStopPause, drain: longestRequest }
    : { preStop: preStopPause + longestRequest, drain: 0 };
}

/** How many times a rollout waits for new pods, one after the other. */
export function rolloutWaves(replicas: number, rollout: Rollout): number {
  return rollout.kind === "recreate" ? 1 : Math.ceil(replicas / (rollout.maxSurge + rollout.maxUnavailable));
}

/** What one machine of a pool runs of a release. */
export interface OnMachine {
  readonly seconds: ReleaseSeconds;
  /** Pods of the release that one machine holds at most. */
  readonly podsPerMachine: number;
}

/**
 * How long a machine may take to empty before it is taken by force (Karpenter's `terminationGracePeriod`). A
 * disruption budget lets pods of a release go one at a time, each when its replacement serves, so a machine needs a
 * rollout's step for each; never less than a pod's own grace, which Karpenter would cut short.
 */
export function nodeGrace(releases: readonly OnMachine[]): number {
  return releases.reduce(
    (longest, { seconds, podsPerMachine }) =>
      Math.max(longest, seconds.grace, podsPerMachine * seconds.progressDeadline),
    0,
  );
}

function total(parts: readonly TimePart[]): number {
  return parts.reduce((sum, part) => sum + part.seconds, 0);
}

/** The parts that people ask for, in one line. */
const spoken: readonly (readonly [name: string, ids: readonly TimePartId[]])[] = [
  ["node", ["node"]],
  ["image", ["image"]],
  ["weights", ["weights"]],
  ["engine", ["bootstrap", "compile", "capture", "warm-up"]],
];

/** The cold start in one line: `node 410 s + image 101 s + weights 62 s + engine 243 s = 816 s`. */
export function budgetLine(budget: Pick<TimeBudget, "parts" | "coldStart">): string {
  const named = spoken.map(([name, ids]) => [name, total(budget.parts.filter(({ id }) => ids.includes(id)))] as const);
  const texts = named.filter(([, seconds]) => seconds > 0).map(([name, seconds]) => `${name} ${seconds} s`);
  return `${texts.join(" + ")} = ${budget.coldStart} s`;
}
