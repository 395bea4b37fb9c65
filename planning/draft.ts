import { weightFormats, type WeightFormatId } from "../catalog/formats";
import type { Model } from "../catalog/models";
import type { DraftSettings } from "../environment";
import type { Draft } from "./replica";

/** What speculative decoding stands on. */
interface DraftQuestion {
  readonly model: Model;
  /** How the model's weights are held; layers for multi-token prediction are held alike. */
  readonly weights: WeightFormatId;
  /** The smaller model of the method `draft-model`; undefined where it is not known. */
  readonly smaller?: Model | undefined;
}

/** Words of the reduced vocabulary that EAGLE-3 heads are published with. */
const eagle3Vocabulary = 32_000;

/** Speculative decoding as memory and speed see it: parameters are counted as so many of 16 bits. */
export function draftOf(settings: DraftSettings | undefined, question: DraftQuestion): Draft | null {
  if (settings === undefined) return null;
  const { tokens, acceptance } = settings;
  return { layers: cacheLayers(settings, question), parameters: parameters(settings, question), tokens, acceptance };
}

function cacheLayers(settings: DraftSettings, { model, smaller }: DraftQuestion): number {
  if (settings.method !== "draft-model") return "layers" in settings ? settings.layers : 0;
  if (smaller === undefined) return 0;
  // Layers of the larger model whose KV cache is as large as that of all layers of the smaller, rounded up.
  const { full, sliding } = smaller.layers;
  return Math.ceil(((full + sliding) * cacheWidth(smaller)) / cacheWidth(model));
}

function cacheWidth({ mla, kvHeads, headDim }: Model): number {
  return mla === null ? 2 * kvHeads * headDim : mla.kvLoraRank + mla.ropeHeadDim;
}

/** Heads and layers for multi-token prediction have no sizes in the catalogue: they are as the model's own layers. */
function parameters(settings: DraftSettings, { model, weights, smaller }: DraftQuestion): number {
  const { hiddenSize } = model;
  switch (settings.method) {
    case "ngram":
      return 0;
    case "draft-model":
      return smaller?.totalParameters ?? 0;
    case "mtp": {
      // Beside its layer each step joins two vectors into one.
      const counted = settings.layers * (meanLayer(model) + 2 * hiddenSize ** 2);
      return (counted * weightFormats[weights].bytesPerParameter) / 2;
    }
    case "eagle":
      return settings.layers * denseLayer(model) + 2 * hiddenSize ** 2;
    case "eagle3":
      return settings.layers * denseLayer(model) + 3 * hiddenSize ** 2 + eagle3Vocabulary * hiddenSize;
  }
}

function meanLayer({ totalParameters, towerParameters, vocabularySize, hiddenSize, tiedEmbeddings, layers }: Model) {
  const embeddings = (tiedEmbeddings ? 1 : 2) * vocabularySize * hiddenSize;
  return (totalParameters - towerParameters - embeddings) / (layers.full + layers.sliding + layers.linear);
}

/** Heads have no experts, whatever their model has. */
function denseLayer({ hiddenSize, attentionHeads, kvHeads, headDim, intermediateSize }: Model): number {
  return 2 * hiddenSize * (attentionHeads + kvHeads) * headDim + 3 * hiddenSize * intermediateSize;
}
