import type { Placement, VllmPlan } from "../../planning";
import type { Identity, SecretRef } from "../base";
import { containerSecurityContext, placementSpec, podSecurityContext, preStopPause, probes } from "./pod";

/** The pod of a vLLM release. */
export function vllmPod(plan: VllmPlan, placement: Placement, apiKey: SecretRef, identity: Identity) {
  return {
    serviceAccountName: plan.name,
    automountServiceAccountToken: false,
    // A Service named `vllm` would set VLLM_PORT=tcp://… in every pod, which the engine takes for its port.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: plan.seconds.grace,
    securityContext: podSecurityContext(plan.user),
    ...placementSpec(placement, identity),
    containers: [container(plan, placement, apiKey)],
    volumes: volumes(plan),
  };
}

function container(plan: VllmPlan, placement: Placement, apiKey: SecretRef) {
  return {
    name: "vllm",
    image: plan.image,
    args: [...plan.args],
    env: environment(plan, apiKey),
    ports: [{ name: "http", containerPort: plan.endpoint.port }],
    resources: resources(plan, placement),
    securityContext: containerSecurityContext,
    ...probes(plan.endpoint, plan.seconds),
    lifecycle: preStopPause(plan.seconds),
    volumeMounts: volumeMounts(plan),
  };
}

function environment(plan: VllmPlan, apiKey: SecretRef) {
  const plain = Object.entries(plan.variables).map(([name, value]) => ({ name, value }));
  const secret = (name: string, ref: SecretRef) => ({
    name,
    valueFrom: { secretKeyRef: { name: ref.name, key: ref.key } },
  });
  const token = plan.weights.from === "hub" ? plan.weights.token : undefined;
  const hubToken = token === undefined ? [] : [secret("HF_TOKEN", { name: token.secret, key: token.key })];
  return [...plain, secret("VLLM_API_KEY", apiKey), ...hubToken];
}

/** No CPU limit: throttling delays tokenisation and communication between GPUs. */
function resources({ resources }: VllmPlan, { gpuResource }: Placement) {
  const memory = `${resources.memoryGiB}Gi`;
  const disk = { "ephemeral-storage": `${resources.diskGiB}Gi` };
  const gpus = { [gpuResource]: String(resources.gpus) };
  return {
    requests: { cpu: String(resources.cpu), memory, ...disk, ...gpus },
    limits: { memory, ...disk, ...gpus },
  };
}

function volumeMounts(plan: VllmPlan) {
  const writable = [
    { name: "shm", mountPath: "/dev/shm" },
    { name: "tmp", mountPath: "/tmp" },
    { name: "cache", mountPath: plan.cachePath },
  ];
  if (plan.weights.from === "hub") return writable;
  return [...writable, { name: "weights", mountPath: plan.weights.mountPath, readOnly: true }];
}

function volumes(plan: VllmPlan) {
  const writable = [
    { name: "shm", emptyDir: { medium: "Memory", sizeLimit: `${plan.shmGiB}Gi` } },
    { name: "tmp", emptyDir: { sizeLimit: `${plan.tmpGiB}Gi` } },
    { name: "cache", emptyDir: { sizeLimit: `${plan.cacheGiB}Gi` } },
  ];
  if (plan.weights.from === "hub") return writable;
  return [...writable, { name: "weights", persistentVolumeClaim: { claimName: plan.weights.claim, readOnly: true } }];
}
