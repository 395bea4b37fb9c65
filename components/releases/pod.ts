import type { Input } from "@pulumi/pulumi";
import type {
  By,
  ContainerPlan,
  Endpoint,
  GroupRuns,
  Placement,
  PodPlan,
  PodResources,
  PrefetchPlan,
  ReleaseSeconds,
  Runs,
  VolumePlan,
  Workload,
} from "../../planning";
import { selectorLabels, type Identity, type SecretRef } from "../base";
import { claimOf, containerClaim, podClaim } from "./device-claim";
import { weightScripts } from "./scripts";

/** What a pod needs beside its plan. */
export interface PodWiring {
  readonly placement: Placement;
  readonly identity: Identity;
  /** Where the engine asks for a key. */
  readonly apiKey: SecretRef | undefined;
  /** Name of a PriorityClass; the cluster's default where there is none. */
  readonly priorityClass?: Input<string> | undefined;
}

/** The pod of a release, whatever its engine. */
export function releasePod(plan: Workload, wiring: PodWiring) {
  const { container, setUp } = plan.pod;
  return {
    ...podFrame(plan, plan.pod, plan.resources, wiring),
    ...(setUp.length === 0 ? {} : { initContainers: setUp.map((each) => plainContainer(plan, each, wiring)) }),
    containers: [engineContainer(plan, container, wiring)],
  };
}

/** What a pod of a release is without its containers. */
function podFrame(plan: Workload, { user, volumes }: PodPlan, { gpus }: PodResources, wiring: PodWiring) {
  return {
    serviceAccountName: plan.name,
    automountServiceAccountToken: false,
    // A Service named like an engine would set variables such as VLLM_PORT=tcp://… in every pod.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: plan.seconds.grace,
    securityContext: podSecurityContext(user),
    ...(wiring.priorityClass === undefined ? {} : { priorityClassName: wiring.priorityClass }),
    ...placementSpec(plan.spread, wiring.placement, wiring.identity),
    ...(claimOf(wiring.placement, gpus) === undefined ? {} : podClaim(plan.name)),
    volumes: volumeSpecs(plan.name, volumes),
  };
}

/**
 * A pod that computes for the leader of its replica. It has no API, so no probe asks it anything and no key opens it: its
 * process ends when it fails, and its whole replica begins again. It is told to stop once its leader has drained.
 */
export function workerPod(plan: Workload, runs: GroupRuns, wiring: PodWiring) {
  const container = { ...plan.pod.container, args: runs.workerArgs, ports: {} };
  const worker = { ...plainContainer(plan, container, wiring), lifecycle: preStopPause(runs.workerPreStop) };
  return { ...releasePod(plan, wiring), containers: [worker] };
}

/**
 * A pod that an operator starts and asks how it is: its command and its probes are the operator's. It pauses before it
 * stops for as long as its requests may take.
 */
export function operatedPod(plan: Workload, pod: PodPlan, resources: PodResources, wiring: PodWiring) {
  const { placement } = wiring;
  const spec = (container: ContainerPlan) => containerSpec(container, containerResources(resources, placement, {}));
  return {
    ...podFrame(plan, pod, resources, wiring),
    ...(pod.setUp.length === 0 ? {} : { initContainers: pod.setUp.map(spec) }),
    containers: [{ ...spec(pod.container), lifecycle: preStopPause(plan.seconds.preStop) }],
  };
}

/**
 * The pod of a Job that prepares something for a release, on the machines of its pool.
 *
 * @param name of its service account, and of its ConfigMaps before the volume's name
 */
export function jobPod(name: string, plan: Pick<PrefetchPlan, "pod" | "resources">, placement: Placement) {
  const { user, container, volumes } = plan.pod;
  const resources = containerResources(plan.resources, placement, {});
  return {
    restartPolicy: "Never",
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurityContext(user),
    ...machines(placement),
    containers: [containerSpec(container, resources)],
    volumes: volumeSpecs(name, volumes),
  };
}

function engineContainer(plan: Workload, container: ContainerPlan, wiring: PodWiring) {
  const { resources, ...plain } = plainContainer(plan, container, wiring);
  return {
    ...plain,
    resources: plan.pod.limitsCpu === true ? cpuLimited(resources) : resources,
    ...probes(plan.endpoint, plan.seconds),
    lifecycle: preStopPause(plan.seconds.preStop),
  };
}

function plainContainer(plan: Workload, container: ContainerPlan, { placement, apiKey }: PodWiring) {
  const key = plan.apiKey === null || apiKey === undefined ? [] : [secretVariable(plan.apiKey.variable, apiKey)];
  const resources = containerResources(plan.resources, placement, networkDevices(plan.runs));
  // Nobody calls what runs before the engine.
  return containerSpec(container, resources, container === plan.pod.container ? key : []);
}

