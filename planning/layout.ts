import { formatSupport, nativeFormat, weightFormats, type KvFormatId, type WeightFormatId } from "../catalog/formats";
import type { Gpu } from "../catalog/gpus";
import type { ResolvedModel } from "../catalog/model-names";
import type { Model } from "../catalog/models";
import type { Measurement, VllmSettings } from "../environment";
import { draftOf } from "./draft";
import type { Arithmetic, PoolPlan } from "./plan";
import { networkOf } from "./network";
import { mostGpusOfPod } from "./pool-sharing";
import { groupTensor } from "./releases/group-split";
import { gpusOf, type Measured, type Parallel, type Replica } from "./replica";

/** What a release leaves to be decided, and what it stands on. */
export interface LayoutQuestion {
  readonly settings: VllmSettings;
  readonly model: ResolvedModel;
  readonly gpu: Gpu;
  readonly pool: PoolPlan;
  /** vLLM's version. */
  readonly version: string;
  readonly measured: readonly Measurement[];
  /** The smaller model that guesses for it; undefined where none does, or it is not known. */
  readonly smaller?: Model | undefined;
}

/** Formats that vLLM makes itself while it loads weights that are not quantised. */
const madeWhileLoading: ReadonlySet<WeightFormatId> = new Set(["fp8"]);

/** Whether vLLM makes these weights itself of what was published; what a pod reads is then larger than what its GPUs hold. */
export function isMadeWhileLoading(published: WeightFormatId, weights: WeightFormatId): boolean {
  return weightFormats[published].quantises === "nothing" && madeWhileLoading.has(weights);
}

/** Numbers of GPUs that a layer may be split over, the fewest first. */
const tensorDegrees = [1, 2, 4, 8, 16] as const;

/** Every layout that the settings leave open on this pool, the one with the fewest GPUs and as published first. */
export function layouts(question: LayoutQuestion): readonly Replica[] {
  const { settings, pool } = question;
  const { pipelineParallel: pipeline, dataParallel: data, expertParallel: expert, tensorParallel } = settings;
  const { decodeContextParallel: decodeContext } = settings;
  const open = settings.nodes > 1 ? [groupTensor(settings, pool)] : tensorDegrees;
  const degrees = tensorParallel === undefined ? open : [tensorParallel];
  const parallels = degrees.map((tensor): Parallel => ({ tensor, pipeline, data, expert, decodeContext }));
  const onMachines = parallels.filter((parallel) => gpusOf(parallel) <= mostGpusOfPod(pool) * settings.nodes);
  const tried = tensorParallel === undefined ? onMachines : parallels;
  const choices = weightChoices(question);
  return tried.flatMap((parallel) => choices.map((weights) => replica(question, parallel, weights)));
}

/**
 * How weights may be held. `auto` also tries FP8, the one format that vLLM makes itself while it loads
 * (`--quantization fp8`) and that costs next to no quality; the others need a checkpoint of their own.
 */
export function weightChoices({ settings, model, gpu }: LayoutQuestion): readonly WeightFormatId[] {
  const published = nativeOn(gpu, publishedFormat(model));
  if (settings.quantization === "native") return [published];
  if (settings.quantization !== "auto") return [settings.quantization];
  const plain = weightFormats[published].quantises === "nothing";
  return plain && formatSupport("fp8", gpu.computeCapability) !== "no" ? [published, "fp8"] : [published];
}

/** How the weights of a checkpoint are stored. */
export function publishedFormat({ model, format }: ResolvedModel): WeightFormatId {
  return format ?? nativeFormat(model);
}

/** GPUs before Ampere have no bfloat16; vLLM serves such models in float16 when it is told to. */
export function nativeOn(gpu: Gpu, format: WeightFormatId): WeightFormatId {
  return format === "bf16" && formatSupport("bf16", gpu.computeCapability) === "no" ? "fp16" : format;
}

/** What activations and, unless something else is asked for, the KV cache are held in. */
export function activationFormat(gpu: Gpu, weights: WeightFormatId): "fp32" | "fp16" | "bf16" {
  if (weights === "fp32" || weights === "fp16") return weights;
  return formatSupport("bf16", gpu.computeCapability) === "no" ? "fp16" : "bf16";
}

/** Why activations have their type. */
export function whyDataType({ model, gpu }: LayoutQuestion, result: string): Arithmetic {
  const terms = [
    { name: "the model's own type", value: model.model.nativeDtype, source: `catalogue: ${model.model.id}` },
    { name: "bfloat16 on the GPU", value: gpu.supports.bf16 ? "yes" : "no", source: `catalogue: ${gpu.id}` },
  ];
  return { formula: "the model's own type where the GPU has it, else float16", terms, result };
}

