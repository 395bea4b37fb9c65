import type { Endpoint, Placement, ReleaseSeconds, Rollout } from "../../planning";
import { selectorLabels, type Identity } from "../base";

/** Parts of a pod that every engine has alike. */

export function deploymentStrategy(rollout: Rollout) {
  if (rollout.kind === "recreate") return { type: "Recreate" };
  return {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: rollout.maxSurge, maxUnavailable: rollout.maxUnavailable },
  };
}

/** Who the pod is: a user without rights, the runtime's seccomp filter; volumes belong to its group. */
export function podSecurityContext(user: { readonly id: number; readonly group: number }) {
  return {
    runAsNonRoot: true,
    runAsUser: user.id,
    runAsGroup: user.group,
    fsGroup: user.group,
    seccompProfile: { type: "RuntimeDefault" },
  };
}

export const containerSecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

const startupPeriod = 10;

/**
 * The engine answers its health path only once it serves, so the startup probe carries the whole loading
 * time; readiness takes a pod out quickly, liveness restarts it only after long silence.
 */
export function probes(endpoint: Endpoint, seconds: ReleaseSeconds) {
  const httpGet = { path: endpoint.healthPath, port: "http" };
  return {
    startupProbe: {
      httpGet,
      periodSeconds: startupPeriod,
      timeoutSeconds: 5,
      failureThreshold: Math.ceil(seconds.startup / startupPeriod),
    },
    readinessProbe: { httpGet, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 10 },
  };
}

/** Where the pod may run: on the pool's machines, and rather on different machines and zones than its sisters. */
export function placementSpec(placement: Placement, identity: Identity) {
  const labelSelector = { matchLabels: selectorLabels(identity) };
  const spread = (topologyKey: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector,
  });
  return {
    nodeSelector: { ...placement.nodeSelector },
    tolerations: placement.toleratedTaints.map((key) => ({ key, operator: "Exists", effect: "NoSchedule" })),
    topologySpreadConstraints: [spread("kubernetes.io/hostname"), spread("topology.kubernetes.io/zone")],
  };
}

/** Pause before SIGTERM; the kubelet does it itself, so the image needs no shell. */
export function preStopPause(seconds: ReleaseSeconds) {
  return { preStop: { sleep: { seconds: seconds.preStop } } };
}
