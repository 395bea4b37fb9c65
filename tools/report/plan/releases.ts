import { isLanguageModel, type ReleasePlan } from "../../../planning";
import { nameOf } from "../../../planning/layout";
import { podsPerReplica } from "../../../planning/pods";
import type { PlanTable } from "../plan-tables";
import { betweenText, left, releaseRows, right, type LanguageModelRelease, type Shown } from "./shown";

export function releaseTable(shown: Shown): PlanTable {
  const columns = [
    left("release"),
    left("model"),
    left("pool"),
    left("each pod has"),
    right("pods"),
    right("context"),
    left("rollout"),
  ];
  const rows = releaseRows(shown, shown.releases, (release, own) => [
    release.name,
    release.model,
    release.pool,
    isLanguageModel(release)
      ? own("tensorParallel", layoutText(shown, release) + overText(release))
      : own("resources.cpu", podText(release)),
    own("replicas.max", podsText(release)),
    isLanguageModel(release) ? release.context.toLocaleString("en-US") : "–",
    own("rollout.kind", rolloutText(release)),
  ]);
  return { caption: "Releases", columns, rows };
}

/** `2 × A100-80GB (tensor 2), fp8`, as those are called that were not taken. */
export function layoutText({ plan }: Shown, release: LanguageModelRelease): string {
  const { tensorParallel: tensor, pipelineParallel: pipeline, dataParallel: data, quantization: weights } = release;
  const id = plan.pools[release.pool]?.accelerator ?? release.pool;
  return nameOf({ parallel: { tensor, pipeline, data }, gpu: { id }, weights });
}

/** `8 CPU, 32 GiB`, with the GPUs of a container that we do not know. */
function podText({ resources: { cpu, memoryGiB, gpus } }: ReleasePlan): string {
  const host = `${cpu} CPU, ${memoryGiB} GiB`;
  return gpus === 0 ? host : `${gpus} ${gpus === 1 ? "GPU" : "GPUs"}, ${host}`;
}

/** `3`, or `1–3 (2 expected)`; `3 × 2` where each replica is two pods. */
function podsText({ runs, replicas: { min, expected, max } }: ReleasePlan): string {
  const replicas = min === max ? String(max) : `${betweenText(min, max)} (${expected} expected)`;
  const size = podsPerReplica(runs);
  return size === 1 ? replicas : `${replicas} × ${size}`;
}

/** Of a layout that takes more machines than one. */
function overText({ runs }: ReleasePlan): string {
  const size = podsPerReplica(runs);
  return size === 1 ? "" : `, over ${size} pods`;
}

function rolloutText({ runs, rollout, resources }: ReleasePlan): string {
  if (podsPerReplica(runs) > 1) return "old replica first";
  const spare = resources.gpus === 0 ? "no room for one more" : "no spare GPU";
  if (rollout.kind === "recreate") return `recreate (${spare})`;
  return rollout.maxSurge > 0 ? "new pod first" : `old pod first (${spare})`;
}
