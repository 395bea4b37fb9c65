import { countParameters, noSmallParts, type CountedShape } from "../catalog/model-config/parameters";
import type { Model } from "../catalog/models";
import type { ModelShape } from "./schema";

/** Beyond this factor a number of parameters is not that of the shape: a zero or a layer too many. */
const farApart = 1.5;

/** A number of parameters that the shape cannot have. */
export interface ShapeFault {
  readonly key: "parameters" | "activeParameters";
  readonly written: number;
  readonly counted: number;
}

/**
 * The model that an environment describes by its shape.
 *
 * @param today - as 2026-11-21, the day on which the description is read
 */
export function modelOfShape(id: string, settings: ModelShape, today: string): Model | ShapeFault {
  const shape = countedShape(settings);
  const { total, active } = countParameters(shape, noSmallParts);
  const { parameters = total, activeParameters = settings.experts === undefined ? parameters : active } = settings;
  if (apart(parameters, total)) return { key: "parameters", written: parameters, counted: total };
  if (apart(activeParameters, active)) return { key: "activeParameters", written: activeParameters, counted: active };
  return {
    id,
    ...shape,
    totalParameters: parameters,
    activeParameters,
    maxContext: settings.maxContext,
    aliases: [],
    licence: "unknown",
    gated: "unknown",
    remark: null,
    // The author's word: there is nothing to compare it with.
    source: { source: `models.${id} of the environment`, date: today, standing: "recalled" },
  };
}

function apart(written: number, counted: number): boolean {
  return written > counted * farApart || counted > written * farApart;
}

function countedShape(settings: ModelShape): CountedShape {
  const { kind, layers, hiddenSize, attentionHeads, slidingWindow = null } = settings;
  return {
    kind,
    layers,
    slidingWindow,
    localAttention: slidingWindow === null ? null : "sliding-window",
    kvSharedLayers: { full: 0, sliding: 0 },
    linearAttention: settings.linearAttention ?? null,
    hiddenSize,
    attentionHeads,
    kvHeads: settings.kvHeads ?? attentionHeads,
    headDim: settings.headDim ?? hiddenSize / attentionHeads,
    globalAttention: settings.globalAttention ?? null,
    attentionOutputGate: false,
    intermediateSize: settings.intermediateSize,
    gatedFeedForward: settings.gatedFeedForward,
    doubleWidthLayers: 0,
    vocabularySize: settings.vocabulary,
    tiedEmbeddings: settings.tiedEmbeddings,
    learnedPositions: 0,
    perLayerEmbedding: null,
    mla: settings.mla === undefined ? null : { ...settings.mla, indexer: null },
    moe: experts(settings.experts),
    nativeDtype: settings.dtype,
    towerParameters: 0,
  };
}

function experts(settings: ModelShape["experts"]): Model["moe"] {
  if (settings === undefined) return null;
  const { count, perToken, shared, intermediateSize, firstDenseLayers, everyNthLayer } = settings;
  return {
    experts: count,
    expertsPerToken: perToken,
    sharedExperts: shared,
    expertIntermediateSize: intermediateSize,
    firstDenseLayers,
    everyNthLayer,
  };
}
