import { compareVersions, isVersion } from "../../catalog/compare-versions";
import { formatSupport, nativeFormat, weightFormats } from "../../catalog/formats";
import type { Replica } from "../replica";
import type { ValidityRule } from "./validity";

/** PyTorch and CUDA of these versions have no code for older GPUs: CUDA 13 starts at 7.5. */
const noVoltaSince = "0.20.0";

/**
 * Formats that a GPU or an engine cannot compute in. FP8 keys and values: FlashInfer from 8.0; FlashAttention on Hopper
 * and Triton from 8.9, which is what is left for latent attention and for the attention sinks of gpt-oss. The cache is in
 * 32 bits where activations are.
 */
export const formatRules: readonly ValidityRule[] = [
  {
    id: "gpu-too-old",
    isBroken: (replica) => replica.gpu.computeCapability < 7.5 && hasNoVolta(replica),
    message: (replica) => `${gpuText(replica)} is older than 7.5, where this engine starts`,
  },
  {
    id: "weight-format-gpu",
    isBroken: ({ weights, gpu }) => formatSupport(weights, gpu.computeCapability) === "no",
    message: (replica) => `${gpuText(replica)} cannot run weights in ${replica.weights}`,
    allowed: ({ gpu }) =>
      Object.values(weightFormats).flatMap(({ id }) => (formatSupport(id, gpu.computeCapability) === "no" ? [] : [id])),
  },
  {
    id: "weight-format-model",
    isBroken: ({ weights, model }) => (weights === "mxfp4" || weights === "int4") && nativeFormat(model) !== weights,
    message: ({ weights, model }) =>
      `weights in ${weights} exist only of models that are published so; ${model.id} is published in ${nativeFormat(model)}`,
    allowed: ({ model }) => [nativeFormat(model)],
  },
  {
    id: "kv-format-gpu",
    isBroken: (replica) => decodes(replica) && replica.kv === "fp8" && replica.gpu.computeCapability < fp8From(replica),
    message: (replica) =>
      `${gpuText(replica)} has no FP8 for the KV cache of this model, which starts at ${fp8From(replica)}`,
    allowed: ({ gpu }) => (gpu.computeCapability >= 8 ? ["bf16", "fp16"] : ["fp16"]),
  },
  {
    id: "kv-format-gpu",
    isBroken: (replica) => decodes(replica) && replica.kv === "bf16" && replica.gpu.computeCapability < 8,
    message: ({ gpu }) => `${gpu.id} has no bfloat16 for the KV cache: use fp16`,
    allowed: () => ["fp16"],
  },
  {
    id: "kv-format-type",
    isBroken: (replica) => decodes(replica) && (replica.kv === "fp32") !== (replica.weights === "fp32"),
    message: ({ kv, weights }) =>
      `a KV cache in ${kv} does not go with weights in ${weights}: activations have one type`,
    allowed: ({ weights }) => (weights === "fp32" ? ["fp32"] : ["bf16", "fp16", "fp8"]),
  },
];

function gpuText({ gpu }: Replica): string {
  return `${gpu.id} (compute capability ${gpu.computeCapability})`;
}

function hasNoVolta({ engine }: Replica): boolean {
  return engine.kind !== "vllm" || !isVersion(engine.version) || compareVersions(engine.version, noVoltaSince) >= 0;
}

function decodes({ model }: Replica): boolean {
  return model.kind === "decoder";
}

/** Compute capability from which the KV cache of a model may be in FP8. */
function fp8From({ model }: Replica): number {
  return model.mla !== null || model.nativeDtype === "mxfp4" ? 8.9 : 8;
}
