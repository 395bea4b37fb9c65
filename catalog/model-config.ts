import type { WeightFormatId } from "./formats";
import type { Source } from "./fact";
import { families, type Family } from "./model-config/families";
import { Fields } from "./model-config/fields";
import { countParameters, noSmallParts, type CountedShape } from "./model-config/parameters";
import { readLayers } from "./model-config/parts";
import { quantizedFormat } from "./model-config/quantization";
import type { Model, NativeDtype } from "./models";

/** A model read out of its `config.json`, or everything that stood in the way. */
export type ConfiguredModel =
  | {
      readonly model: Model;
      /** Format of a quantised checkpoint; undefined where weights are in the model's own type. */
      readonly format: WeightFormatId | undefined;
    }
  | { readonly problems: readonly string[] };

/** The architectures that `modelFromConfig` understands. */
export const knownArchitectures: readonly string[] = Object.keys(families);

/**
 * Reads a Hugging Face `config.json` into a model, with its parameters counted from the shape.
 *
 * @param config the file's JSON
 * @param name the model's name, which becomes its id
 * @param date day (ISO 8601) on which the file was read
 * @returns problems, each a sentence, when the architecture is not known or a field that decides memory is missing
 */
export function modelFromConfig(
  config: unknown,
  name: string,
  date = new Date().toISOString().slice(0, 10),
): ConfiguredModel {
  const whole = Fields.of(config);
  const architecture = whole.list("architectures")?.[0] ?? "";
  const family = families[architecture];
  if (family === undefined) return { problems: [...whole.problems, unknown(architecture)] };
  const text = whole.child("text_config") ?? whole;
  const format = quantizedFormat(whole) ?? quantizedFormat(text);
  const shape = readShape(whole, text, family, format);
  const parts = { ...noSmallParts, ...family.small?.(text) };
  const parameters = countParameters(shape, parts);
  const maxContext = text.count("max_position_embeddings") - (family.positionOffset ?? 0);
  if (whole.problems.length > 0) return { problems: [...new Set(whole.problems)] };
  const source: Source = { source: `config.json of ${name}`, date, standing: "exact" };
  const terms = { licence: "unknown", gated: "unknown", aliases: [], remark: null } as const;
  const { total: totalParameters, active: activeParameters } = parameters;
  const model = { id: name, ...shape, totalParameters, activeParameters, maxContext, ...terms, source };
  return { model, format: family.nativeDtype ? undefined : format };
}

const unknown = (architecture: string | number): string =>
  architecture === ""
    ? "architectures is missing: it names the model's code, such as LlamaForCausalLM"
    : `the architecture ${architecture} is not known; known are ${knownArchitectures.join(", ")}`;

function readShape(whole: Fields, text: Fields, family: Family, format: WeightFormatId | undefined): CountedShape {
  const heads = text.count("num_attention_heads");
  const hidden = text.count("hidden_size");
  const headDim = family.headDim?.(text) ?? text.countOr("head_dim", hidden / heads);
  if (!Number.isInteger(headDim))
    text.problem("head_dim is missing, and hidden_size is no multiple of num_attention_heads");
  const counted = readLayers(text, family.layers?.(text) ?? allAlike(text, family));
  const window = counted.layers.sliding > 0 ? slidingWindow(text, family) : null;
  return {
    kind: family.kind ?? "decoder",
    ...counted,
    slidingWindow: window,
    localAttention: window === null ? null : family.chunked ? "chunked" : "sliding-window",
    linearAttention: null,
    hiddenSize: hidden,
    attentionHeads: heads,
    kvHeads: text.countOr("num_key_value_heads", heads),
    headDim,
    globalAttention: null,
    attentionOutputGate: false,
    intermediateSize: family.width?.(text) ?? text.count("intermediate_size"),
    gatedFeedForward: true,
    doubleWidthLayers: 0,
    vocabularySize: text.count("vocab_size"),
    tiedEmbeddings: whole.flag("tie_word_embeddings", text.flag("tie_word_embeddings", family.tied ?? false)),
    learnedPositions: 0,
    perLayerEmbedding: null,
    mla: null,
    moe: null,
    nativeDtype: family.nativeDtype ?? nativeDtype(whole, text, format),
    towerParameters: family.towers?.(whole, text) ?? 0,
    ...family.shape?.(text),
  };
}

function slidingWindow(text: Fields, family: Family): number | null {
  return family.window ? family.window(text) : text.count("sliding_window");
}

/** Without a pattern, a window in the file holds for every layer; one that no text exceeds is none. */
function allAlike(text: Fields, family: Family): () => "full" | "sliding" {
  const window = family.window ? family.window(text) : text.countOr("sliding_window", null);
  const longest = text.countOr("max_position_embeddings", 0);
  return () => (window === null || window >= longest ? "full" : "sliding");
}

const stored: Partial<Record<WeightFormatId, NativeDtype>> = { fp8: "float8_e4m3", mxfp4: "mxfp4" };
const dtypes: readonly NativeDtype[] = ["bfloat16", "float16", "float32"];

function nativeDtype(whole: Fields, text: Fields, format: WeightFormatId | undefined): NativeDtype {
  const quantised = format && stored[format];
  if (quantised) return quantised;
  const named = [whole, text].flatMap((fields) => [fields.text("torch_dtype"), fields.text("dtype")]);
  const name = named.find((text) => text !== undefined) ?? "float32";
  const found = dtypes.find((dtype) => dtype === name);
  if (found === undefined) whole.problem(`torch_dtype is ${name}; known are ${dtypes.join(", ")}`);
  return found ?? "bfloat16";
}
