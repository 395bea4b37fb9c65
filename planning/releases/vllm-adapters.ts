import type { AdapterSettings, VllmSettings } from "../../environment";
import type { HostNeeds } from "../memory";
import type { By, ContainerPlan, MountPlan, VolumePlan } from "../plan";
import { flag, listFlag } from "./vllm-flag";
import { adaptersPath } from "./vllm-paths";

/**
 * LoRA adapters are fixed when a pod starts: loading them at run time needs VLLM_ALLOW_RUNTIME_LORA_UPDATING, by which
 * whoever reaches the engine loads any adapter. A change of adapters is a rollout.
 */
export function adapterArgs({ lora }: VllmSettings): readonly string[] {
  if (lora === undefined) return [];
  const names = Object.keys(lora.adapters);
  return [
    "--enable-lora",
    ...flag("max-loras", lora.maxAdapters),
    ...flag("max-lora-rank", lora.maxRank),
    // All of them stay in host memory; vLLM would keep no more than fit the GPU's slots.
    ...(names.length > lora.maxAdapters ? flag("max-cpu-loras", names.length) : []),
    ...listFlag(
      "lora-modules",
      names.map((name) => `${name}=${adaptersPath}/${name}`),
    ),
  ];
}

/** What adapters add to a pod. */
export interface AdapterParts {
  readonly volumes: By<VolumePlan>;
  readonly mounts: readonly MountPlan[];
  readonly setUp: readonly ContainerPlan[];
}

/** vLLM itself cannot be told the commit of an adapter's repository, so adapters of the hub are fetched before it starts. */
export function adapterParts(
  { lora }: VllmSettings,
  image: string,
  { besides }: Pick<HostNeeds, "besides">,
): AdapterParts {
  const adapters = Object.entries(lora?.adapters ?? {});
  const fetched = adapters.flatMap(([name, adapter]) => (adapter.from === "hub" ? [{ name, adapter }] : []));
  const mounted = adapters.flatMap(([name, adapter]) => (adapter.from === "pvc" ? [{ name, adapter }] : []));
  const files = { volume: filesVolume, path: adaptersPath };
  return {
    volumes: {
      ...(fetched.length > 0 ? { [filesVolume]: { kind: "scratch", sizeGiB: besides.adapterFilesGiB } } : {}),
      ...Object.fromEntries(
        mounted.map(({ name, adapter: { claim } }) => [volumeOf(name), { kind: "claim", claim, readOnly: true }]),
      ),
    },
    mounts: [
      ...(fetched.length > 0 ? [{ ...files, readOnly: true }] : []),
      ...mounted.map(({ name, adapter: { path } }) => ({
        volume: volumeOf(name),
        path: `${adaptersPath}/${name}`,
        subPath: path,
        readOnly: true,
      })),
    ],
    setUp: fetched.map(({ name, adapter }) => fetching(name, adapter, image)),
  };
}

const filesVolume = "adapters";

function volumeOf(adapter: string): string {
  return `adapter-${adapter}`;
}

/** The two files that vLLM reads. Others of a repository may be pickles. */
const filesOfAdapter = ["adapter_config.json", "adapter_model.safetensors"];

function fetching(
  name: string,
  { repository, revision, token }: Extract<AdapterSettings, { from: "hub" }>,
  image: string,
): ContainerPlan {
  const folder = `${adaptersPath}/${name}`;
  return {
    name: volumeOf(name),
    image,
    command: ["hf"],
    args: ["download", repository, ...filesOfAdapter, `--revision=${revision}`, `--local-dir=${folder}`],
    // Its caches go beside the adapters: nothing else can be written.
    variables: { HOME: adaptersPath, HF_HOME: `${adaptersPath}/.cache` },
    secretVariables: token === undefined ? {} : { HF_TOKEN: token },
    ports: {},
    mounts: [{ volume: filesVolume, path: adaptersPath, readOnly: false }],
  };
}
