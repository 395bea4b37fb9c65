import { formatSupport, type WeightFormatId, weightFormats } from "../../catalog/formats";
import type { Gpu } from "../../catalog/gpus";
import { arithmeticShareOf, dequantisedExpertShare } from "./constants";

/** How fast a GPU multiplies matrices of one format, as reached by kernels. */
export interface Rate {
  /** Operations per second. */
  readonly flops: number;
  /** Of those, grouped products of experts reach this many. */
  readonly expertFlops: number;
  /** Whether the inputs are turned into few bits too, which takes operations of its own. */
  readonly quantisesInputs: boolean;
  /** Bytes per parameter that a step of several tokens writes and reads again to turn weights into 16 bits. */
  readonly expandedBytes: number;
}

type Width = "sixteenBit" | "eightBit" | "fourBit" | "dequantised";

/** Rate of products with weights in 16 bits; `share` is that of the kernels' speed which the engine reaches. */
export function sixteenBitRate(gpu: Gpu, share: number): Rate {
  return rateOf(gpu, gpu.dense.fp16Tflops * share, "sixteenBit");
}

/**
 * Rate of products with weights in a format. Formats that the GPU cannot compute in are turned into 16 bits inside the
 * kernel: that reads less, but computes no faster.
 */
export function weightRate(format: WeightFormatId, gpu: Gpu, share: number): Rate {
  if (weightFormats[format].quantises === "nothing") {
    return sixteenBitRate(gpu, format === "fp32" ? share / 2 : share);
  }
  const native = formatSupport(format, gpu.computeCapability) === "native";
  const tflops = native ? nativeTflops(format, gpu) : null;
  if (tflops !== null) return rateOf(gpu, tflops * share, format === "nvfp4" ? "fourBit" : "eightBit", true);
  const rate = rateOf(gpu, gpu.dense.fp16Tflops * share, "dequantised");
  // bitsandbytes has no fused product for several tokens: it writes the weights in 16 bits and reads them again.
  return format === "nf4" ? { ...rate, expandedBytes: 4 } : rate;
}

/** MXFP4 weights meet activations in FP8. */
function nativeTflops(format: WeightFormatId, { dense }: Gpu): number | null {
  if (format === "nvfp4") return dense.fp4Tflops;
  return format === "int8" ? dense.int8Tops : dense.fp8Tflops;
}

function rateOf(gpu: Gpu, tflops: number, width: Width, quantisesInputs = false): Rate {
  const share = arithmeticShareOf(gpu);
  const flops = tflops * 1e12 * share[width];
  const experts = width === "dequantised" ? dequantisedExpertShare : share.experts;
  return { flops, expertFlops: flops * experts, quantisesInputs, expandedBytes: 0 };
}
