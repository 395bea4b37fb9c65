import { customApiVersions } from "../../catalog/api-versions";
import { apiVersions } from "../../catalog/versions";
import type { MonitorPlan, Runs, ScalingPlan, Workload } from "../../planning";
import type {
  PodMonitorSpec,
  PrometheusTrigger,
  ScaledObjectSpec,
  ScaleTarget,
  ScalingBehaviour,
  ScalingPolicy,
} from "../base";

/** The autoscaler of a release. */
export function scaledObjectSpec(plan: Workload, scaling: ScalingPlan): ScaledObjectSpec {
  const { fallback, up, down } = scaling;
  const { kind } = plan.runs;
  if (kind === "ray-service") throw new TypeError("a cluster of Ray scales itself");
  return {
    scaleTargetRef: { ...kindOf[kind], name: plan.name },
    // KEDA's own default is none.
    minReplicaCount: plan.replicas.min,
    maxReplicaCount: plan.replicas.max,
    pollingInterval: scaling.pollingInterval,
    cooldownPeriod: scaling.cooldown,
    fallback: {
      failureThreshold: fallback.failures,
      replicas: fallback.replicas,
      behavior: "currentReplicasIfHigher",
    },
    advanced: {
      // An autoscaler that goes takes no pod with it: how many there are is then written, and set by the program.
      restoreToOriginalReplicaCount: false,
      horizontalPodAutoscalerConfig: {
        behavior: {
          scaleUp: behaviour(up.window, { type: "Percent", value: up.percent, periodSeconds: up.period }),
          scaleDown: behaviour(down.window, { type: "Pods", value: down.pods, periodSeconds: down.period }),
        },
      },
    },
    triggers: triggersOf(scaling),
  };
}

/** What keeps the pods, by what the plan calls it; each can be scaled. */
const kindOf = {
  deployment: { apiVersion: apiVersions.apps, kind: "Deployment" },
  "leader-worker-set": { apiVersion: customApiVersions.LeaderWorkerSet, kind: "LeaderWorkerSet" },
} as const satisfies Readonly<Record<Exclude<Runs["kind"], "ray-service">, Omit<ScaleTarget, "name">>>;

function behaviour(stabilizationWindowSeconds: number, policy: ScalingPolicy): ScalingBehaviour {
  return { stabilizationWindowSeconds, selectPolicy: "Max", policies: [policy] };
}

function triggersOf({ triggers, prometheus }: ScalingPlan): readonly PrometheusTrigger[] {
  return triggers.map(({ signal, query, threshold }) => ({
    type: "prometheus",
    name: signal,
    metricType: "AverageValue",
    metadata: {
      serverAddress: prometheus,
      query,
      threshold: String(threshold),
      // KEDA's own default takes a lost metric for no load, and would remove pods that work.
      ignoreNullValues: "false",
    },
  }));
}

/** Who collects the metrics of a release. Its series carry the pod's label by which queries tell releases apart. */
export function podMonitorSpec(
  { port, path, interval }: MonitorPlan,
  matchLabels: Readonly<Record<string, string>>,
): PodMonitorSpec {
  return {
    selector: { matchLabels },
    podTargetLabels: ["app.kubernetes.io/instance"],
    podMetricsEndpoints: [{ port, path, interval: `${interval}s` }],
  };
}
