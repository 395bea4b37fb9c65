import { pinnedVllmVersion } from "../../catalog/engines";
import { formatSupport, nativeFormat, type WeightFormatId } from "../../catalog/formats";
import type { Gpu } from "../../catalog/gpus";
import type { ResolvedModel } from "../../catalog/model-names";
import { activationFormat, nativeOn } from "../layout";
import { interconnectOf } from "../pool";
import { gpusOf, type Engine, type Measured, type Parallel, type Replica } from "../replica";
import { batchOf } from "./batch";
import type { FitQuestion } from "./question";
import { behaviourNear, versionIn } from "./version";

/** What the names and numbers of a question were resolved to. */
export interface Parts {
  readonly model: ResolvedModel;
  readonly gpu: Gpu;
  readonly parallel: Parallel;
  readonly measured: Measured | null;
}

/** The version of TensorRT-LLM that is meant where none is said. Nothing that is computed depends on it. */
const tensorRtVersion = "1.0.0";
/** TensorRT-LLM's own default (kv_cache_free_gpu_memory_fraction). */
const freeMemoryFraction = 0.9;

/** The replica of a question, with the engine's defaults in place of what is not said. */
export function assemble(question: FitQuestion, { model, gpu, parallel, measured }: Parts): Replica {
  const weights = question.quantization ?? publishedOn(gpu, model);
  const engine = engineOf(question);
  const cudaTotalGiB = question.cudaTotalGib ?? gpu.cudaTotalGiB;
  const context = question.maxModelLen ?? model.model.maxContext;
  const { kvCacheDtype = "auto", loraAdapters: slots, loraRank: rank = 16, draftLayers: layers } = question;
  return {
    model: model.model,
    weights,
    kv: kvCacheDtype === "auto" ? activationFormat(gpu, weights) : kvCacheDtype,
    gpu,
    cudaTotalGiB,
    interconnect: question.interconnect ?? interconnectOf(gpu, gpusOf(parallel)),
    parallel,
    engine,
    context,
    ...batchOf(question, { model: model.model, context, gpu, cudaTotalGiB, version: engine.version }),
    lora: slots === undefined ? null : { slots, rank },
    draft: layers === undefined ? null : { layers, parameters: 0, tokens: 1, acceptance: 0 },
    measured,
  };
}

/**
 * How an engine holds what is published, when nobody says otherwise. 32 bits become 16: for vectors float16, else what
 * the GPU prefers.
 *
 * Source: vllm wheel 0.31.0, vllm/config/model.py: _resolve_auto_dtype.
 */
function publishedOn(gpu: Gpu, { model, format }: ResolvedModel): WeightFormatId {
  const published = format ?? nativeFormat(model);
  if (published !== "fp32") return nativeOn(gpu, published);
  return model.kind === "decoder" && formatSupport("bf16", gpu.computeCapability) !== "no" ? "bf16" : "fp16";
}

function engineOf(question: FitQuestion): Engine {
  const { engine = "vllm", engineVersion, gpuMemoryUtilization: share, enforceEager: eager = false } = question;
  const written = engineVersion === undefined ? undefined : versionIn(engineVersion);
  if (engine === "tensorrt-llm")
    return { kind: engine, version: written ?? tensorRtVersion, freeMemoryFraction: share ?? freeMemoryFraction };
  const version = written ?? pinnedVllmVersion;
  const { defaultGpuMemoryUtilization } = behaviourNear(version);
  return { kind: engine, version, gpuMemoryUtilization: share ?? defaultGpuMemoryUtilization, eager };
}
