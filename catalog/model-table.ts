import { oneOf, readSource, type Source, type SourceRow } from "./fact";
import table from "./data/models.json";
import type { Model } from "./models";

export const modelKinds = ["decoder", "encoder", "cross-encoder"] as const;
export const nativeDtypes = ["bfloat16", "float16", "float32", "float8_e4m3", "mxfp4", "int4"] as const;
export const gates = ["yes", "no", "sometimes", "unknown"] as const;
const stateDtypes = ["float32", "model"] as const;

type Optional<Value> = Value | null | undefined;

/** A row of the table. What a model does not have is left out. */
export interface ModelRow {
  readonly id: string;
  readonly aliases?: Optional<readonly string[]>;
  /** The same shape under another name, trained for another context or stored in another type. */
  readonly variants?: Optional<readonly VariantRow[]>;
  readonly kind?: Optional<string>;
  readonly parameters: {
    readonly total: number;
    readonly active?: Optional<number>;
    readonly towers?: Optional<number>;
  };
  readonly layers: {
    readonly full?: Optional<number>;
    readonly sliding?: Optional<number>;
    readonly linear?: Optional<number>;
  };
  readonly slidingWindow?: Optional<number>;
  readonly attentionChunk?: Optional<number>;
  readonly kvSharedLayers?: Optional<Model["kvSharedLayers"]>;
  readonly attention: {
    readonly heads: number;
    readonly kvHeads: number;
    readonly headDim: number;
    readonly outputGate?: Optional<boolean>;
  };
  readonly globalAttention?: Optional<{ readonly kvHeads: number; readonly headDim: number }>;
  readonly linearAttention?: Optional<
    Omit<NonNullable<Model["linearAttention"]>, "stateDtype"> & { stateDtype: string }
  >;
  readonly sizes: { readonly hidden: number; readonly intermediate: number; readonly vocabulary: number };
  readonly plainFeedForward?: Optional<boolean>;
  readonly doubleWidthLayers?: Optional<number>;
  readonly tiedEmbeddings?: Optional<boolean>;
  readonly learnedPositions?: Optional<number>;
  readonly perLayerEmbedding?: Optional<{ readonly vocabularySize: number; readonly width: number }>;
  readonly mla?: Optional<MlaRow>;
  readonly moe?: Optional<MoeRow>;
  readonly maxContext: number;
  readonly dtype: string;
  readonly licence: string;
  readonly gated: string;
  /** Name of one of the table's sources. */
  readonly source: string;
  /** File within the source, where it has many. */
  readonly file?: Optional<string>;
  readonly note?: Optional<string>;
  readonly remark?: Optional<string>;
}

interface VariantRow {
  readonly id: string;
  readonly aliases?: Optional<readonly string[]>;
  readonly maxContext?: Optional<number>;
  readonly dtype?: Optional<string>;
  readonly licence?: Optional<string>;
  readonly remark?: Optional<string>;
}

type Mla = NonNullable<Model["mla"]>;
interface MlaRow extends Omit<Mla, "queryLoraRank" | "indexer"> {
  readonly queryLoraRank?: Optional<number>;
  readonly indexer?: Optional<NonNullable<Mla["indexer"]>>;
}

interface MoeRow {
  readonly experts: number;
  readonly perToken: number;
  readonly shared?: Optional<number>;
  readonly intermediate: number;
  readonly firstDenseLayers?: Optional<number>;
  readonly everyNthLayer?: Optional<number>;
}

const sources: ReadonlyMap<string, SourceRow> = new Map(Object.entries(table.sources));

/** The rows of the table; `readModel` makes models of them. */
export const modelRows: readonly ModelRow[] = table.models;

function sourceOf(row: ModelRow): Source {
  const found = sources.get(row.source);
  if (found === undefined) throw new Error(`the catalogue names a source that it does not describe: ${row.source}`);
  return readSource({ ...found, source: `${found.source}${row.file ?? ""}`, note: row.note ?? found.note });
}

function attention(row: ModelRow) {
  const { linearAttention, mla } = row;
  const window = row.attentionChunk ?? row.slidingWindow ?? null;
  return {
    slidingWindow: window,
    localAttention: window === null ? null : row.attentionChunk ? ("chunked" as const) : ("sliding-window" as const),
    kvSharedLayers: row.kvSharedLayers ?? { full: 0, sliding: 0 },
    attentionHeads: row.attention.heads,
    kvHeads: row.attention.kvHeads,
    headDim: row.attention.headDim,
    globalAttention: row.globalAttention ?? null,
    attentionOutputGate: row.attention.outputGate ?? false,
    linearAttention: linearAttention
      ? { ...linearAttention, stateDtype: oneOf(stateDtypes, linearAttention.stateDtype, "stateDtype") }
      : null,
    mla: mla ? { ...mla, queryLoraRank: mla.queryLoraRank ?? null, indexer: mla.indexer ?? null } : null,
  };
}

function feedForward({ sizes, moe, ...row }: ModelRow) {
  return {
    intermediateSize: sizes.intermediate,
    gatedFeedForward: !(row.plainFeedForward ?? false),
    doubleWidthLayers: row.doubleWidthLayers ?? 0,
    moe: moe
      ? {
          experts: moe.experts,
          expertsPerToken: moe.perToken,
          sharedExperts: moe.shared ?? 0,
          expertIntermediateSize: moe.intermediate,
          firstDenseLayers: moe.firstDenseLayers ?? 0,
          everyNthLayer: moe.everyNthLayer ?? 1,
        }
      : null,
  };
}

/** The model of a row, followed by its variants. */
export function readModel(row: ModelRow): readonly Model[] {
  const model: Model = {
    id: row.id,
    aliases: row.aliases ?? [],
    kind: oneOf(modelKinds, row.kind ?? "decoder", "kind"),
    totalParameters: row.parameters.total,
    activeParameters: row.parameters.active ?? row.parameters.total,
    towerParameters: row.parameters.towers ?? 0,
    layers: { full: row.layers.full ?? 0, sliding: row.layers.sliding ?? 0, linear: row.layers.linear ?? 0 },
    ...attention(row),
    hiddenSize: row.sizes.hidden,
    ...feedForward(row),
    vocabularySize: row.sizes.vocabulary,
    tiedEmbeddings: row.tiedEmbeddings ?? false,
    learnedPositions: row.learnedPositions ?? 0,
    perLayerEmbedding: row.perLayerEmbedding ?? null,
    maxContext: row.maxContext,
    nativeDtype: oneOf(nativeDtypes, row.dtype, "dtype"),
    licence: row.licence,
    gated: oneOf(gates, row.gated, "gated"),
    source: sourceOf(row),
    remark: row.remark ?? null,
  };
  return [model, ...(row.variants ?? []).map((variant) => readVariant(model, variant))];
}

function readVariant(model: Model, variant: VariantRow): Model {
  return {
    ...model,
    id: variant.id,
    aliases: variant.aliases ?? [],
    maxContext: variant.maxContext ?? model.maxContext,
    nativeDtype: variant.dtype ? oneOf(nativeDtypes, variant.dtype, "dtype") : model.nativeDtype,
    licence: variant.licence ?? model.licence,
    remark: variant.remark ?? null,
  };
}
