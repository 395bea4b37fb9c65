import { customApiVersions, type CustomKind } from "../../catalog/api-versions";

/** What the tests' objects of custom resources are made in. */
export const namespace = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "serving", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
};

function object(kind: CustomKind, name: string, spec: object) {
  return { apiVersion: customApiVersions[kind], kind, metadata: { name, namespace: namespace.metadata.name }, spec };
}

/** A pod with one GPU that meets the strictest Pod Security standard. */
function template(instance: string, image: string) {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const limits = { cpu: "2", memory: "8Gi", "nvidia.com/gpu": "1" };
  return {
    metadata: { labels: { "app.kubernetes.io/instance": instance } },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
      containers: [{ name: "engine", image, resources: { limits }, securityContext }],
    },
  };
}

/** A pod that the strictest Pod Security standard refuses: it may be root, with every capability. */
function unguarded(instance: string) {
  const { metadata, spec } = template(instance, "example.com/engine:1");
  return {
    metadata,
    spec: { ...spec, securityContext: {}, containers: [{ name: "engine", image: "example.com/x:1" }] },
  };
}

/** Groups of so many pods. */
export function leaderWorkerSet(replicas: number, size = 2) {
  return groups("chat", template("chat", "example.com/engine:1"), replicas, size);
}

/** Groups whose pods are refused. */
export const refusedGroups = groups("refused", unguarded("refused"), 1, 2);

function groups(name: string, workerTemplate: object, replicas: number, size: number) {
  return object("LeaderWorkerSet", name, {
    replicas,
    startupPolicy: "LeaderCreated",
    rolloutStrategy: { type: "RollingUpdate", rollingUpdateConfiguration: { maxSurge: 0, maxUnavailable: 1 } },
    networkConfig: { subdomainPolicy: "UniquePerReplica" },
    leaderWorkerTemplate: {
      size,
      restartPolicy: "RecreateGroupOnPodRestart",
      workerTemplate,
    },
  });
}

/** A head and two workers. */
export const rayService = ray("ray", template("ray", "example.com/ray:1"));

/** A head and two workers that are refused. */
export const refusedRay = ray("refused", unguarded("refused"));

function ray(name: string, pod: object) {
  const workers = { groupName: "workers", replicas: 2, minReplicas: 2, maxReplicas: 2 };
  return object("RayService", name, {
    serveConfigV2: "applications: []\n",
    upgradeStrategy: { type: "NewCluster" },
    excludeHeadPodFromServeSvc: true,
    rayClusterConfig: {
      rayVersion: "2.52.0",
      authOptions: { mode: "token" },
      headGroupSpec: { rayStartParams: {}, template: pod },
      workerGroupSpecs: [{ ...workers, rayStartParams: {}, template: pod }],
    },
  });
}

export const scaledObject = object("ScaledObject", "chat", {
  scaleTargetRef: { apiVersion: customApiVersions.LeaderWorkerSet, kind: "LeaderWorkerSet", name: "chat" },
  minReplicaCount: 1,
  maxReplicaCount: 2,
  fallback: { failureThreshold: 3, replicas: 1, behavior: "currentReplicasIfHigher" },
  triggers: [
    {
      type: "prometheus",
      metricType: "AverageValue",
      metadata: {
        serverAddress: "http://prometheus:9090",
        query: 'sum(vllm:num_requests_waiting{model_name="chat"})',
        threshold: "4",
        ignoreNullValues: "false",
      },
    },
  ],
});

export const podMonitor = object("PodMonitor", "chat", {
  selector: { matchLabels: { "app.kubernetes.io/instance": "chat" } },
  podMetricsEndpoints: [{ port: "http", path: "/metrics", interval: "15s" }],
});
