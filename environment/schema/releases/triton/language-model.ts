import { z } from "zod";
import { settings } from "../../../settings";
import { vllmRelease } from "../vllm";

/** Settings of a language model that mean the same in Triton as in a release of vLLM. */
const offered = {
  model: true,
  revision: true,
  weights: true,
  quantization: true,
  tensorParallel: true,
  pipelineParallel: true,
  expertParallel: true,
  context: true,
  maxSequences: true,
  batchedTokens: true,
  kvCache: true,
  gpuMemoryUtilization: true,
  enforceEager: true,
} as const;

const all = settings(vllmRelease.shape);
const written = all.pick(offered);

/** The rest stands as a release of vLLM has it by default, so that one planner serves both. */
const notOffered = all.omit({ ...offered, engine: true, pool: true }).parse({});

const vllm = settings({
  backend: z
    .literal("vllm")
    .describe("vLLM inside Triton; GPUs, memory and lengths are planned as for a release of vLLM."),
  ...written.shape,
}).transform((model) => ({ ...model, notOffered }));

const llmapi = settings({
  backend: z.literal("llmapi").describe("TensorRT-LLM's LLM API, which needs no engine that was built before."),
  ...written.shape,
  decoupled: z
    .boolean()
    .default(true)
    .describe("Whether answers are streamed, which the OpenAI front end needs. Default true."),
}).transform((model) => ({ ...model, notOffered }));

/** Backends whose GPUs and memory are computed: what they run is in the catalogue. */
export const languageModels = [vllm, llmapi] as const;

export type LanguageModelSettings = z.output<typeof vllm> | z.output<typeof llmapi>;
