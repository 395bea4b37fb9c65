import { bytesPerGB, bytesPerGiB } from "../../../catalog/units";
import type { Gpu } from "../../../catalog/gpus";
import type { Path, TritonModelSettings, TritonSettings } from "../../../environment";
import { errorAt, type Finding } from "../../findings";
import type { HostNeeds } from "../../memory";
import { hostParts } from "../../memory/host";
import { mostGpusOfPod } from "../../pool-sharing";
import type { PodResources, PoolPlan, Term } from "../../plan";
import { machinesText } from "../machines";
import { engineKey } from "./artefact";
import { isArtefact, servedVersions } from "./check-model";
import { gpusOf } from "./config";

/** What a language model takes, whose needs are computed. */
export interface LanguageNeeds {
  readonly name: string;
  readonly host: HostNeeds;
  /** GPU memory of each of its GPUs. */
  readonly budgetGiB: number;
}

/** What the models of one pod take together. */
export interface Demand {
  readonly resources: PodResources;
  readonly shmGiB: number;
  readonly tmpGiB: number;
  /** Caches of a language model's engine, and what is copied from a bucket; 0 where nothing is. */
  readonly cacheGiB: number;
  /** 10⁹ bytes that are read at the start. */
  readonly gigabytes: number;
  /** What each GPU of the pod holds, by its index. */
  readonly onGpu: readonly (readonly Term[])[];
  /** What the numbers are made of. */
  readonly terms: {
    readonly cpu: readonly Term[];
    readonly memoryGiB: readonly Term[];
    readonly diskGiB: readonly Term[];
  };
}

/** CPU of the server beside its models: it takes requests and hands tensors on. */
const serverCpu = 1;

export function demandOf(settings: TritonSettings, language: LanguageNeeds | null): Demand {
  const uses = Object.entries(settings.models).flatMap(([name, model]) => copiesOf(name, model));
  const { processGiB, tmpGiB, logsGiB } = hostParts;
  const shmGiB = Math.max(settings.sharedMemory, language?.host.shmGiB ?? 0);
  const cacheGiB = language?.host.cacheGiB ?? 0;
  const cpu: Term[] = [
    language === null ? term("server", serverCpu, "CPU") : term(language.name, language.host.cpu, "CPU"),
    ...uses.map(({ name, copies, cpu: each }) => term(`${name}, ${copies} × ${each}`, copies * each, "CPU")),
  ];
  const memoryGiB: Term[] = [
    // A language model's share has its own processes in it, and the shared memory that they need.
    ...(language === null
      ? [term("server", processGiB, "GiB"), term("shared memory", shmGiB, "GiB")]
      : [
          term(language.name, language.host.memoryGiB, "GiB"),
          term("shared memory beyond its own", shmGiB - language.host.shmGiB, "GiB"),
        ]),
    ...uses.map(({ name, copies, memory }) => term(`${name}, ${copies} × ${memory} GiB`, copies * memory, "GiB")),
    ...(settings.responseCache === undefined ? [] : [term("response cache", settings.responseCache.size, "GiB")]),
  ];
  const diskGiB = [
    term("cache", cacheGiB, "GiB"),
    term("/tmp", tmpGiB, "GiB"),
    term("logs until they are rotated", logsGiB, "GiB"),
  ];
  const onGpu = gpuTerms(uses, language);
  return {
    resources: {
      cpu: Math.ceil(sum(cpu)),
      memoryGiB: Math.ceil(sum(memoryGiB)),
      diskGiB: sum(diskGiB),
      gpus: onGpu.length,
    },
    shmGiB,
    tmpGiB,
    cacheGiB,
    gigabytes: (language?.host.weightsGB ?? 0) + (artefactsGiB(settings) * bytesPerGiB) / bytesPerGB,
    onGpu,
    terms: { cpu, memoryGiB, diskGiB },
  };
}

/** Size of all versions that the server sees. */
export function artefactsGiB({ models }: Pick<TritonSettings, "models">): number {
  return Object.values(models).reduce(
    (total, model) => total + ("size" in model ? (model.size ?? 0) * servedVersions(model).length : 0),
    0,
  );
}

