import { stringify } from "yaml";
import { loadEnvironment, type LoadedEnvironment } from "../../environment";
import { inFolderWith } from "./folder";

/** The smallest environment that is complete; tests change one thing in it. */
export const smallest = {
  clusters: { here: { kind: "existing", context: "here" } },
  pools: {
    gpus: {
      cluster: "here",
      accelerator: "L40S",
      gpusPerNode: 2,
      nodes: { max: 2 },
      machine: { cpu: 32, memory: "256GiB", disk: "400GiB" },
      price: "$2/GPU-hour",
    },
  },
  releases: {
    chat: {
      engine: "vllm",
      model: "Qwen/Qwen3-8B",
      revision: "b968826d9c46dd6066d109eabc6255188de91218",
      weights: { from: "hub" },
      pool: "gpus",
      context: 8192,
    },
  },
};

/** The day on which tests plan. */
export const today = "2026-11-21";

type Written = Readonly<Record<string, unknown>>;

/** The smallest environment with a release changed, or more of them. */
export function withReleases(releases: Readonly<Record<string, Written>>): Written {
  const complete = Object.entries(releases).map(([name, changes]) => [name, { ...smallest.releases.chat, ...changes }]);
  return { ...smallest, releases: Object.fromEntries(complete) as Written };
}

/** The smallest environment with its pool changed. */
export function withPool(changes: Written, releases: Written = smallest.releases): Written {
  return { ...smallest, pools: { gpus: { ...smallest.pools.gpus, ...changes } }, releases };
}

/** Loads what is given as `stacks/test.yaml`: text as it stands, anything else as YAML. */
export function load(
  environment: Written | string | Uint8Array,
  more: Readonly<Record<string, string>> = {},
): LoadedEnvironment {
  const text =
    typeof environment === "string" || environment instanceof Uint8Array
      ? environment
      : stringify(environment, { aliasDuplicateObjects: false });
  const files = { "stacks/test.yaml": text, "policies/environments/test.yaml": "stage: development\n", ...more };
  return inFolderWith(files, (root) => loadEnvironment(root, "test"));
}
