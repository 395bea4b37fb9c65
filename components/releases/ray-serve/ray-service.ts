import { kubeRay } from "../../../catalog/ray";
import { bytesPerGiB } from "../../../catalog/units";
import type { RayRuns, Workload } from "../../../planning";
import { labels, type RayServiceSpec } from "../../base";
import { containerSecurityContext, operatedPod, type PodWiring } from "../pod";
import { serveConfig } from "./render";

/** What the pods of a release carry beside their labels and annotations. */
interface PodMetadata {
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

/** The cluster of a release in Ray Serve, which KubeRay makes and watches. */
export function rayServiceSpec(
  plan: Workload,
  runs: RayRuns,
  metadata: PodMetadata,
  wiring: PodWiring,
): RayServiceSpec {
  const { min, max } = plan.replicas;
  return {
    serveConfigV2: serveConfig(plan.name, runs.serve),
    upgradeStrategy: { type: runs.upgrade },
    serveService: {
      metadata: { name: plan.endpoint.service, labels: labels(wiring.identity) },
      spec: {
        type: "ClusterIP",
        ports: [{ name: kubeRay.servePortName, port: plan.endpoint.port, protocol: "TCP" }],
      },
    },
    excludeHeadPodFromServeSvc: true,
    rayClusterConfig: {
      rayVersion: plan.version,
      authOptions: { mode: "token" },
      enableInTreeAutoscaling: runs.autoscaled,
      ...(runs.autoscaled ? { autoscalerOptions } : {}),
      headGroupSpec: {
        // Nothing is scheduled on it; it listens for the operator, who has the token.
        rayStartParams: { ...startParams(plan, runs), "num-cpus": "0", "dashboard-host": "0.0.0.0" },
        template: { metadata, spec: headPod(plan, runs, wiring) },
      },
      workerGroupSpecs: [
        {
          groupName: "workers",
          replicas: min,
          minReplicas: min,
          maxReplicas: max,
          rayStartParams: startParams(plan, runs),
          template: { metadata, spec: workerPod(plan, wiring) },
        },
      ],
    },
  };
}

/** Runs beside the head, and talks to the API server. */
const autoscalerOptions = {
  securityContext: containerSecurityContext,
  resources: {
    requests: { cpu: "500m", memory: "512Mi", "ephemeral-storage": "1Gi" },
    limits: { memory: "512Mi", "ephemeral-storage": "1Gi" },
  },
};

function startParams({ endpoint }: Workload, { objectStoreGiB }: RayRuns): Record<string, string> {
  return {
    "object-store-memory": String(objectStoreGiB * bytesPerGiB),
    ...(endpoint.metrics === null ? {} : { "metrics-export-port": String(endpoint.metrics.port) }),
  };
}

/** Its account may change the number of workers, where Ray scales them. */
function headPod(plan: Workload, { head, autoscaled }: RayRuns, wiring: PodWiring) {
  const pod = operatedPod(plan, head.pod, head.resources, wiring);
  return { ...pod, automountServiceAccountToken: autoscaled };
}

function workerPod(plan: Workload, wiring: PodWiring) {
  return operatedPod(plan, plan.pod, plan.resources, wiring);
}
