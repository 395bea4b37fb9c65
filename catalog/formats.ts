import type { Source } from "./fact";
import type { Model } from "./models";

/**
 * How weights are held in GPU memory. `awq` and `gptq` are 4-bit integers in groups of 128, `gptq-int8` the same
 * with 8 bits; `int4` are 4-bit integers in groups of 32 for the experts only (Kimi-K2-Thinking); `int8` is W8A8
 * with a scale per output channel; `nf4` is bitsandbytes with double quantisation;
 * `mxfp4` and `nvfp4` are 4-bit floats in groups of 32 and 16.
 */
export const weightFormatIds = [
  "fp32",
  "bf16",
  "fp16",
  "fp8",
  "int8",
  "gptq-int8",
  "awq",
  "gptq",
  "int4",
  "nf4",
  "mxfp4",
  "nvfp4",
] as const;
export type WeightFormatId = (typeof weightFormatIds)[number];

/** How keys and values are held in GPU memory. */
export const kvFormatIds = ["fp32", "bf16", "fp16", "fp8"] as const;
export type KvFormatId = (typeof kvFormatIds)[number];

/** Bytes of one element of the KV cache. Scales of fp8 are one per layer and do not count. */
export const kvBytesPerElement: Readonly<Record<KvFormatId, number>> = { fp32: 4, bf16: 2, fp16: 2, fp8: 1 };

/** Which parameters a format changes; the rest stays as `otherBytes` says. */
export type Quantises = "nothing" | "linear layers" | "experts";

/** One way to hold weights. */
export interface WeightFormat {
  readonly id: WeightFormatId;
  readonly name: string;
  /** Bytes of one parameter of the layers that the format changes, with its scales and zero points. */
  readonly bytesPerParameter: number;
  readonly quantises: Quantises;
  /** Bytes of one parameter of what is not changed: embedding, output layer, norms, routers. */
  readonly otherBytes: 2 | 4;
  /**
   * Memory that the loaded tensors take over the bytes of their elements: repacking into a kernel's layout leaves
   * tensors that do not fill the allocator's 2 MiB segments.
   */
  readonly loadedFactor: number;
  /** From this CUDA compute capability arithmetic itself is done in the format; null: never. */
  readonly nativeFrom: number | null;
  /** From here weights are turned into 16 bits inside the kernel, which saves memory but no arithmetic; null: never. */
  readonly weightOnlyFrom: number | null;
  /** From this compute capability on GPUs have lost the format; null: none has. */
  readonly lostFrom: number | null;
  readonly source: Source;
}

/** How a GPU runs a format. */
export type FormatSupport = "native" | "weight-only" | "no";

function wheel(path: string, note?: string): Source {
  const source = `vllm wheel 0.31.0, vllm/model_executor/layers/quantization/${path}`;
  return { source, date: "2026-10-03", standing: "exact", ...(note === undefined ? {} : { note }) };
}

const torchSource: Source = {
  source: "size of PyTorch's data types; CUDA programming guide, arithmetic by compute capability",
  date: "2026-11-21",
  standing: "exact",
};

/** The same for all formats that are not quantised, but for their size and what they need. */
const plain = { quantises: "nothing", loadedFactor: 1, weightOnlyFrom: null, lostFrom: null } as const;

const groupOf128 = 128;
/** A 16-bit scale per group. */
const groupScale = 2 / groupOf128;

