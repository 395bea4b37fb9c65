import { compareVersions } from "../../catalog/compare-versions";
import { vllmBatchDefaults } from "../../catalog/engines";
import type { Source } from "../../catalog/fact";
import type { Gpu } from "../../catalog/gpus";
import type { Model } from "../../catalog/models";
import type { FitQuestion } from "./question";
import { behaviourNear } from "./version";

export interface Batch {
  readonly maxSequences: number;
  readonly batchedTokens: number;
}

/** What decides the batch that an engine gets when it is told none. */
export interface BatchQuestion {
  readonly model: Model;
  readonly context: number;
  readonly gpu: Gpu;
  readonly cudaTotalGiB: number;
  readonly version: string;
}

/** Defaults of `trtllm-serve`. */
const tensorRtBatch: Batch = { maxSequences: 256, batchedTokens: 8192 };
export const tensorRtBatchSource: Source = {
  source: "documentation of trtllm-serve: max_batch_size, max_num_tokens",
  date: "2026-11-21",
  standing: "recalled",
};

/** Until this version vLLM computed whole prompts in one step, except of long contexts. */
const chunkedSince = "0.8.0";
/** Contexts above this were computed in chunks already. */
const longContext = 32_768;
/** What those versions took at least: for vectors, and for models that see images. */
const leastTokens = { usual: 2048, pooling: 32_768, multimodal: 5120 } as const;

/**
 * Sequences and tokens of one step. What is not asked for is the server's default for the GPU and version, and as many
 * tokens as the sequences could have at most.
 *
 * Source: vllm wheel 0.31.0, vllm/engine/arg_utils.py: _set_default_max_num_seqs_and_batched_tokens_args; wheel 0.6.6,
 * vllm/config.py: SchedulerConfig. That V1 became the default with 0.8.0 is recalled.
 */
export function batchOf(asked: FitQuestion, question: BatchQuestion): Batch {
  const { maxNumSeqs: sequences, maxNumBatchedTokens: tokens } = asked;
  const usual = asked.engine === "tensorrt-llm" ? tensorRtBatch : vllmBatch(asked, question);
  const batchedTokens = tokens ?? Math.min((sequences ?? usual.maxSequences) * question.context, usual.batchedTokens);
  return { batchedTokens, maxSequences: sequences ?? Math.min(usual.maxSequences, batchedTokens) };
}

function vllmBatch(asked: FitQuestion, { model, context, gpu, cudaTotalGiB, version }: BatchQuestion): Batch {
  const { maxNumSeqs, maxNumBatchedTokens } = vllmBatchDefaults(behaviourNear(version), {
    name: gpu.name,
    cudaTotalGiB,
  });
  if (compareVersions(version, chunkedSince) < 0)
    return { maxSequences: 256, batchedTokens: tokensBeforeChunks(asked, model, context) };
  // Every token of an encoder sees all others, so a text cannot be cut.
  const batchedTokens = model.kind === "decoder" ? maxNumBatchedTokens : Math.max(context, maxNumBatchedTokens);
  return { maxSequences: maxNumSeqs, batchedTokens };
}

function tokensBeforeChunks(asked: FitQuestion, model: Model, context: number): number {
  const extras = asked.loraAdapters !== undefined || asked.draftLayers !== undefined;
  const plain = model.kind === "decoder" && model.slidingWindow === null && model.towerParameters === 0 && !extras;
  if (plain && context > longContext) return leastTokens.usual;
  if (model.kind !== "decoder") return Math.max(context, leastTokens.pooling);
  return Math.max(context, model.towerParameters > 0 ? leastTokens.multimodal : leastTokens.usual);
}
