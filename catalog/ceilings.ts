import { oneOf, readSource, type Source } from "./fact";
import { type WeightFormatId, weightFormatIds } from "./formats";
import { findModel, type Model } from "./models";
import table from "./data/ceilings.json";

/** Output tokens per second and GPU that were measured with requests of these lengths, all queued at once. */
export interface CeilingPoint {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tokensPerSecondPerGpu: number;
}

/**
 * Offline throughput of one configuration, as published: no limit on latency, the engine tuned for it. A server that
 * answers as requests come reaches less, so an estimate above is wrong.
 */
export interface Ceiling {
  readonly model: string;
  /** As the catalogue of GPUs names it; GH200 and GB200 are not in there. */
  readonly gpu: string;
  readonly precision: WeightFormatId;
  readonly parallel: {
    readonly tensor: number;
    readonly pipeline: number;
    readonly data: number;
    readonly expert: boolean;
  };
  readonly gpus: number;
  readonly points: readonly CeilingPoint[];
  readonly source: Source;
}

const units = ["replica", "gpu"] as const;

/** Every published ceiling of the catalogue. */
export const ceilings: readonly Ceiling[] = table.tables.flatMap((part) => {
  const source = readSource(part);
  const unit = oneOf(units, part.unit, "unit");
  return part.rows.map((row): Ceiling => {
    const gpus = row.parallel.tensor * row.parallel.pipeline * row.parallel.data;
    return {
      model: row.model,
      gpu: row.gpu,
      precision: oneOf(weightFormatIds, row.precision, "precision"),
      parallel: row.parallel,
      gpus,
      points: row.points.map((point) => readPoint(point, unit === "replica" ? gpus : 1)),
      source,
    };
  });
});

function readPoint(point: readonly number[], gpus: number): CeilingPoint {
  const [inputTokens, outputTokens, tokensPerSecond] = point;
  if (inputTokens === undefined || outputTokens === undefined || tokensPerSecond === undefined) {
    throw new Error(`the catalogue's ceilings have a point with ${String(point.length)} numbers; it takes three`);
  }
  return { inputTokens, outputTokens, tokensPerSecondPerGpu: tokensPerSecond / gpus };
}

/** Models of one shape are equally fast, whatever they were trained on: Llama 3.1 and 3.3, DeepSeek V3 and R1. */
function shapeKey({ totalParameters, hiddenSize, layers, attentionHeads, vocabularySize, moe }: Model): string {
  return [
    totalParameters,
    hiddenSize,
    layers.full,
    layers.sliding,
    attentionHeads,
    vocabularySize,
    moe?.experts,
  ].join();
}

/**
 * Precisions whose ceilings bound this one, the closest first: fewer bits of weights and activations are never slower
 * offline. Formats of weights alone read less than their 16-bit arithmetic suggests, so 16-bit rows do not bound them.
 */
const boundedBy: Readonly<Record<WeightFormatId, readonly WeightFormatId[]>> = {
  fp32: ["bf16", "fp16", "fp8", "nvfp4"],
  bf16: ["bf16", "fp16", "fp8", "nvfp4"],
  fp16: ["fp16", "bf16", "fp8", "nvfp4"],
  fp8: ["fp8", "nvfp4"],
  int8: ["int8", "fp8", "nvfp4"],
  "gptq-int8": ["gptq-int8", "fp8", "nvfp4"],
  awq: ["awq", "gptq", "nvfp4"],
  gptq: ["gptq", "awq", "nvfp4"],
  int4: ["int4", "nvfp4"],
  nf4: ["nf4", "awq", "nvfp4"],
  mxfp4: ["mxfp4"],
  nvfp4: ["nvfp4"],
};

const byKey = new Map<string, Ceiling[]>();
for (const ceiling of ceilings) {
  const model = findModel(ceiling.model);
  const key = `${model === undefined ? ceiling.model : shapeKey(model)}/${ceiling.gpu}/${ceiling.precision}`;
  byKey.set(key, [...(byKey.get(key) ?? []), ceiling]);
}

const found = new Map<string, readonly Ceiling[]>();
const none: readonly Ceiling[] = [];

/**
 * What was published for a model of this shape on this GPU: in this precision, or in the closest one that bounds it.
 * Where the same number of GPUs was measured only that counts, else every number of GPUs. Empty when nothing was.
 */
export function ceilingsOf(model: Model, gpu: string, precision: WeightFormatId, gpus: number): readonly Ceiling[] {
  const key = `${model.id}/${gpu}/${precision}/${String(gpus)}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const rows = searchCeilings(model, gpu, precision);
  const same = rows.filter((row) => row.gpus === gpus);
  const result = same.length > 0 ? same : rows;
  found.set(key, result);
  return result;
}

function searchCeilings(model: Model, gpu: string, precision: WeightFormatId): readonly Ceiling[] {
  const shape = shapeKey(model);
  for (const bound of boundedBy[precision]) {
    const rows = byKey.get(`${shape}/${gpu}/${bound}`);
    if (rows !== undefined) return rows;
  }
  return none;
}