/** Why weights are held as they are. */
export function whyQuantization({ settings, model, gpu }: LayoutQuestion, result: WeightFormatId): Arithmetic {
  const terms = [
    { name: "quantization", value: settings.quantization },
    { name: "as published", value: publishedFormat(model), source: `catalogue: ${model.model.id}` },
    {
      name: `${result} on the GPU`,
      value: formatSupport(result, gpu.computeCapability),
      source: `catalogue: ${gpu.id}`,
    },
  ];
  const formula =
    settings.quantization === "auto"
      ? "of what is published and FP8 the one whose layout is cheapest"
      : "the setting `quantization`; `native` is as published";
  return { formula, terms, result };
}

/** What a layout is called by. */
export interface NamedLayout {
  readonly parallel: Pick<Parallel, "tensor" | "pipeline" | "data">;
  readonly gpu: Pick<Gpu, "id">;
  readonly weights: WeightFormatId;
}

/** `2 × L40S (tensor 2), fp8`. */
export function nameOf({ parallel, gpu, weights }: NamedLayout): string {
  const split = [
    ...(parallel.tensor > 1 ? [`tensor ${parallel.tensor}`] : []),
    ...(parallel.pipeline > 1 ? [`pipeline ${parallel.pipeline}`] : []),
    ...(parallel.data > 1 ? [`data ${parallel.data}`] : []),
  ].join(" × ");
  return `${gpusOf(parallel)} × ${gpu.id}${split === "" ? "" : ` (${split})`}, ${weights}`;
}

function replica(question: LayoutQuestion, parallel: Parallel, weights: WeightFormatId): Replica {
  const { settings, model, gpu, pool, version } = question;
  const { lora, draft } = settings;
  return {
    model: model.model,
    weights,
    kv: kvFormats[settings.kvCache] ?? activationFormat(gpu, weights),
    gpu,
    cudaTotalGiB: gpu.cudaTotalGiB,
    interconnect: gpusOf(parallel) === 1 ? "none" : pool.interconnect,
    parallel,
    ...(settings.nodes === 1 ? {} : { machines: { count: settings.nodes, gbps: networkOf(pool)?.gbps ?? null } }),
    engine: {
      kind: "vllm",
      version,
      gpuMemoryUtilization: settings.gpuMemoryUtilization ?? usualUtilization,
      ...(settings.kvCacheMemory === undefined ? {} : { kvCacheGiB: settings.kvCacheMemory }),
      eager: settings.enforceEager,
    },
    context: settings.context,
    maxSequences: settings.maxSequences,
    batchedTokens: settings.batchedTokens,
    lora: lora === undefined ? null : { slots: lora.maxAdapters, rank: lora.maxRank },
    draft: draftOf(draft, { model: model.model, weights, smaller: question.smaller }),
    measured: measuredOf(question, parallel, weights),
  };
}

/** Share of the GPU's memory where nobody wrote another. */
const usualUtilization = 0.9;

/** Types of the KV cache as memory sees them: both kinds of FP8 take one byte. */
const kvFormats: Readonly<Record<VllmSettings["kvCache"], KvFormatId | undefined>> = {
  auto: undefined,
  bfloat16: "bf16",
  float16: "fp16",
  fp8: "fp8",
  fp8_e4m3: "fp8",
  fp8_e5m2: "fp8",
};

/** The newest measurement of this very model, GPU, version, format and split. */
function measuredOf(question: LayoutQuestion, { tensor }: Parallel, weights: WeightFormatId): Measured | null {
  const { model, gpu, version, measured } = question;
  if (measured.length === 0) return null;
  const published = nativeOn(gpu, publishedFormat(model));
  const [newest] = measured
    .filter(
      (each) =>
        each.model === model.model.id &&
        each.gpu === gpu.id &&
        each.version === version &&
        each.tensorParallel === tensor &&
        (each.quantization === "native" ? published : each.quantization) === weights,
    )
    .toSorted((a, b) => (a.date < b.date ? 1 : -1));
  if (newest === undefined) return null;
  const { weightsGiB, kvGiB, loadSeconds, engineStartSeconds, source, date, file } = newest;
  return {
    ...(weightsGiB === undefined ? {} : { weightsGiB }),
    ...(kvGiB === undefined ? {} : { kvGiB }),
    ...(loadSeconds === undefined ? {} : { loadSeconds }),
    ...(engineStartSeconds === undefined ? {} : { engineStartSeconds }),
    source: `${file}: ${source}`,
    date,
  };
}
