import { AmbiguousNameError } from "./ambiguous-name";
import type { WeightFormatId } from "./formats";
import { type Model, models } from "./models";

/** A model that a name means, and the format that the name says its weights are in. */
export interface ResolvedModel {
  readonly model: Model;
  /** Undefined where the name says none: the weights are then in the model's own type. */
  readonly format: WeightFormatId | undefined;
}

/**
 * How names of quantised checkpoints end, as those who publish them write it; longer endings first where one
 * contains another. INT4 and W4A16 are 4-bit integers in groups of 128, as GPTQ stores them. FP4 alone is NVIDIA's.
 */
const endings: readonly (readonly [pattern: RegExp, format: WeightFormatId])[] = [
  [/-awq(-int4|-4bit|-w4a16)?(-g128)?$/, "awq"],
  [/-gptq-(int8|8bit|w8a16)$/, "gptq-int8"],
  [/-gptq(-int4|-4bit|-w4a16)?(-g128)?$/, "gptq"],
  [/-(bnb|bitsandbytes)(-nf4)?-4bit$/, "nf4"],
  [/-nf4$/, "nf4"],
  [/-nvfp4(-fp8)?(-kv)?$/, "nvfp4"],
  [/-mxfp4$/, "mxfp4"],
  [/-fp4$/, "nvfp4"],
  [/-fp8(-dynamic|-static-pertensor|-static|-block|-kv)?$/, "fp8"],
  [/-(quantized-)?w8a8(-int8)?$/, "int8"],
  [/-(quantized-)?w8a16$/, "gptq-int8"],
  [/-(quantized-)?w4a16(-g128)?$/, "gptq"],
  [/-int8$/, "int8"],
  [/-int4$/, "gptq"],
  [/-(bf16|bfloat16)$/, "bf16"],
  [/-(fp16|float16)$/, "fp16"],
];

/** Parts of a name that say how a model was tuned, not which one it is. */
const tunings = new Set(["instruct", "it", "chat", "hf", "base", "pt"]);

/** A name without what people write in different ways: its organisation, letter case, dots for dashes after digits. */
function plain(name: string): string {
  const bare = name.trim().toLowerCase().split("/").at(-1) ?? "";
  return bare
    .replace(/[\s_]+/g, "-")
    .replace(/\.(?=[wg]\d)/g, "-")
    .replace(/^meta-(?=llama)/, "");
}

const stem = (name: string): string =>
  name
    .split("-")
    .filter((part) => !tunings.has(part))
    .join("-");

function index(key: (name: string) => string): ReadonlyMap<string, readonly Model[]> {
  const found = new Map<string, Set<Model>>();
  for (const model of models) {
    for (const name of [model.id, ...model.aliases].map(key))
      found.set(name, (found.get(name) ?? new Set()).add(model));
  }
  return new Map([...found].map(([name, set]) => [name, [...set]]));
}

const full = index((name) => name.trim().toLowerCase());
const bare = index(plain);
const stems = index((name) => stem(plain(name)));

/** Every name of the catalogue's models, ids and aliases, for suggestions. */
export const modelNames: readonly string[] = models.flatMap((model) => [model.id, ...model.aliases]);

/** Models of which a name is only the beginning, such as all sizes of `Qwen3`. */
function begun(name: string): readonly Model[] {
  if (name === "") return [];
  return [...new Set([...bare].filter(([known]) => known.startsWith(`${name}-`)).flatMap(([, found]) => found))];
}

function one(written: string, candidates: readonly Model[] | undefined): Model | undefined {
  if (candidates !== undefined && candidates.length > 1)
    throw new AmbiguousNameError(
      "model",
      written,
      candidates.map(({ id }) => id),
    );
  return candidates?.[0];
}

const lookUp = (written: string, name: string): Model | undefined =>
  one(written, full.get(name.trim().toLowerCase())) ??
  one(written, bare.get(plain(name))) ??
  one(written, stems.get(stem(plain(name))));

/**
 * The model that a name of people and tools means: with or without its organisation, in any letter case, the base
 * model for the tuned one, a quantised checkpoint of whoever published it (`…-AWQ`, `…-FP8-dynamic`, `…-w4a16`).
 *
 * @returns undefined where the catalogue has no such model; `modelNames` holds what could have been meant
 * @throws AmbiguousNameError where the name fits several models, or is the beginning of several
 */
export function resolveModel(name: string): ResolvedModel | undefined {
  const exact = lookUp(name, name);
  if (exact !== undefined) return { model: exact, format: undefined };
  const short = plain(name);
  for (const [ending, format] of endings) {
    const model = ending.test(short) ? lookUp(name, short.replace(ending, "")) : undefined;
    if (model !== undefined) return { model, format };
  }
  const several = begun(short);
  if (several.length > 1) one(name, several);
  return undefined;
}
