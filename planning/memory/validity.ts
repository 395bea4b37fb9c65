import { compareVersions, isVersion } from "../../catalog/compare-versions";
import { formatSupport, nativeFormat, weightFormats } from "../../catalog/formats";
import type { Source } from "../../catalog/fact";
import type { Replica } from "../replica";
import { depth } from "./shape";

/** Ids of what cannot work; stable, so that they can be named. */
export type ImpossibilityId =
  | "tensor-parallel-heads"
  | "tensor-parallel-kv-heads"
  | "tensor-parallel-width"
  | "pipeline-layers"
  | "parallel-whole"
  | "data-parallel-dense"
  | "expert-parallel-dense"
  | "decode-context-tensor"
  | "decode-context-heads"
  | "decode-context-windows"
  | "weight-format-gpu"
  | "weight-format-model"
  | "kv-format-gpu"
  | "kv-format-type"
  | "gpu-too-old"
  | "utilisation-range"
  | "context-range"
  | "sequences-range"
  | "model-kind";

/** Something that the engine refuses, or that cannot be. */
export interface Impossibility {
  readonly id: ImpossibilityId;
  /** A sentence: what is wrong, with the numbers. */
  readonly message: string;
  /** Values that would do, of the setting that is wrong; empty where none would. */
  readonly allowed: readonly (number | string)[];
}

/** Where the rules come from. */
export const validitySource: Source = {
  source:
    "vllm wheel 0.31.0, vllm/config/model.py: verify_with_parallel_config; config/parallel.py; platforms/cuda.py; v1/attention/backends",
  date: "2026-10-03",
  standing: "exact",
};

/** GPUs that a tensor-parallel group may have on one machine. */
const tensorSizes = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16];

/** Everything about a replica that cannot work, whatever its memory; empty when nothing is wrong. */
export function impossible(replica: Replica): readonly Impossibility[] {
  const whole = wholeNumbers(replica);
  if (whole.length > 0) return whole;
  return [
    ...tensor(replica),
    ...stages(replica),
    ...ranks(replica),
    ...decodeContext(replica),
    ...limits(replica),
  ].concat(formats(replica));
}

function found(
  wrong: boolean,
  id: ImpossibilityId,
  message: string,
  allowed: Impossibility["allowed"] = [],
): Impossibility[] {
  return wrong ? [{ id, message, allowed }] : [];
}

function wholeNumbers({ parallel }: Replica): Impossibility[] {
  const { tensor, pipeline, data, decodeContext } = parallel;
  const named = { tensor, pipeline, data, decodeContext };
  return Object.entries(named).flatMap(([name, value]) =>
    found(!Number.isInteger(value) || value < 1, "parallel-whole", `${name} is ${value}, not a whole number from 1`),
  );
}

function tensor({ model, parallel }: Replica): Impossibility[] {
  const size = parallel.tensor;
  const heads = model.attentionHeads;
  const kvHeads = model.mla === null ? [model.kvHeads, model.globalAttention?.kvHeads ?? model.kvHeads] : [];
  const fitsKv = (gpus: number) => kvHeads.every((kv) => kv % gpus === 0 || gpus % kv === 0);
  const allowed = tensorSizes.filter(
    (gpus) => heads % gpus === 0 && fitsKv(gpus) && model.intermediateSize % gpus === 0,
  );
  const linear = model.linearAttention;
  return [
    ...found(
      heads % size !== 0,
      "tensor-parallel-heads",
      `${heads} attention heads do not divide by tensor ${size}`,
      allowed,
    ),
    ...found(
      heads % size === 0 && !fitsKv(size),
      "tensor-parallel-kv-heads",
      `${kvHeads.join(" and ")} KV heads neither divide by tensor ${size} nor divide it`,
      allowed,
    ),
    ...found(
      heads % size === 0 &&
        (model.intermediateSize % size !== 0 ||
          (linear !== null && (linear.keyHeads % size !== 0 || linear.valueHeads % size !== 0))),
      "tensor-parallel-width",
      `the width of a feed-forward or linear-attention layer does not divide by tensor ${size}`,
      allowed.filter((gpus) => linear === null || (linear.keyHeads % gpus === 0 && linear.valueHeads % gpus === 0)),
    ),
  ];
}

function stages({ model, parallel }: Replica): Impossibility[] {
  const layers = depth(model);
  return found(
    parallel.pipeline > layers,
    "pipeline-layers",
    `${parallel.pipeline} pipeline stages need at least as many layers; the model has ${layers}`,
    [`1 to ${layers}`],
  );
}

function ranks({ model, parallel }: Replica): Impossibility[] {
  if (model.moe !== null) return [];
  return [
    ...found(
      parallel.data > 1,
      "data-parallel-dense",
      `data ${parallel.data} shards experts, and ${model.id} has none: run ${parallel.data} replicas instead`,
      [1],
    ),
    ...found(parallel.expert, "expert-parallel-dense", `${model.id} has no experts to spread over GPUs`, ["false"]),
  ];
}

