import { vllmUser } from "../../catalog/engines";
import type { HostNeeds } from "../memory";
import type { By, PodPlan, VolumePlan } from "../plan";
import { cachePath, compiledPath, type WeightsParts } from "../weights";
import { adapterParts } from "./vllm-adapters";
import { vllmArgs, type ArgsQuestion } from "./vllm-args";

/** What decides the pod of a vLLM release. */
export interface ContainerQuestion extends ArgsQuestion {
  readonly host: HostNeeds;
  /** What the weights add to the pod. */
  readonly parts: WeightsParts;
  readonly image: string;
}

export function vllmPod(question: ContainerQuestion): PodPlan {
  const { settings, host, parts, image, port } = question;
  const adapters = adapterParts(settings, image, host);
  const volumes: By<VolumePlan> = {
    shm: { kind: "memory", sizeGiB: host.shmGiB },
    tmp: { kind: "scratch", sizeGiB: host.tmpGiB },
    cache: { kind: "scratch", sizeGiB: host.cacheGiB },
    ...parts.volumes,
    ...adapters.volumes,
  };
  const mounts = [
    { volume: "shm", path: "/dev/shm", readOnly: false },
    { volume: "tmp", path: "/tmp", readOnly: false },
    { volume: "cache", path: cachePath, readOnly: false },
    ...parts.mounts,
    ...adapters.mounts,
  ];
  return {
    user: { id: vllmUser.user, group: vllmUser.group },
    container: {
      name: "vllm",
      image,
      args: vllmArgs(question),
      // What planning decides stands; that something else was written is a finding.
      variables: { ...settings.variables, ...vllmVariables(question) },
      secretVariables: parts.secretVariables,
      ports: { http: port },
      mounts,
    },
    setUp: [...parts.setUp, ...adapters.setUp],
    volumes,
  };
}

/**
 * Caches go to the one writable volume; usage statistics are not sent; an allowed host of media cannot send the engine
 * on to another.
 */
function vllmVariables({ weights, parts, replica }: ContainerQuestion): Readonly<Record<string, string>> {
  const compiled = compiledPath(weights);
  return {
    HOME: cachePath,
    HF_HOME: `${cachePath}/huggingface`,
    VLLM_CACHE_ROOT: `${compiled}/vllm`,
    // Small, and different for each release: not beside the compiled code, which releases that are alike share.
    VLLM_ASSETS_CACHE: `${cachePath}/assets`,
    TRITON_CACHE_DIR: `${compiled}/triton`,
    TORCHINDUCTOR_CACHE_DIR: `${compiled}/inductor`,
    VLLM_NO_USAGE_STATS: "1",
    ...(replica.model.towerParameters > 0 ? { VLLM_MEDIA_URL_ALLOW_REDIRECTS: "0" } : {}),
    ...parts.variables,
  };
}
