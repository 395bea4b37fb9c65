import type { ResolvedModel } from "../../../catalog/model-names";
import { decodersOnProcessors, withoutFastTokenizer } from "../../../catalog/text-embeddings-inference";
import type { Path, TextEmbeddingsSettings } from "../../../environment";
import { errorAt, type Finding } from "../../findings";
import type { PoolPlan } from "../../plan";
import { machinesText, poolOf } from "../machines";

/** Why a release cannot be planned at all: what it is made of does not go together. */
export function refusals(
  release: string,
  settings: TextEmbeddingsSettings,
  resolved: ResolvedModel,
  pool: PoolPlan,
): readonly Finding[] {
  const at: Path = ["releases", release];
  return [...wrongMachines(release, pool), ...wrongModel(resolved, at), ...wrongSettings(settings, resolved, at)];
}

function wrongMachines(release: string, pool: PoolPlan): readonly Finding[] {
  if (pool.processor !== null) return [];
  const message = `the image of ${release} computes on processors, and the GPUs of the pool ${pool.name} (${machinesText(pool)} a machine) would be paid and not used`;
  const fix = "Move the release to a pool without GPUs, such as one with `processor: EPYC-7763`.";
  return [errorAt(poolOf(release), "wrong-machines", message, fix)];
}

function wrongModel({ model, format }: ResolvedModel, at: Path): readonly Finding[] {
  if (model.kind === "decoder") {
    const families = decodersOnProcessors.families.join(" and ");
    const message = `${model.id} is a decoder: text-embeddings-inference makes vectors and scores, no text, and of the decoders it computes on processors (those of ${families} that are made for embeddings) nothing here knows memory and speed`;
    const fix = "Choose an encoder or a cross-encoder, or serve the model on GPUs.";
    return [errorAt([...at, "model"], "model-not-planned", message, fix)];
  }
  if (format === undefined) return [];
  const message = `${model.id} in ${format}: text-embeddings-inference computes on processors in 32 bits`;
  return [errorAt([...at, "model"], "layout-impossible", message, "Name the model as it was published.")];
}

function wrongSettings(
  { pooling, autoTruncate, maxBatchTokens }: TextEmbeddingsSettings,
  { model }: ResolvedModel,
  at: Path,
): readonly Finding[] {
  const ignored = `${model.id} scores pairs of texts, and pooling makes one vector of a text: the engine ignores it`;
  const refusing = `batches of ${maxBatchTokens ?? 0} tokens do not hold the longest text of ${model.id}, ${model.maxContext} tokens, and the engine does not start unless it may cut texts`;
  const cut = `Write at least ${model.maxContext}, leave it out, or let longer texts be cut: \`autoTruncate: true\`.`;
  const short = !autoTruncate && maxBatchTokens !== undefined && maxBatchTokens < model.maxContext;
  return [
    ...(pooling !== undefined && model.kind === "cross-encoder"
      ? [errorAt([...at, "pooling"], "layout-impossible", ignored, "Remove it.")]
      : []),
    ...(short ? [errorAt([...at, "maxBatchTokens"], "batch-below-text", refusing, cut)] : []),
  ];
}

/** A model whose repository has no tokenizer that the engine can read. A volume may hold one that somebody made. */
export function tokenizerMissing(
  { weights }: TextEmbeddingsSettings,
  { model }: ResolvedModel,
  at: Path,
): readonly Finding[] {
  const known = withoutFastTokenizer.find((each) => each.model === model.id);
  if (known === undefined || weights.from !== "hub") return [];
  const message = `the repository of ${model.id} has no tokenizer.json, without which text-embeddings-inference does not start (${known.source})`;
  const fix = "Serve it by Triton, whose Python backend has its tokenizer, or choose a model with a fast tokenizer.";
  return [errorAt([...at, "model"], "tokenizer-missing", message, fix)];
}