function containerSpec(
  container: ContainerPlan,
  resources: ReturnType<typeof containerResources>,
  key: readonly ReturnType<typeof secretVariable>[] = [],
) {
  return {
    name: container.name,
    image: container.image,
    ...(container.command === undefined ? {} : { command: [...container.command] }),
    args: [...container.args],
    env: [
      ...Object.entries(container.variables).map(([name, value]) => ({ name, value })),
      ...key,
      ...Object.entries(container.secretVariables).map(([name, { secret, key }]) =>
        secretVariable(name, { name: secret, key }),
      ),
    ],
    ports: Object.entries(container.ports).map(([name, containerPort]) => ({ name, containerPort })),
    resources,
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

/** Where the engine's threads are as many as the CPU that it sees, none of them is throttled. */
function cpuLimited({ requests, limits, ...rest }: ReturnType<typeof containerResources>) {
  return { requests, limits: { cpu: requests.cpu, ...limits }, ...rest };
}

/** No CPU limit: throttling delays tokenisation and communication between GPUs. */
function containerResources(
  { cpu, memoryGiB, diskGiB, gpus }: PodResources,
  placement: Placement,
  network: Readonly<Record<string, string>>,
) {
  const memory = `${memoryGiB}Gi`;
  const disk = { "ephemeral-storage": `${diskGiB}Gi` };
  const claimed = claimOf(placement, gpus) !== undefined;
  const counted = gpus === 0 || claimed ? {} : { [placement.gpuResource]: String(gpus) };
  const devices: Record<string, string> = { ...counted, ...network };
  return {
    requests: { cpu: String(cpu), memory, ...disk, ...devices },
    limits: { memory, ...disk, ...devices },
    ...(claimed ? containerClaim : {}),
  };
}

/** Adapters and their huge pages, where the pods of a replica have a network of their own. */
function networkDevices(runs: Runs): Readonly<Record<string, string>> {
  if (runs.kind !== "leader-worker-set" || runs.network.devices === null) return {};
  const { resource, perPod, hugePagesMiB } = runs.network.devices;
  const pages = hugePagesMiB === 0 ? {} : { "hugepages-2Mi": `${hugePagesMiB}Mi` };
  return { [resource]: String(perPod), ...pages };
}

/** Name of the ConfigMap with the files of a volume. */
export function filesName(release: string, volume: string): string {
  return `${release}-${volume}`;
}

function volumeSpecs(release: string, volumes: By<VolumePlan>) {
  return Object.entries(volumes).map(([name, volume]) => ({ name, ...volumeSource(release, name, volume) }));
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
    case "scripts":
      return { configMap: { name: filesName(release, name) } };
  }
}

/** The volumes of a pod whose files the program writes. */
export function fileVolumes(volumes: By<VolumePlan>): readonly (readonly [name: string, files: By<string>])[] {
  return Object.entries(volumes).flatMap(([name, volume]) =>
    volume.kind === "files" || volume.kind === "scripts" ? [[name, filesOf(volume)] as const] : [],
  );
}

function filesOf(volume: Extract<VolumePlan, { kind: "files" | "scripts" }>): By<string> {
  return volume.kind === "files" ? volume.files : weightScripts();
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

export const containerSecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

const startupPeriod = 10;

/**
 * The engine answers its ready path only once it serves, so the startup probe carries the whole loading
 * time; readiness takes a pod out quickly, liveness restarts it only after long silence.
 */
function probes({ probes: { ready, live, timeoutSeconds = 5 } }: Endpoint, seconds: ReleaseSeconds) {
  const httpGet = (path: string) => ({ path, port: "http" });
  return {
    startupProbe: {
      httpGet: httpGet(ready),
      periodSeconds: startupPeriod,
      timeoutSeconds,
      failureThreshold: Math.ceil(seconds.startup / startupPeriod),
    },
    readinessProbe: { httpGet: httpGet(ready), periodSeconds: 5, timeoutSeconds, failureThreshold: 3 },
    livenessProbe: { httpGet: httpGet(live), periodSeconds: 10, timeoutSeconds, failureThreshold: 10 },
  };
}

/** Where the pod may run: on the pool's machines, and on different machines and zones than its sisters, if it can. */
function placementSpec(wanted: Workload["spread"], placement: Placement, identity: Identity) {
  const labelSelector = { matchLabels: selectorLabels(identity) };
  const spread = (topologyKey: string, required = false) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: required ? "DoNotSchedule" : "ScheduleAnyway",
    labelSelector,
    // Otherwise pods of the old revision, which are about to go, decide where new ones may stand.
    ...(required ? { matchLabelKeys: ["pod-template-hash"] } : {}),
  });
  return {
    ...machines(placement),
    topologySpreadConstraints: [
      spread("kubernetes.io/hostname"),
      spread("topology.kubernetes.io/zone", wanted?.zones === "required"),
    ],
  };
}

/** The pool's machines. */
function machines({ nodeSelector, toleratedTaints }: Placement) {
  return {
    nodeSelector: { ...nodeSelector },
    tolerations: toleratedTaints.map((key) => ({ key, operator: "Exists", effect: "NoSchedule" })),
  };
}

/** Pause before SIGTERM; the kubelet does it itself, so the image needs no shell. */
function preStopPause(seconds: number) {
  return { preStop: { sleep: { seconds } } };
}
