import type { Path, ReleaseSettings } from "../../environment";
import { errorAt, warningAt, type Finding } from "../findings";
import type { ReleasePlan } from "../plan";
import type { Ground } from "../releases/ground";
import { hasOperator, requireOperator } from "../releases/operators";
import { releaseSeriesLabel } from "../releases/signals";
import type { Scaled } from "./scaling";

/** A release, and what came of its wish to be scaled. */
export interface ScalingCheck {
  readonly plan: ReleasePlan;
  readonly settings: ReleaseSettings;
  readonly on: Pick<Ground, "release" | "cluster" | "pool" | "stage">;
  readonly scaled: Scaled | null;
  /** Whether something collects its metrics. */
  readonly monitored: boolean;
}

/** Kinds of object whose pods an autoscaler can move; others have one of their own. */
const scalable: readonly string[] = ["deployment", "leader-worker-set"];

/** Whether an autoscaler is to move the pods of a release: there are bounds to move them between. */
export function wantsScaling({ runs, replicas: { min, max } }: ReleasePlan): boolean {
  return min < max && scalable.includes(runs.kind);
}

/** What keeps an autoscaler from doing what the settings ask of it. */
export function scalingFindings(check: ScalingCheck): readonly Finding[] {
  const { plan, on } = check;
  if (!wantsScaling(plan)) return [];
  return [...zeroRefused(check), ...(hasOperator(on.cluster, "keda") ? blind(check) : withoutAutoscaler(check))];
}

function withoutAutoscaler({ plan, settings, on }: ScalingCheck): readonly Finding[] {
  const at: Path = ["releases", on.release];
  const { name, replicas } = plan;
  if (Object.values(settings.scaling).some((value) => value !== undefined))
    return requireOperator(on, "keda", [...at, "scaling"], `${name} is to be scaled`);
  if (replicas.min === 0) return [];
  const message = `nothing scales ${name} between ${replicas.min} and ${replicas.max} pods: the cluster is not said to have KEDA, so ${replicas.min} run`;
  const fix = "Install KEDA and add `keda` to `operators` of the cluster, or write the number that is to run.";
  return [warningAt([...at, "replicas"], "not-scaled", message, fix)];
}

/** An autoscaler that is there, and does not see the load. */
function blind({ plan, on, scaled, monitored }: ScalingCheck): readonly Finding[] {
  const { name, replicas } = plan;
  const at: Path = ["releases", on.release];
  if (on.cluster?.prometheus === undefined) {
    const message = `${name} is to be scaled between ${replicas.min} and ${replicas.max} pods, and nobody has said where KEDA asks for its load`;
    const fix =
      "Write the address under the cluster, such as `prometheus: http://prometheus-operated.monitoring.svc:9090`.";
    return [errorAt(["clusters", on.pool.cluster], "scaling-impossible", message, fix)];
  }
  if (scaled === null) {
    const message = `nothing says when ${name} needs another pod: its engine shows neither how many requests wait nor, with what one pod can work on, how many it has`;
    const fix = "Name its metrics, write `scaling.running`, or write the number of pods that is to run.";
    return [errorAt([...at, "replicas"], "scaling-impossible", message, fix)];
  }
  if (monitored) return [];
  const message = `${name} is scaled by its metrics, and the cluster is not said to have the Prometheus operator that would collect them: without series that have the label ${releaseSeriesLabel}="${name}" KEDA is blind, and keeps ${scaled.scaling.fallback.replicas} pods or what there are`;
  const fix = `Add \`prometheus-operator\` to \`operators\` of the cluster, or let your Prometheus copy the pods' label app.kubernetes.io/instance to ${releaseSeriesLabel}.`;
  return [warningAt([...at, "replicas"], "metrics-not-collected", message, fix)];
}

/** A release without pods has no metrics: something before it has to tell that somebody asks. */
function zeroRefused({ plan, settings, on }: ScalingCheck): readonly Finding[] {
  if (plan.replicas.min > 0) return [];
  const at: Path = ["releases", on.release, "replicas", "min"];
  const refuse = (message: string, fix: string) => [errorAt(at, "scale-to-zero-refused", message, fix)];
  const { name, seconds } = plan;
  if ((on.stage ?? "production") === "production") {
    const message = `${name} may have no pod, and this is production: whoever asks first waits ${seconds.coldStart} s for one`;
    return refuse(message, "Write 1 or more.");
  }
  if (settings.scaling.wake === undefined) {
    const message = `${name} may have no pod, and then nothing would ever start one: engines that do not run show no metric`;
    return refuse(
      message,
      "Name a signal of the gateway: `scaling: { wake: { query: …, threshold: … } }`, or write 1 or more.",
    );
  }
  return [];
}
