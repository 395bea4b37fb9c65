import { isLanguageModel, type ReleasePlan, type Rollout } from "../../../planning";
import { nameOf } from "../../../planning/layout";
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
      ? own("tensorParallel", layoutText(shown, release))
      : own("resources.cpu", podText(release)),
    own("replicas.max", podsText(release)),
    isLanguageModel(release) ? release.context.toLocaleString("en-US") : "–",
    own("rollout.kind", rolloutText(release.rollout)),
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
  return gpus === 0 ? host : `${gpus} GPUs, ${host}`;
}

/** `3`, or `1–3 (2 expected)`. */
function podsText({ replicas: { min, expected, max } }: ReleasePlan): string {
  return min === max ? String(max) : `${betweenText(min, max)} (${expected} expected)`;
}

function rolloutText(rollout: Rollout): string {
  if (rollout.kind === "recreate") return "recreate (no spare GPU)";
  return rollout.maxSurge > 0 ? "new pod first" : "old pod first (no spare GPU)";
}