/** Copies of one model, all versions of it together. */
interface Copies {
  readonly name: string;
  readonly copies: number;
  readonly cpu: number;
  readonly memory: number;
  readonly gpuMemory: number;
  /** Copies on each GPU that has any. */
  readonly onGpus: ReadonlyMap<number, number>;
}

function copiesOf(name: string, model: TritonModelSettings): readonly Copies[] {
  if (!("resources" in model)) return [];
  const { cpu, memory, gpuMemory = 0 } = model.resources;
  const versions = servedVersions(model).length;
  if (!isArtefact(model)) {
    const gpus = engineKey(model)?.gpus ?? 1;
    return [
      { name, copies: 1, cpu, memory, gpuMemory, onGpus: new Map(Array.from({ length: gpus }, (_, gpu) => [gpu, 1])) },
    ];
  }
  const onGpus = new Map<number, number>();
  let copies = 0;
  for (const group of model.instanceGroups) {
    const gpus = gpusOf(group, model.resources);
    copies += group.count * versions * Math.max(1, gpus.length);
    for (const gpu of gpus) onGpus.set(gpu, (onGpus.get(gpu) ?? 0) + group.count * versions);
  }
  return [{ name, copies, cpu, memory, gpuMemory, onGpus }];
}

/** Pods have GPUs in a row: one more than the highest that any copy names. */
function gpuTerms(uses: readonly Copies[], language: LanguageNeeds | null): readonly (readonly Term[])[] {
  const highest = uses.flatMap(({ onGpus }) => [...onGpus.keys()]).reduce((most, gpu) => Math.max(most, gpu + 1), 0);
  const gpus = Math.max(highest, language?.host.gpus ?? 0);
  return Array.from({ length: gpus }, (_, gpu) => [
    ...(language !== null && gpu < language.host.gpus ? [term(language.name, language.budgetGiB, "GiB")] : []),
    ...uses.flatMap(({ name, gpuMemory, onGpus }) => {
      const copies = onGpus.get(gpu) ?? 0;
      return copies === 0 ? [] : [term(`${name}, ${copies} × ${gpuMemory} GiB`, copies * gpuMemory, "GiB")];
    }),
  ]);
}

/** Whether the machines have the GPUs that the models need, and the GPUs the memory. */
export function demandFindings(
  { onGpu }: Demand,
  on: { readonly release: string; readonly pool: PoolPlan; readonly gpu: Gpu | undefined },
): readonly Finding[] {
  const { release, pool, gpu } = on;
  const at: Path = ["releases", release];
  if (onGpu.length === 0) return [];
  if (gpu === undefined) {
    const names = [...new Set(onGpu.flat().map(({ name }) => name.split(",")[0] ?? name))];
    const message = `${names.join(", ")} run on GPUs, and the machines of the pool ${pool.name} have none: ${machinesText(pool)}`;
    const fix =
      "Move the release to a pool with GPUs, or run the models on the CPU, where their backend does: no `gpuMemory`.";
    return [errorAt([...at, "pool"], "wrong-machines", message, fix)];
  }
  const most = mostGpusOfPod(pool);
  if (onGpu.length > most) {
    const message = `models name ${onGpu.length} GPUs of one pod, and one of the pool ${pool.name} has ${most} at most`;
    return [errorAt([...at, "pool"], "wrong-machines", message, "Name fewer `gpus`, or choose larger machines.")];
  }
  return onGpu.flatMap((terms, index): readonly Finding[] => {
    const needed = sum(terms);
    if (needed <= gpu.cudaTotalGiB) return [];
    const parts = terms.map(({ name, value }) => `${name} = ${Number(value).toFixed(1)} GiB`).join(" + ");
    const message = `GPU ${index} of ${release} would hold ${needed.toFixed(1)} GiB (${parts}), and ${gpu.id} has ${gpu.cudaTotalGiB.toFixed(1)} GiB`;
    return [
      errorAt(
        [...at, "models"],
        "memory-too-small",
        message,
        "Run fewer copies, spread them over `gpus`, or choose larger GPUs.",
      ),
    ];
  });
}

function term(name: string, value: number, unit: string): Term {
  return { name, value, unit };
}

function sum(terms: readonly Term[]): number {
  return terms.reduce((total, { value }) => total + Number(value), 0);
}
