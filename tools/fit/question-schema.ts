import { z } from "zod";
import { kvFormatIds, weightFormatIds, type KvFormatId, type WeightFormatId } from "../../catalog/formats";
import { nearest } from "../../catalog/suggest";

/** Words by which people and engines call a format, beside its id. */
const weightAliases: Readonly<Record<string, WeightFormatId>> = {
  "awq-int4": "awq",
  awq_marlin: "awq",
  "gptq-int4": "gptq",
  gptq_marlin: "gptq",
  w4a16: "gptq",
  w8a16: "gptq-int8",
  w8a8: "int8",
  "w8a8-int8": "int8",
  bitsandbytes: "nf4",
  "bnb-4bit": "nf4",
  fp8_e4m3: "fp8",
  "fp8-block": "fp8",
  fp4: "nvfp4",
  modelopt_fp4: "nvfp4",
  bfloat16: "bf16",
  float16: "fp16",
  half: "fp16",
  float32: "fp32",
};
const kvAliases: Readonly<Record<string, KvFormatId | "auto">> = {
  auto: "auto",
  bfloat16: "bf16",
  float16: "fp16",
  half: "fp16",
  float32: "fp32",
  fp8_e4m3: "fp8",
  fp8_e5m2: "fp8",
};

/** Every word of a kind, in lower case, and what it means. */
type Words<Word extends string> = ReadonlyMap<string, Word>;

function wordsOf<Id extends string, Word extends string>(
  ids: readonly Id[],
  aliases: Readonly<Record<string, Word>>,
): Words<Id | Word> {
  return new Map<string, Id | Word>([...ids.map((id) => [id, id] as const), ...Object.entries(aliases)]);
}

const orNative: Readonly<Record<string, WeightFormatId | "native">> = {
  ...weightAliases,
  none: "native",
  native: "native",
  auto: "native",
};
const weightWords = wordsOf(weightFormatIds, orNative);
const kvWords = wordsOf(kvFormatIds, kvAliases);

/** The format that a start-up log names; undefined where the name leaves it open, such as `compressed-tensors`. */
export function loggedFormats(log: {
  readonly quantization?: string | undefined;
  readonly kvCacheDtype?: string | undefined;
}) {
  const weights = weightWords.get(log.quantization?.toLowerCase() ?? "");
  const kvCacheDtype = kvWords.get(log.kvCacheDtype?.toLowerCase() ?? "");
  return { quantization: weights === "native" ? undefined : weights, kvCacheDtype };
}

/** @param ids - what is shown as allowed; aliases are understood, too */
function word<Word extends string>(ids: readonly string[], words: Words<Word>) {
  const known = [...words.keys()];
  return z.string(`one of ${ids.join(", ")}`).transform((text, context) => {
    // As logs and tables write it: `auto(bf16)`.
    const found = words.get(text.toLowerCase().replace(/\(.*\)$/, ""));
    if (found !== undefined) return found;
    const meant = nearest(text, known);
    const message = `one of ${ids.join(", ")}.${meant === undefined ? "" : ` Did you mean ${JSON.stringify(meant)}?`}`;
    context.issues.push({ code: "custom", input: text, message });
    return z.NEVER;
  });
}

/** `native` and its like: as the checkpoint is published. */
const weightFormat = word(weightFormatIds, weightWords).transform((format) =>
  format === "native" ? undefined : format,
);

function count(most: number) {
  const message = `a whole number from 1 to ${most.toLocaleString("en-US")}`;
  return z.int(message).min(1, message).max(most, message);
}

function between(message: string, least: { readonly above: number } | { readonly from: number }, most: number) {
  const number = z.number(message).max(most, message);
  return "above" in least ? number.gt(least.above, message) : number.min(least.from, message);
}

const tokens = count(100_000_000);
const text = z.string("a text").trim().min(1, "a text");

function oneOf<const Word extends string>(...words: readonly Word[]) {
  return z.enum(words, `one of ${words.join(", ")}`);
}

const flag = z.boolean("true or false");

/** Every key of a question, as a JSON object holds it; the command line has the same names with dashes. */
export const questionShape = {
  model: text.optional(),
  config: z.unknown().optional(),
  gpu: text.optional(),
  gpus: count(1024).optional(),
  tensorParallel: count(64).optional(),
  pipelineParallel: count(64).optional(),
  dataParallel: count(256).optional(),
  expertParallel: flag.optional(),
  decodeContextParallel: count(64).optional(),
  quantization: weightFormat.optional(),
  kvCacheDtype: word(["auto", ...kvFormatIds], kvWords).optional(),
  maxModelLen: tokens.optional(),
  maxNumSeqs: count(65_536).optional(),
  maxNumBatchedTokens: tokens.optional(),
  gpuMemoryUtilization: between("a share of the GPU's memory, above 0 and at most 1", { above: 0 }, 1).optional(),
  engine: oneOf("vllm", "tensorrt-llm").optional(),
  engineVersion: text.optional(),
  cudaTotalGib: between("GiB of one GPU, above 0", { above: 0 }, 10_000).optional(),
  enforceEager: flag.optional(),
  interconnect: oneOf("none", "pcie", "nvlink", "nvswitch").optional(),
  loraAdapters: count(256).optional(),
  loraRank: count(512).optional(),
  draftLayers: count(100).optional(),
  concurrency: count(1_000_000).optional(),
  requestsPerSecond: between("a number above 0", { above: 0 }, 1e6).optional(),
  inputTokens: tokens.optional(),
  outputTokens: tokens.optional(),
  prefixHit: between("a share from 0 to 1", { from: 0 }, 1).optional(),
  region: text.optional(),
} as const;

export const questionSchema = z.strictObject(questionShape);
