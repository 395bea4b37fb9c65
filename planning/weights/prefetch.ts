import type { WeightsSettings } from "../../environment";
import { explainFetch, planFetch, type FetchQuestion } from "../time";
import { prefixed } from "../why";
import { dnsFlow } from "../releases/parts";
import type { Arithmetic, By, PodUser, PrefetchPlan } from "../plan";
import type { HubModel } from "./choice";
import { digestOf } from "./digest";
import { explainFlows, weightsFlows } from "./flows";
import { copyBucket, copyHub, keptVolume, scriptsVolume } from "./script";

/** What one copying pod asks for, whatever it copies. */
const resources = {
  /** Decrypting and hashing what arrives: about a core at half a gigabyte a second. CPU is not limited. */
  cpu: 1,
  /** Eight files at once with buffers of 8 MiB, and Python; pages of files that were written can be given back. */
  memoryGiB: 1,
  /** Its logs; the weights go to the volume. */
  diskGiB: 1,
  gpus: 0,
} as const;

/** A connection or a machine may be lost; each attempt goes on where the one before it stopped. */
const retries = 4;

export interface PrefetchQuestion {
  readonly release: string;
  readonly weights: WeightsSettings;
  readonly models: readonly HubModel[];
  readonly image: string;
  readonly user: PodUser;
  readonly time: FetchQuestion;
}

/** The Job that brings the weights of a release into its volume; undefined where none is wanted. */
export function planPrefetch({
  release,
  weights,
  models,
  image,
  user,
  time,
}: PrefetchQuestion): PrefetchPlan | undefined {
  if (weights.from === "pvc" || weights.from === "oci" || !weights.prefetch || weights.cache === undefined)
    return undefined;
  const { claim } = weights.cache;
  const copy = weights.from === "hub" ? copyHub(weights, models, image) : copyBucket(weights, image);
  return {
    name: `${release}-prefetch-${digestOf({ claim, args: copy.args })}`,
    pod: {
      user,
      // The image asks for every GPU of its machine, and this pod has none.
      container: { ...copy, variables: { ...copy.variables, NVIDIA_VISIBLE_DEVICES: "void" } },
      setUp: [],
      volumes: { [keptVolume]: { kind: "claim", claim, readOnly: false }, [scriptsVolume]: { kind: "scripts" } },
    },
    resources,
    seconds: planFetch(time),
    retries,
    flows: [dnsFlow, ...weightsFlows(weights)],
  };
}

/** The arithmetic of its numbers, by path inside a release's plan. */
export function explainPrefetch(
  plan: PrefetchPlan | undefined,
  time: FetchQuestion,
  userSource: string,
): By<Arithmetic> {
  if (plan === undefined) return {};
  const words = (formula: string, result: number, unit?: string): Arithmetic => ({
    formula,
    terms: [],
    result,
    ...(unit === undefined ? {} : { unit }),
  });
  const { user } = plan.pod;
  return prefixed("prefetch", {
    "pod.user.id": words(`the engine's user, who reads the files: ${userSource}`, user.id),
    "pod.user.group": words(`the engine's group: ${userSource}`, user.group),
    "resources.cpu": words("decrypting and hashing what arrives takes about one core", plan.resources.cpu, "CPU"),
    "resources.memoryGiB": words("buffers of 8 MiB for eight files, and Python", plan.resources.memoryGiB, "GiB"),
    "resources.diskGiB": words("logs; the weights go to the volume", plan.resources.diskGiB, "GiB"),
    "resources.gpus": words("copying needs none", plan.resources.gpus),
    retries: words("a lost connection or machine; each attempt goes on where the last one stopped", plan.retries),
    ...prefixed("seconds", explainFetch(time, plan.seconds)),
    ...explainFlows(plan.flows),
  });
}
