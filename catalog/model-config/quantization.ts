import type { WeightFormatId } from "../formats";
import type { Fields } from "./fields";

const byBits = (formats: Readonly<Record<number, WeightFormatId>>, bits: number | undefined) =>
  bits === undefined ? undefined : formats[bits];

/** llm-compressor's checkpoints: bits and kind of the weights, and whether activations are quantised as well. */
function compressedTensors(quantization: Fields): WeightFormatId | undefined {
  const formats = quantization.children("config_groups").map((group) => {
    const weights = group.child("weights");
    const bits = weights?.countOr("num_bits", undefined);
    if (weights?.text("type") === "float")
      return bits === 4 ? (weights.countOr("group_size", 0) === 32 ? "mxfp4" : "nvfp4") : byBits({ 8: "fp8" }, bits);
    return byBits({ 4: "gptq", 8: group.child("input_activations") ? "int8" : "gptq-int8" }, bits);
  });
  return new Set(formats).size === 1 ? formats[0] : undefined;
}

function modelOpt(quantization: Fields): WeightFormatId | undefined {
  const algorithm = (quantization.text("quant_algo") ?? "").toLowerCase();
  if (algorithm.startsWith("fp8")) return "fp8";
  return algorithm === "nvfp4" || algorithm === "w4a16_nvfp4" ? "nvfp4" : undefined;
}

const methods: Readonly<Record<string, (quantization: Fields) => WeightFormatId | undefined>> = {
  fp8: () => "fp8",
  fbgemm_fp8: () => "fp8",
  mxfp4: () => "mxfp4",
  awq: (quantization) => byBits({ 4: "awq" }, quantization.countOr("bits", 4)),
  gptq: (quantization) => byBits({ 4: "gptq", 8: "gptq-int8" }, quantization.countOr("bits", undefined)),
  bitsandbytes: (quantization) => (quantization.flag("load_in_4bit", false) ? "nf4" : undefined),
  "compressed-tensors": compressedTensors,
  modelopt: modelOpt,
  modelopt_fp4: modelOpt,
};

/**
 * The format that `quantization_config` of a checkpoint says; undefined without one. What is not known is a problem:
 * counting such weights as if they were not quantised would be wrong.
 */
export function quantizedFormat(config: Fields): WeightFormatId | undefined {
  const quantization = config.child("quantization_config");
  if (quantization === undefined) return undefined;
  const method = quantization.text("quant_method") ?? "";
  const format = methods[method]?.(quantization);
  if (format === undefined)
    config.problem(
      `quantization_config is not one that is known (quant_method ${JSON.stringify(method)}, with its bits and ` +
        `groups); known methods are ${Object.keys(methods).join(", ")}`,
    );
  return format;
}
