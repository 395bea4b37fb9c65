import type { ReleaseSettings } from "../../environment";
import type { ReleaseLoad } from "../load";
import type { Arithmetic, By, ReleasePlan } from "../plan";
import { orNoPods } from "../releases/signals";
import { prefixed } from "../why";
import { runningThreshold, waitingThreshold } from "./capacity";
import { paces } from "./pace";
import type { ScalingPlan, ScalingTrigger } from "./plan";
import { pollingInterval } from "./rules";

/** What decides how a release is scaled. */
export interface ScalingQuestion {
  readonly environment: string;
  readonly settings: ReleaseSettings;
  readonly plan: ReleasePlan;
  readonly load: ReleaseLoad | null;
  /** Where the autoscaler asks. */
  readonly prometheus: string;
}

export interface Scaled {
  readonly scaling: ScalingPlan;
  /** By path inside the scaling. */
  readonly why: By<Arithmetic>;
}

/** How pods are moved between their bounds; null where the engine shows no signal that says when. */
export function planScaling(question: ScalingQuestion): Scaled | null {
  const { plan, prometheus } = question;
  const found = triggersOf(question);
  if (found.length === 0) return null;
  const pace = paces(plan);
  const scaling: ScalingPlan = {
    prometheus,
    triggers: found.map(({ trigger }) => trigger),
    pollingInterval,
    ...pace.decided,
  };
  const thresholds = found.map(({ why }, index) => [`triggers.${index}.threshold`, why] as const);
  return { scaling, why: { ...Object.fromEntries(thresholds), ...pace.why } };
}

interface Found {
  readonly trigger: ScalingTrigger;
  readonly why: Arithmetic;
}

function triggersOf({ environment, settings, plan, load }: ScalingQuestion): readonly Found[] {
  const thresholds = {
    waiting: waitingThreshold(settings, plan, load),
    running: runningThreshold(settings, plan, load),
  };
  const { wake } = settings.scaling;
  const own = plan.endpoint.signals.flatMap(({ id, query }): readonly Found[] => {
    const why = id === "cache-use" ? null : thresholds[id];
    if (why === null || typeof why.result !== "number") return [];
    const asked = plan.replicas.min === 0 ? orNoPods(environment, plan.name, query) : query;
    return [{ trigger: { signal: id, query: asked, threshold: why.result }, why }];
  });
  if (wake === undefined) return own;
  const why: Arithmetic = {
    formula: "the setting `scaling.wake.threshold`",
    terms: [{ name: "scaling.wake.threshold", value: wake.threshold }],
    result: wake.threshold,
  };
  return [...own, { trigger: { signal: "wake", ...wake }, why }];
}

/** The arithmetic of a release's scaling by its path in the release. */
export function explainScaling({ why }: Scaled): By<Arithmetic> {
  return prefixed("scaling", why);
}
