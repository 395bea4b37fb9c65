/** How long planning takes, in a process that is warm. */
import type { Environment } from "../../environment";
import { planEnvironment } from "../../planning";

/**
 * Milliseconds of deciding everything, and of then saying why; the median of several rounds. CPU time, not wall time: other
 * programs of the machine do not count. It has what the collector of garbage does on other cores beside, so a machine that
 * does nothing else takes less.
 */
export interface PlanningTime {
  readonly decided: number;
  readonly explained: number;
  /** Of deciding, by the clock: what somebody waits for. */
  readonly waited: number;
}

const today = "2026-11-21";

/**
 * Plans each environment in turn, so that what slows the machine meets all of them alike: the small ones as often as makes
 * as many releases as the largest has.
 */
export function planningTimes(environments: readonly Environment[], repetitions: number): readonly PlanningTime[] {
  const sizes = environments.map(({ releases }) => Object.keys(releases).length);
  const times = sizes.map((size) => Math.max(1, Math.round(Math.max(...sizes) / size)));
  const rounds = Array.from({ length: repetitions }, () =>
    environments.map((environment, index) => meanPlanning(environment, times[index] ?? 1)),
  );
  return environments.map((_, index) => ({
    decided: median(rounds.map((round) => round[index]?.decided ?? NaN)),
    explained: median(rounds.map((round) => round[index]?.explained ?? NaN)),
    waited: median(rounds.map((round) => round[index]?.waited ?? NaN)),
  }));
}

function meanPlanning(environment: Environment, times: number): PlanningTime {
  const all = Array.from({ length: times }, () => onePlanning(environment));
  const mean = (of: keyof PlanningTime): number => all.reduce((sum, time) => sum + time[of], 0) / times;
  return { decided: mean("decided"), explained: mean("explained"), waited: mean("waited") };
}

function onePlanning(environment: Environment): PlanningTime {
  const begun = performance.now();
  const start = cpuMilliseconds();
  const { plan, findings } = planEnvironment(environment, today);
  const waited = performance.now() - begun;
  const decided = cpuMilliseconds();
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  if (Object.keys(plan.why).length === 0) throw new Error("a plan that says nothing of why");
  return { decided: decided - start, explained: cpuMilliseconds() - decided, waited };
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
