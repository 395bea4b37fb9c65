import type { Gpu } from "../catalog/gpus";
import type { Model } from "../catalog/models";
import type { Path, VllmSettings } from "../environment";
import { memoryUnknown, splitMemory } from "./memory";
import type { Arithmetic, By, Finding, MemorySplit } from "./plan";

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

/** How a model is laid over the GPUs of one machine: as pinned, or the fewest GPUs on which it fits. */
export function choose(question: Question): Choice | { readonly findings: readonly Finding[] } {
  const { settings, model, at } = question;
  const unknown = memoryUnknown(model);
  if (unknown !== undefined) {
    const message = `${model.id} cannot be planned: ${unknown}`;
    return {
      findings: [
        {
          id: "model-not-planned",
          level: "error",
          at: [...at, "model"],
          message,
          fix: "Choose a dense decoder with full attention.",
        },
      ],
    };
  }
  if (settings.context > model.maxContext) {
    const message = `a context of ${settings.context} tokens is more than ${model.id} was trained for (${model.maxContext})`;
    return {
      findings: [
        {
          id: "context-too-long",
          level: "error",
          at: [...at, "context"],
          message,
          fix: `Write at most ${model.maxContext}.`,
        },
      ],
    };
  }
  const candidates = settings.tensorParallel === undefined ? degrees(question) : [settings.tensorParallel];
  const impossible =
    settings.tensorParallel === undefined ? undefined : whyImpossible(settings.tensorParallel, question);
  if (impossible !== undefined)
    return {
      findings: [{ id: "tensor-parallel-impossible", level: "error", at: [...at, "tensorParallel"], ...impossible }],
    };

  const tried = candidates.map((tensorParallel) => ({
    tensorParallel,
    ...splitMemory({ ...settings, model, gpu: question.gpu, tensorParallel }),
  }));
  const fitting = tried.find(({ split }) => split.kvTokens >= settings.context);
  if (fitting !== undefined) return { ...fitting, dataType: dataType(model, question.gpu) };
  const widest = tried.at(-1);
  return { findings: widest === undefined ? [] : [doesNotFit(question, widest.tensorParallel, widest.split)] };
}

const possibleDegrees = [1, 2, 4, 8] as const;

function degrees(question: Question): readonly number[] {
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
    return {
      id: "memory-too-small",
      level: "error",
      at: [...at, "model"],
      message: `${model.id} does not fit on ${on}: per GPU ${sum}`,
      fix: "Use a pool with larger GPUs or more of them in a machine, or a smaller model.",
    };
  }
  return {
    id: "context-does-not-fit",
    level: "error",
    at: [...at, "context"],
    message: `one request of ${settings.context} tokens does not fit on ${on}: per GPU ${sum}, which holds ${split.kvTokens} tokens`,
    fix: `Write \`context: ${Math.floor(split.kvTokens / 128) * 128}\` or less${settings.kvCache === "auto" && gpu.supports.fp8Compute ? ", or `kvCache: fp8`" : ""}, or use larger GPUs.`,
  };
}
