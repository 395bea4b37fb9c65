/** How long planning takes, in a process that is warm. */
import type { Environment } from "../../environment";
import { planEnvironment } from "../../planning";

/** Milliseconds of deciding everything, and of then saying why; the median of several runs. */
export interface PlanningTime {
  readonly decided: number;
  readonly explained: number;
}

const today = "2026-11-21";

/** Plans each environment in turn, so that what else the machine does meets all of them alike. */
export function planningTimes(environments: readonly Environment[], repetitions: number): readonly PlanningTime[] {
  const rounds = Array.from({ length: repetitions }, () => environments.map(onePlanning));
  return environments.map((_, index) => ({
    decided: median(rounds.map((round) => round[index]?.decided ?? NaN)),
    explained: median(rounds.map((round) => round[index]?.explained ?? NaN)),
  }));
}

function onePlanning(environment: Environment): PlanningTime {
  const start = performance.now();
  const { plan, findings } = planEnvironment(environment, today);
  const decided = performance.now();
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  if (Object.keys(plan.why).length === 0) throw new Error("a plan that says nothing of why");
  return { decided: decided - start, explained: performance.now() - decided };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
