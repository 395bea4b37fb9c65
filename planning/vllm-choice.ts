import type { Gpu } from "../catalog/gpus";
import type { Model } from "../catalog/models";
import type { Path, VllmSettings } from "../environment";
import { memoryUnknown, splitMemory } from "./memory";
import { errorAt, type Finding } from "./findings";
import type { Arithmetic, By, MemorySplit } from "./plan";

export interface Choice {
  readonly tensorParallel: number;
  readonly dataType: "bfloat16" | "float16";
  readonly split: MemorySplit;
  readonly why: By<Arithmetic>;
}

interface Question {
  readonly settings: VllmSettings;
  readonly model: Model;
  readonly gpu: Gpu;
  readonly gpusPerNode: number;
  readonly at: Path;
}

/** The choice, unless none can be made, and what is wrong with it: an overridden finding needs its choice all the same. */
export interface Chosen {
  readonly choice?: Choice;
  readonly findings: readonly Finding[];
}

/** How a model is laid over the GPUs of one machine: as pinned, or the fewest GPUs on which it fits. */
export function choose(question: Question): Chosen {
  const { settings, model, gpu, at } = question;
  const unknown = memoryUnknown(model);
  if (unknown !== undefined) {
    const message = `${model.id} cannot be planned: ${unknown}`;
    return {
      findings: [
        errorAt([...at, "model"], "model-not-planned", message, "Choose a dense decoder with full attention."),
      ],
    };
  }
  const impossible =
    settings.tensorParallel === undefined ? undefined : whyImpossible(settings.tensorParallel, question);
  if (impossible !== undefined) {
    return {
      findings: [errorAt([...at, "tensorParallel"], "tensor-parallel-impossible", impossible.message, impossible.fix)],
    };
  }
  const degrees = settings.tensorParallel === undefined ? possible(question) : [settings.tensorParallel];
  const tried = degrees.map((tensorParallel) => ({
    tensorParallel,
    ...splitMemory({ ...settings, model, gpu, tensorParallel }),
  }));
  const fitting = tried.find(({ split }) => split.kvTokens >= settings.context);
  const chosen = fitting ?? tried.at(-1);
  if (chosen === undefined) return { findings: [] };
  return {
    choice: { ...chosen, dataType: dataType(model, gpu) },
    findings: [
      ...tooLong(question),
      ...(fitting === undefined ? [doesNotFit(question, chosen.tensorParallel, chosen.split)] : []),
    ],
  };
}

function tooLong({ settings, model, at }: Question): readonly Finding[] {
  if (settings.context <= model.maxContext) return [];
  const message = `a context of ${settings.context} tokens is more than ${model.id} was trained for (${model.maxContext})`;
  return [errorAt([...at, "context"], "context-too-long", message, `Write at most ${model.maxContext}.`)];
}

const possibleDegrees = [1, 2, 4, 8] as const;

function possible(question: Question): readonly number[] {
  return possibleDegrees.filter((degree) => whyImpossible(degree, question) === undefined);
}

function whyImpossible(degree: number, { model, gpusPerNode }: Question): { message: string; fix: string } | undefined {
  if (degree > gpusPerNode) {
    return {
      message: `a replica on ${degree} GPUs does not fit a machine with ${gpusPerNode}`,
      fix: `Write at most ${gpusPerNode}, or use a pool with larger machines.`,
    };
  }
  if (model.attentionHeads % degree !== 0) {
    return {
      message: `${model.id} has ${model.attentionHeads} attention heads, which ${degree} GPUs cannot share evenly`,
      fix: `Use a number that divides ${model.attentionHeads}.`,
    };
  }
  return undefined;
}

/** GPUs before Ampere have no bfloat16. */
function dataType(model: Model, gpu: Gpu): "bfloat16" | "float16" {
  return model.nativeDtype !== "float16" && gpu.supports.bf16 ? "bfloat16" : "float16";
}

function doesNotFit({ settings, model, gpu, at }: Question, tensorParallel: number, split: MemorySplit): Finding {
  const on = tensorParallel === 1 ? `one ${gpu.id}` : `${tensorParallel} × ${gpu.id}`;
  const gib = (value: number): string => `${value.toFixed(2)} GiB`;
  const sum = `${gib(split.budgetGiB)} of its GPU memory − ${gib(split.weightsGiB)} weights − ${gib(split.overheadGiB)} overhead = ${gib(split.kvGiB)} for the KV cache`;
  if (split.kvTokens < 128) {
    const message = `${model.id} does not fit on ${on}: per GPU ${sum}`;
    return errorAt(
      [...at, "model"],
      "memory-too-small",
      message,
      "Use a pool with larger GPUs or more of them in a machine, or a smaller model.",
    );
  }
  const message = `one request of ${settings.context} tokens does not fit on ${on}: per GPU ${sum}, which holds ${split.kvTokens} tokens`;
  const narrower = settings.kvCache === "auto" && gpu.supports.fp8Compute ? ", or `kvCache: fp8`" : "";
  const fix = `Write \`context: ${Math.floor(split.kvTokens / 128) * 128}\` or less${narrower}, or use larger GPUs.`;
  return errorAt([...at, "context"], "context-does-not-fit", message, fix);
}