function decodeContext({ model, parallel }: Replica): Impossibility[] {
  const { tensor, decodeContext: size } = parallel;
  if (size === 1) return [];
  const divisors = tensorSizes.filter((candidate) => tensor % candidate === 0);
  const most = model.mla === null ? Math.floor(tensor / model.kvHeads) : tensor;
  const queries = model.attentionHeads / model.kvHeads;
  return [
    ...found(
      tensor % size !== 0,
      "decode-context-tensor",
      `decodeContext ${size} does not divide tensor ${tensor}`,
      divisors,
    ),
    ...found(
      model.mla === null && (size > most || queries % size !== 0),
      "decode-context-heads",
      `decodeContext ${size} would split GPUs that hold different KV heads: tensor ${tensor} ÷ ${model.kvHeads} KV heads leaves ${most}`,
      divisors.filter((candidate) => candidate <= Math.max(1, most) && queries % candidate === 0),
    ),
    ...found(
      model.layers.sliding > 0,
      "decode-context-windows",
      "decodeContext does not work with windows of attention",
      [1],
    ),
  ];
}

function limits({ model, engine, context, maxSequences, batchedTokens }: Replica): Impossibility[] {
  const share = engine.kind === "vllm" ? engine.gpuMemoryUtilization : engine.freeMemoryFraction;
  return [
    ...found(
      !(share > 0 && share <= 1),
      "utilisation-range",
      `a share of ${share} of the GPU's memory is not above 0 and up to 1`,
      ["above 0, up to 1"],
    ),
    ...found(
      !(context >= 1 && context <= model.maxContext),
      "context-range",
      `a context of ${context} tokens is beyond the ${model.maxContext} that ${model.id} allows`,
      [`1 to ${model.maxContext}`],
    ),
    ...found(
      !(maxSequences >= 1 && batchedTokens >= maxSequences),
      "sequences-range",
      `a step of ${batchedTokens} tokens cannot hold one token of each of ${maxSequences} sequences`,
      [`1 to ${batchedTokens}`],
    ),
  ];
}

/** PyTorch and CUDA of these versions have no code for older GPUs: CUDA 13 starts at 7.5. */
const noVoltaSince = "0.20.0";

function formats(replica: Replica): Impossibility[] {
  const { gpu, weights, model, engine } = replica;
  const capability = gpu.computeCapability;
  const recent =
    engine.kind !== "vllm" || !isVersion(engine.version) || compareVersions(engine.version, noVoltaSince) >= 0;
  const native = nativeFormat(model);
  const runnable = Object.values(weightFormats).filter(({ id }) => formatSupport(id, capability) !== "no");
  return [
    ...found(
      recent && capability < 7.5,
      "gpu-too-old",
      `${gpu.id} (compute capability ${capability}) is older than 7.5, where this engine starts`,
    ),
    ...found(
      formatSupport(weights, capability) === "no",
      "weight-format-gpu",
      `${gpu.id} (compute capability ${capability}) cannot run weights in ${weights}`,
      runnable.map(({ id }) => id),
    ),
    ...found(
      (weights === "mxfp4" || weights === "int4") && native !== weights,
      "weight-format-model",
      `weights in ${weights} exist only of models that are published so; ${model.id} is published in ${native}`,
      [native],
    ),
    ...kvFormats(replica),
  ];
}

/**
 * FP8 keys and values: FlashInfer from 8.0; FlashAttention on Hopper and Triton from 8.9, which is what is left for
 * latent attention and for the attention sinks of gpt-oss. The cache is in 32 bits where activations are.
 */
function kvFormats({ gpu, kv, weights, model }: Replica): Impossibility[] {
  const capability = gpu.computeCapability;
  if (model.kind !== "decoder") return [];
  const fp8From = model.mla !== null || model.nativeDtype === "mxfp4" ? 8.9 : 8;
  return [
    ...found(
      kv === "fp8" && capability < fp8From,
      "kv-format-gpu",
      `${gpu.id} (compute capability ${capability}) has no FP8 for the KV cache of this model, which starts at ${fp8From}`,
      capability >= 8 ? ["bf16", "fp16"] : ["fp16"],
    ),
    ...found(kv === "bf16" && capability < 8, "kv-format-gpu", `${gpu.id} has no bfloat16 for the KV cache: use fp16`, [
      "fp16",
    ]),
    ...found(
      (kv === "fp32") !== (weights === "fp32"),
      "kv-format-type",
      `a KV cache in ${kv} does not go with weights in ${weights}: activations have one type`,
      weights === "fp32" ? ["fp32"] : ["bf16", "fp16", "fp8"],
    ),
  ];
}
