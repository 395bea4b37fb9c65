import { knownInterfaces, type KnownTensor, type TensorType } from "../../../catalog/triton-backends";
import type { InputTensorSettings, OutputTensorSettings, TritonModelSettings } from "../../../environment";
import type { InputConfig, OutputConfig } from "./model-config";

/** The tensors of a model: those that its settings declare, or those that its backend always has. */
export interface ModelInterface {
  readonly inputs: readonly InputConfig[];
  readonly outputs: readonly OutputConfig[];
  /** 0 where tensors have no batch dimension. */
  readonly maxBatchSize: number;
}

export function interfaceOf(model: TritonModelSettings): ModelInterface {
  switch (model.backend) {
    case "vllm":
    case "llmapi":
      // Both put requests together themselves; a batch dimension would be in their way.
      return { ...known(model.backend, "TYPE_FP32"), maxBatchSize: 0 };
    case "tensorrtllm":
      return { ...known(model.backend, model.logits), maxBatchSize: model.maxBatchSize };
    case "ensemble":
    case "python":
    case "onnxruntime":
    case "pytorch":
    case "tensorflow":
    case "tensorrt":
      return {
        inputs: model.inputs.map(inputConfig),
        outputs: model.outputs.map(outputConfig),
        maxBatchSize: model.maxBatchSize,
      };
  }
}

function inputConfig({ name, type, dims, reshape, optional, ragged }: InputTensorSettings): InputConfig {
  return { name, type, dims, reshape: reshape ?? null, optional, ragged };
}

function outputConfig({ name, type, dims, reshape, labels }: OutputTensorSettings): OutputConfig {
  return { name, type, dims, reshape: reshape ?? null, labels: labels ?? null };
}

function known(backend: keyof typeof knownInterfaces, logits: TensorType) {
  const tensor = ({ name, type, dims, scalar }: KnownTensor) => ({
    name,
    type: type === "LOGITS" ? logits : type,
    dims,
    reshape: scalar ? [] : null,
  });
  const { inputs, outputs } = knownInterfaces[backend];
  return {
    inputs: inputs.map((each) => ({ ...tensor(each), optional: each.optional, ragged: each.ragged })),
    outputs: outputs.map((each) => ({ ...tensor(each), labels: null })),
  };
}
