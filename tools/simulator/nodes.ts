import { z } from "zod";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesApi } from "./api";
import { SimulatorError } from "./errors";

/** What a machine has, or has left for pods. */
export interface SimulatedResources {
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
}

/** Machines of one kind, as plain data. */
export interface SimulatedPool {
  /** A DNS label; machines are called `<name>-1`, `<name>-2`, … */
  readonly name: string;
  readonly nodes: number;
  readonly capacity: SimulatedResources;
  /** What is left for pods after kubelet, system and per-node agents, of which none runs here, took theirs. */
  readonly allocatable: SimulatedResources;
  /** GPUs of one machine. */
  readonly gpus: number;
  /** The extended resource by which pods ask for GPUs: `nvidia.com/gpu`. */
  readonly gpuResource: string;
  /** Quantities of other resources of one machine: network adapters, huge pages. None where it is left out. */
  readonly devices?: Readonly<Record<string, string>>;
  /** As NVIDIA's GPU feature discovery writes it: `NVIDIA-L40S`. */
  readonly gpuProduct: string;
  /** Machines are spread over them in turn; empty where there are none. */
  readonly zones: readonly string[];
  /** Win over the labels that every machine gets. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly SimulatedTaint[];
}

export interface SimulatedTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A Node object as the API server takes it. */
export interface NodeObject {
  readonly apiVersion: "v1";
  readonly kind: "Node";
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly taints: readonly SimulatedTaint[] };
  readonly status: {
    readonly capacity: Readonly<Record<string, string>>;
    readonly allocatable: Readonly<Record<string, string>>;
  };
}

/** The label by which the simulator knows its own nodes. */
export const simulatedLabel = "modelyard.dev/simulated";

/** The Node objects of pools, always the same for the same pools. */
export function nodesOf(pools: readonly SimulatedPool[]): readonly NodeObject[] {
  return pools.flatMap((pool) => Array.from({ length: pool.nodes }, (_, index) => nodeOf(pool, index)));
}

function nodeOf(pool: SimulatedPool, index: number): NodeObject {
  const name = `${pool.name}-${index + 1}`;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { ...machineLabels(pool, name, index), ...pool.labels, [simulatedLabel]: "true" },
      // kwok keeps a node's heartbeat, and its pods, only where it sees this annotation.
      annotations: { "kwok.x-k8s.io/node": "fake" },
    },
    spec: { taints: pool.taints },
    status: { capacity: quantities(pool, pool.capacity), allocatable: quantities(pool, pool.allocatable) },
  };
}

/** What a kubelet, a cloud and NVIDIA's GPU feature discovery write on a real machine. */
function machineLabels(pool: SimulatedPool, name: string, index: number): Record<string, string> {
  const zone = pool.zones[index % pool.zones.length];
  const nvidia = pool.gpus > 0 && pool.gpuResource.startsWith("nvidia.com/");
  return {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    ...(zone === undefined ? {} : { "topology.kubernetes.io/zone": zone }),
    ...(nvidia ? { "nvidia.com/gpu.present": "true", "nvidia.com/gpu.count": String(pool.gpus) } : {}),
    ...(nvidia ? { "nvidia.com/gpu.product": pool.gpuProduct } : {}),
  };
}

/** Kubernetes' own limit on pods of one machine. */
const maxPods = 110;

function quantities(pool: SimulatedPool, resources: SimulatedResources): Record<string, string> {
  return {
    cpu: `${Math.floor(resources.cpu * 1000)}m`,
    memory: `${Math.floor(resources.memoryGiB * 1024)}Mi`,
    "ephemeral-storage": `${Math.floor(resources.diskGiB * 1024)}Mi`,
    pods: String(maxPods),
    ...(pool.gpus > 0 ? { [pool.gpuResource]: String(pool.gpus) } : {}),
    ...pool.devices,
  };
}

const nodesPath = "/api/v1/nodes";
const simulatedNodesPath = `${nodesPath}?labelSelector=${encodeURIComponent(`${simulatedLabel}=true`)}`;

const NodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional() }),
    }),
  ),
});

/**
 * Makes the cluster's simulated nodes those of the pools: adds and changes nodes, removes those that are in
 * no pool any more with the pods on them, and waits until all are ready. Nodes without our label stay.
 * @returns names of the removed nodes
 */
export async function applyNodes(api: KubernetesApi, pools: readonly SimulatedPool[]): Promise<readonly string[]> {
  const nodes = nodesOf(pools);
  const wanted = new Set(nodes.map(({ metadata }) => metadata.name));
  const { items } = NodeList.parse(await api.get(simulatedNodesPath));
  const unwanted = items.map(({ metadata }) => metadata.name).filter((name) => !wanted.has(name));
  await removeNodes(api, unwanted);
  await Promise.all(nodes.map((node) => applyNode(api, node)));
  await untilReady(api, wanted);
  return unwanted;
}

/** A node's status is a resource of its own; creating the node with it leaves no moment without resources. */
async function applyNode(api: KubernetesApi, node: NodeObject): Promise<void> {
  const path = `${nodesPath}/${node.metadata.name}`;
  await api.apply(path, node);
  const { apiVersion, kind, metadata, status } = node;
  await api.apply(`${path}/status`, { apiVersion, kind, metadata: { name: metadata.name }, status });
}

const PodList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      spec: z.object({ nodeName: z.string().optional() }),
    }),
  ),
});

/** As when machines are gone: without this their pods would count as running for minutes. */
async function removeNodes(api: KubernetesApi, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await Promise.all(names.map((name) => api.remove(`${nodesPath}/${name}`)));
  const { items } = PodList.parse(await api.get("/api/v1/pods"));
  const orphans = items.filter(({ spec }) => spec.nodeName !== undefined && names.includes(spec.nodeName));
  const remove = ({ namespace, name }: { namespace: string; name: string }): Promise<void> =>
    api.remove(`/api/v1/namespaces/${namespace}/pods/${name}`, { gracePeriodSeconds: 0 });
  await Promise.all(orphans.map(({ metadata }) => remove(metadata)));
}

const pollMilliseconds = 200;
const readySeconds = 60;

async function untilReady(api: KubernetesApi, wanted: ReadonlySet<string>): Promise<void> {
  const deadline = performance.now() + readySeconds * 1000;
  for (;;) {
    const { items } = NodeList.parse(await api.get(simulatedNodesPath));
    const ready = items.filter(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    const waiting = new Set(wanted).size - ready.filter(({ metadata }) => wanted.has(metadata.name)).length;
    if (waiting === 0) return;
    if (performance.now() > deadline) {
      throw new SimulatorError(
        `${waiting} of ${wanted.size} simulated nodes did not become ready within ${readySeconds} s.`,
      );
    }
    await sleep(pollMilliseconds);
  }
}
