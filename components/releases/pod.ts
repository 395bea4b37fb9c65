import type {
  By,
  ContainerPlan,
  Endpoint,
  Placement,
  PodResources,
  ReleaseSeconds,
  VolumePlan,
  Workload,
} from "../../planning";
import { selectorLabels, type Identity, type SecretRef } from "../base";

/** What a pod needs beside its plan. */
export interface PodWiring {
  readonly placement: Placement;
  readonly identity: Identity;
  /** Where the engine asks for a key. */
  readonly apiKey: SecretRef | undefined;
}

/** The pod of a release, whatever its engine. */
export function releasePod(plan: Workload, wiring: PodWiring) {
  const { user, container, setUp, volumes } = plan.pod;
  return {
    serviceAccountName: plan.name,
    automountServiceAccountToken: false,
    // A Service named like an engine would set variables such as VLLM_PORT=tcp://… in every pod.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: plan.seconds.grace,
    securityContext: podSecurityContext(user),
    ...placementSpec(wiring.placement, wiring.identity),
    ...(setUp.length === 0 ? {} : { initContainers: setUp.map((each) => plainContainer(plan, each, wiring)) }),
    containers: [engineContainer(plan, container, wiring)],
    volumes: Object.entries(volumes).map(([name, volume]) => ({ name, ...volumeSource(plan.name, name, volume) })),
  };
}

function engineContainer(plan: Workload, container: ContainerPlan, wiring: PodWiring) {
  return {
    ...plainContainer(plan, container, wiring),
    ...probes(plan.endpoint, plan.seconds),
    lifecycle: preStopPause(plan.seconds),
  };
}

function plainContainer(plan: Workload, container: ContainerPlan, { placement, apiKey }: PodWiring) {
  const key = plan.apiKey === null || apiKey === undefined ? [] : [secretVariable(plan.apiKey.variable, apiKey)];
  return {
    name: container.name,
    image: container.image,
    ...(container.command === undefined ? {} : { command: [...container.command] }),
    args: [...container.args],
    env: [
      ...Object.entries(container.variables).map(([name, value]) => ({ name, value })),
      // Nobody calls what runs before the engine.
      ...(container === plan.pod.container ? key : []),
      ...Object.entries(container.secretVariables).map(([name, { secret, key }]) =>
        secretVariable(name, { name: secret, key }),
      ),
    ],
    ports: Object.entries(container.ports).map(([name, containerPort]) => ({ name, containerPort })),
    resources: containerResources(plan.resources, placement),
    securityContext: containerSecurityContext,
    volumeMounts: container.mounts.map(({ volume, path, subPath, readOnly }) => ({
      name: volume,
      mountPath: path,
      ...(subPath === undefined ? {} : { subPath }),
      ...(readOnly ? { readOnly } : {}),
    })),
  };
}

function secretVariable(name: string, { name: secret, key }: SecretRef) {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** No CPU limit: throttling delays tokenisation and communication between GPUs. */
function containerResources({ cpu, memoryGiB, diskGiB, gpus }: PodResources, { gpuResource }: Placement) {
  const memory = `${memoryGiB}Gi`;
  const disk = { "ephemeral-storage": `${diskGiB}Gi` };
  const devices: Record<string, string> = gpus === 0 ? {} : { [gpuResource]: String(gpus) };
  return { requests: { cpu: String(cpu), memory, ...disk, ...devices }, limits: { memory, ...disk, ...devices } };
}

/** Name of the ConfigMap with the files of a volume. */
export function filesName(release: string, volume: string): string {
  return `${release}-${volume}`;
}

function volumeSource(release: string, name: string, volume: VolumePlan) {
  switch (volume.kind) {
    case "memory":
      return { emptyDir: { medium: "Memory", sizeLimit: `${volume.sizeGiB}Gi` } };
    case "scratch":
      return { emptyDir: { sizeLimit: `${volume.sizeGiB}Gi` } };
    case "claim":
      return { persistentVolumeClaim: { claimName: volume.claim, ...(volume.readOnly ? { readOnly: true } : {}) } };
    case "image":
      return { image: { reference: volume.reference, pullPolicy: "IfNotPresent" } };
    case "files":
      return { configMap: { name: filesName(release, name) } };
  }
}

/** The volumes of a pod whose files the program writes. */
export function fileVolumes(volumes: By<VolumePlan>): readonly (readonly [name: string, files: By<string>])[] {
  return Object.entries(volumes).flatMap(([name, volume]) =>
    volume.kind === "files" ? [[name, volume.files] as const] : [],
  );
}

/** Who the pod is: a user without rights, the runtime's seccomp filter; volumes belong to its group. */
function podSecurityContext(user: { readonly id: number; readonly group: number }) {
  return {
    runAsNonRoot: true,
    runAsUser: user.id,
    runAsGroup: user.group,
    fsGroup: user.group,
    seccompProfile: { type: "RuntimeDefault" },
  };
}

const containerSecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

const startupPeriod = 10;

/**
 * The engine answers its ready path only once it serves, so the startup probe carries the whole loading
 * time; readiness takes a pod out quickly, liveness restarts it only after long silence.
 */
function probes({ probes: { ready, live } }: Endpoint, seconds: ReleaseSeconds) {
  const httpGet = (path: string) => ({ path, port: "http" });
  return {
    startupProbe: {
      httpGet: httpGet(ready),
      periodSeconds: startupPeriod,
      timeoutSeconds: 5,
      failureThreshold: Math.ceil(seconds.startup / startupPeriod),
    },
    readinessProbe: { httpGet: httpGet(ready), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { httpGet: httpGet(live), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 10 },
  };
}

/** Where the pod may run: on the pool's machines, and rather on different machines and zones than its sisters. */
function placementSpec(placement: Placement, identity: Identity) {
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
function preStopPause(seconds: ReleaseSeconds) {
  return { preStop: { sleep: { seconds: seconds.preStop } } };
}