/** Facts of every format. */
export const weightFormats: Readonly<Record<WeightFormatId, WeightFormat>> = {
  fp32: {
    ...plain,
    id: "fp32",
    name: "32-bit float",
    bytesPerParameter: 4,
    otherBytes: 4,
    nativeFrom: 6,
    source: torchSource,
  },
  bf16: {
    ...plain,
    id: "bf16",
    name: "bfloat16",
    bytesPerParameter: 2,
    otherBytes: 2,
    nativeFrom: 8,
    source: {
      source: "vllm wheel 0.31.0, vllm/platforms/cuda.py: check_if_supports_dtype",
      date: "2026-10-03",
      standing: "exact",
      note: "older GPUs need --dtype half",
    },
  },
  fp16: {
    ...plain,
    id: "fp16",
    name: "float16",
    bytesPerParameter: 2,
    otherBytes: 2,
    nativeFrom: 6,
    source: torchSource,
  },
  fp8: {
    id: "fp8",
    name: "8-bit float",
    // A 32-bit scale for each block of 128 × 128; per tensor it is less.
    bytesPerParameter: 1 + 4 / (groupOf128 * groupOf128),
    quantises: "linear layers",
    otherBytes: 2,
    loadedFactor: 1,
    nativeFrom: 8.9,
    weightOnlyFrom: 8,
    lostFrom: null,
    source: wheel(
      "fp8.py: get_min_capability 75; utils/marlin_utils_fp8.py: is_fp8_marlin_supported",
      "native from 8.9: compressed_tensors/schemes/compressed_tensors_w8a8_fp8.py. Marlin would take 7.5 in this version; no run on such a GPU is published, so it is refused",
    ),
  },
  int8: {
    id: "int8",
    name: "8-bit integers, weights and activations",
    bytesPerParameter: 1,
    quantises: "linear layers",
    otherBytes: 2,
    loadedFactor: 1,
    nativeFrom: 7.5,
    weightOnlyFrom: null,
    lostFrom: 10,
    source: wheel(
      "compressed_tensors/schemes/compressed_tensors_w8a8_int8.py: get_min_capability 75",
      "not on Blackwell, says vLLM's documentation of INT8; a 32-bit scale per output channel is below 0.1 %",
    ),
  },
  "gptq-int8": {
    id: "gptq-int8",
    name: "GPTQ, 8-bit integers in groups of 128",
    bytesPerParameter: 1 + groupScale,
    quantises: "linear layers",
    otherBytes: 2,
    loadedFactor: 1.015,
    nativeFrom: null,
    weightOnlyFrom: 7.5,
    lostFrom: null,
    source: wheel("utils/marlin_utils.py: query_marlin_supported_quant_types, from 75"),
  },
  awq: {
    id: "awq",
    name: "AWQ, 4-bit integers in groups of 128",
    bytesPerParameter: 0.5 + groupScale + 0.5 / groupOf128,
    quantises: "linear layers",
    otherBytes: 2,
    loadedFactor: 1.015,
    nativeFrom: null,
    weightOnlyFrom: 7.5,
    lostFrom: null,
    source: wheel("auto_awq.py: get_min_capability 75", "the factor: Qwen3-14B-AWQ loads 9.44 GiB, 9.30 are elements"),
  },
  gptq: {
    id: "gptq",
    name: "GPTQ, 4-bit integers in groups of 128",
    bytesPerParameter: 0.5 + groupScale + 0.5 / groupOf128,
    quantises: "linear layers",
    otherBytes: 2,
    loadedFactor: 1.015,
    nativeFrom: null,
    weightOnlyFrom: 7.5,
    lostFrom: null,
    source: wheel("utils/marlin_utils.py: query_marlin_supported_quant_types, from 75"),
  },
  int4: {
    id: "int4",
    name: "4-bit integers in groups of 32, experts only",
    bytesPerParameter: 0.5 + 2 / 32,
    quantises: "experts",
    otherBytes: 2,
    loadedFactor: 1.015,
    nativeFrom: null,
    weightOnlyFrom: 7.5,
    lostFrom: null,
    source: wheel("compressed_tensors/schemes/compressed_tensors_wNa16.py: get_min_capability 75"),
  },
  nf4: {
    id: "nf4",
    name: "bitsandbytes NF4 with double quantisation",
    bytesPerParameter: 0.516,
    quantises: "linear layers",
    otherBytes: 2,
    loadedFactor: 1.015,
    nativeFrom: null,
    weightOnlyFrom: 7,
    lostFrom: null,
    source: {
      source: "QLoRA (Dettmers and others): 8-bit scales per 64, 32-bit per 256 of those",
      date: "2023-05-23",
      standing: "recalled",
    },
  },
  mxfp4: {
    id: "mxfp4",
    name: "4-bit floats in groups of 32, experts only",
    bytesPerParameter: 0.5 + 1 / 32,
    quantises: "experts",
    otherBytes: 2,
    loadedFactor: 1,
    nativeFrom: 10,
    weightOnlyFrom: 8,
    lostFrom: null,
    source: wheel("mxfp4.py: get_min_capability 80"),
  },
  nvfp4: {
    id: "nvfp4",
    name: "4-bit floats in groups of 16",
    bytesPerParameter: 0.5 + 1 / 16,
    quantises: "linear layers",
    otherBytes: 2,
    loadedFactor: 1,
    nativeFrom: 10,
    weightOnlyFrom: 7.5,
    lostFrom: null,
    source: wheel(
      "compressed_tensors/schemes/compressed_tensors_w4a4_nvfp4.py: get_min_capability 75, Marlin below 100",
    ),
  },
};

/** How a GPU of a CUDA compute capability, such as 8.9, runs a format. */
export function formatSupport(format: WeightFormatId, computeCapability: number): FormatSupport {
  const { nativeFrom, weightOnlyFrom, lostFrom } = weightFormats[format];
  if (lostFrom !== null && computeCapability >= lostFrom) return "no";
  if (nativeFrom !== null && computeCapability >= nativeFrom) return "native";
  return weightOnlyFrom !== null && computeCapability >= weightOnlyFrom ? "weight-only" : "no";
}

/** The format in which a model is published. */
export function nativeFormat(model: Pick<Model, "nativeDtype">): WeightFormatId {
  switch (model.nativeDtype) {
    case "bfloat16":
      return "bf16";
    case "float16":
      return "fp16";
    case "float32":
      return "fp32";
    case "float8_e4m3":
      return "fp8";
    case "mxfp4":
      return "mxfp4";
    case "int4":
      return "int4";
  }
}

/**
 * Widths to which vLLM pads experts in MXFP4, by the kernel that a compute capability gets: Triton on Hopper,
 * TensorRT-LLM's on Blackwell of data centres, Marlin elsewhere.
 */
export function mxfp4Padding(computeCapability: number): { readonly hidden: number; readonly intermediate: number } {
  if (computeCapability >= 9 && computeCapability < 10) return { hidden: 1, intermediate: 64 };
  return { hidden: 256, intermediate: 128 };
}

/** Where `mxfp4Padding` comes from. */
export const mxfp4PaddingSource: Source = {
  source:
    "vllm wheel 0.31.0, vllm/model_executor/layers/fused_moe/oracle/mxfp4.py: mxfp4_round_up_hidden_size_and_intermediate_size",
  date: "2026-10-03",
  standing: "exact",
};
