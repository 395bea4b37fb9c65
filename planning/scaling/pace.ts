import type { Arithmetic, By, ReleasePlan, Term } from "../plan";
import type { ScalingPlan } from "./plan";
import {
  downWindowStarts,
  leastDownWindow,
  leastPeriod,
  mostPeriod,
  mostWindow,
  pollingInterval,
  scrapeInterval,
  syncPeriod,
  upPercent,
  upWindow,
} from "./rules";

type Paces = Pick<ScalingPlan, "cooldown" | "fallback" | "up" | "down">;

/** How fast pods come and go: from how long a new one takes to serve, and an old one to finish. */
export function paces(plan: ReleasePlan): { readonly decided: Paces; readonly why: By<Arithmetic> } {
  const why = {
    cooldown: downWindow(plan),
    "fallback.failures": failures(plan),
    "fallback.replicas": fallbackReplicas(plan),
    "up.percent": rule("twice as many at most: those that were asked for count before more are", upPercent, "%"),
    "up.window": rule(`two readings, ${scrapeInterval} s apart`, upWindow, "s"),
    "up.period": upPeriod(plan),
    "down.pods": rule("one at a time, so that what is left is seen to be enough", 1, "pods"),
    "down.window": downWindow(plan),
    "down.period": downPeriod(plan),
    pollingInterval: rule("as often as Prometheus reads the engines", pollingInterval, "s"),
  };
  return {
    decided: {
      cooldown: why.cooldown.result,
      fallback: { failures: why["fallback.failures"].result, replicas: why["fallback.replicas"].result },
      up: { percent: upPercent, window: upWindow, period: why["up.period"].result },
      down: { pods: 1, window: why["down.window"].result, period: why["down.period"].result },
    },
    why,
  };
}

interface Computed extends Arithmetic {
  readonly result: number;
}

function rule(formula: string, result: number, unit: string): Computed {
  return { formula, terms: [{ name: "a rule of ours", value: result, unit }], result, unit };
}

function within(least: number, most: number, value: number): number {
  return Math.min(most, Math.max(least, value));
}

function seconds(name: string, value: number, source?: string): Term {
  return { name, value, unit: "s", ...(source === undefined ? {} : { source }) };
}

/** A new pod is not missed by mistake as long as its start may take: silence until then is no failure. */
function failures({ seconds: { startup } }: ReleasePlan): Computed {
  return {
    formula:
      "questions that go unanswered while a first pod starts: startup budget ÷ polling + ÷ evaluation, rounded up",
    terms: [
      seconds("startup budget", startup),
      seconds("polling", pollingInterval),
      seconds("evaluation", syncPeriod, "kube-controller-manager's default; KEDA counts failures of both"),
    ],
    result: Math.ceil(startup / pollingInterval + startup / syncPeriod),
  };
}

/** Blind, a release has what its expected load needs, and one pod where it might have none. */
function fallbackReplicas({ replicas: { expected } }: ReleasePlan): Computed {
  return {
    formula: "pods of the expected load, at least 1",
    terms: [{ name: "expected", value: expected, unit: "pods" }],
    result: Math.max(1, expected),
    unit: "pods",
  };
}

function upPeriod({ seconds: { coldStart } }: ReleasePlan): Computed {
  return {
    formula: `what a new pod takes to serve, from ${leastPeriod} s to ${mostPeriod} s`,
    terms: [seconds("cold start", coldStart)],
    result: within(leastPeriod, mostPeriod, Math.ceil(coldStart)),
    unit: "s",
  };
}

function downWindow({ seconds: { coldStart } }: ReleasePlan): Computed {
  return {
    formula: `${downWindowStarts} × what a new pod takes to serve, from ${leastDownWindow} s to ${mostWindow} s`,
    terms: [seconds("cold start", coldStart), { name: "starts", value: downWindowStarts, source: "a rule of ours" }],
    result: within(leastDownWindow, mostWindow, Math.ceil(downWindowStarts * coldStart)),
    unit: "s",
  };
}

function downPeriod({ seconds: { grace } }: ReleasePlan): Computed {
  return {
    formula: `what a pod may take to finish its requests, from ${leastDownWindow} s to ${mostPeriod} s`,
    terms: [seconds("grace", grace)],
    result: within(leastDownWindow, mostPeriod, grace),
    unit: "s",
  };
}
