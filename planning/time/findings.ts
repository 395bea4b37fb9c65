import { timings } from "../../catalog/timings";
import type { ReleaseSeconds } from "../plan";
import type { Finding } from "../findings";
import { budgetLine, type TimeBudget } from "./budget";
import type { TimeQuestion } from "./question";

/** A start that takes longer than this serves no rise in load; people notice the gap. */
const slowStart = 1800;

/** What is wrong with a release's durations. */
export function timeFindings(
  release: string,
  question: TimeQuestion,
  budget: TimeBudget,
  on: { readonly spot: boolean },
): readonly Finding[] {
  return [
    ...(on.spot && budget.grace > timings.spotNotice.value ? [outlivesSpot(release, budget)] : []),
    ...(question.engine.kind === "vllm" && !question.engine.drains ? [abortsRequests(release, budget)] : []),
    ...(budget.coldStart > slowStart ? [tooSlow(release, budget)] : []),
  ];
}

function outlivesSpot(release: string, budget: TimeBudget): Finding {
  return {
    id: "drain-outlives-spot",
    level: "warning",
    at: ["releases", release, "longestRequest"],
    message: `a pod takes up to ${budget.grace} s to stop (preStop ${budget.preStop} s + drain ${budget.drain} s and a margin), and a spot machine is gone ${timings.spotNotice.value} s after its notice: longer requests are cut off`,
    fix: "Shorten `longestRequest`, or give the pool another kind of purchase.",
  };
}

function abortsRequests(release: string, budget: TimeBudget): Finding {
  return {
    id: "engine-aborts-requests",
    level: "warning",
    at: ["engines", "vllm"],
    message: `this version of vLLM aborts requests when it is told to stop, so every pod of ${release} waits ${budget.preStop} s before it is told, busy or not`,
    fix: "Use vLLM 0.18.0 or later, which finishes its requests.",
  };
}

function tooSlow(release: string, budget: TimeBudget): Finding {
  return {
    id: "start-too-slow",
    level: "warning",
    at: ["releases", release, "weights"],
    message: `a new pod takes about ${Math.round(budget.coldStart / 60)} min to serve: ${budgetLine(budget)}`,
    fix: "Keep weights nearer: a volume, or S3 with the streaming loader.",
  };
}

/**
 * Which of the rules that tie durations together do not hold, in words. Of a plan there are none; durations that were
 * set by hand or changed later are checked with the same rules.
 */
export function brokenRules(
  seconds: Pick<ReleaseSeconds, "preStop" | "drain" | "grace" | "longestRequest" | "startup" | "progressDeadline"> & {
    readonly gatewayTimeout: number;
    /** Of the pool's machines, where they are made on demand. */
    readonly nodeGrace?: number;
  },
): readonly string[] {
  const { preStop, drain, grace, longestRequest, gatewayTimeout, startup, progressDeadline } = seconds;
  const rules: readonly (readonly [holds: boolean, broken: string])[] = [
    [
      preStop + drain >= longestRequest,
      `the longest request takes ${longestRequest} s and a stopping pod has ${preStop + drain} s for it`,
    ],
    [
      grace > preStop + drain,
      `a pod is killed after ${grace} s, and preStop and drain alone take ${preStop + drain} s`,
    ],
    [
      gatewayTimeout >= longestRequest,
      `the gateway gives up after ${gatewayTimeout} s, before the longest request of ${longestRequest} s is done`,
    ],
    [
      gatewayTimeout < preStop + drain,
      `the gateway waits ${gatewayTimeout} s for a pod that is gone after ${preStop + drain} s`,
    ],
    [
      progressDeadline > grace + startup,
      `a rollout is called stuck after ${progressDeadline} s, and one pod may take ${grace} s to stop and ${startup} s to start`,
    ],
    [
      seconds.nodeGrace === undefined || seconds.nodeGrace >= grace,
      `a machine is emptied by force after ${seconds.nodeGrace ?? 0} s, before its pods' ${grace} s are over`,
    ],
  ];
  return rules.filter(([holds]) => !holds).map(([, broken]) => broken);
}
