import table from "./data/triton-interfaces.json";
import { oneOf, type Source } from "./fact";
import type { TritonImageKind } from "./triton-images";

/** Element types of a tensor, by their names in `model_config.proto`; one that is invalid is none. */
export const tensorTypes = [
  "TYPE_BOOL",
  "TYPE_INT8",
  "TYPE_INT16",
  "TYPE_INT32",
  "TYPE_INT64",
  "TYPE_UINT8",
  "TYPE_UINT16",
  "TYPE_UINT32",
  "TYPE_UINT64",
  "TYPE_FP16",
  "TYPE_FP32",
  "TYPE_FP64",
  "TYPE_STRING",
  "TYPE_BF16",
] as const;

export type TensorType = (typeof tensorTypes)[number];

/** Where the types and every field of a config come from. */
export const modelConfigSource: Source = {
  source: "tritonclient 2.71.0 wheel, tritonclient/grpc/model_config_pb2.py",
  date: "2026-07-29",
  standing: "exact",
};

/** What a model can be run by. `llmapi` is TensorRT-LLM's LLM API, run by the Python backend. */
export const tritonBackendIds = [
  "python",
  "onnxruntime",
  "pytorch",
  "tensorflow",
  "tensorrt",
  "tensorrtllm",
  "vllm",
  "llmapi",
  "ensemble",
] as const;

export type TritonBackendId = (typeof tritonBackendIds)[number];

/** A backend as an image has it. */
export interface TritonBackend {
  /** What stands in the config: the backend, or the platform of a scheduler. */
  readonly config: { readonly backend: string } | { readonly platform: string };
  /** The published images that have it; none where no longer any does. */
  readonly images: readonly TritonImageKind[];
  /** What its copies run on. */
  readonly runsOn: "gpu" | "either" | "nothing";
  /** The file or folder that it looks for in a version's directory; null where it needs none by that name. */
  readonly file: string | null;
  readonly source: Source;
}

const models: Source = {
  source: "triton-inference-server/server r26.07 819ee3777, build.py and docs/user_guide/model_repository.md",
  date: "2026-07-24",
  standing: "exact",
};
const trtllmImage: Source = {
  ...models,
  standing: "recalled",
  note: "what is in the image beside the backend itself was not listed; Python is part of every image",
};

export const tritonBackends: Readonly<Record<TritonBackendId, TritonBackend>> = {
  python: {
    config: { backend: "python" },
    images: ["all", "vllm", "tensorrtllm"],
    runsOn: "either",
    file: "model.py",
    source: models,
  },
  onnxruntime: {
    config: { backend: "onnxruntime" },
    images: ["all"],
    runsOn: "either",
    file: "model.onnx",
    source: models,
  },
  pytorch: { config: { backend: "pytorch" }, images: ["all"], runsOn: "either", file: "model.pt", source: models },
  tensorflow: {
    config: { platform: "tensorflow_savedmodel" },
    images: [],
    runsOn: "either",
    file: "model.savedmodel",
    source: {
      ...models,
      note: "build.py of r25.02 has the TensorFlow backend for the last time, that of r25.03 not; its platform is the one of docs/user_guide/implicit_state_management.md",
    },
  },
  tensorrt: { config: { backend: "tensorrt" }, images: ["all"], runsOn: "gpu", file: "model.plan", source: models },
  tensorrtllm: {
    config: { backend: "tensorrtllm" },
    images: ["tensorrtllm"],
    runsOn: "gpu",
    file: null,
    source: trtllmImage,
  },
  vllm: { config: { backend: "vllm" }, images: ["vllm"], runsOn: "gpu", file: "model.json", source: models },
  llmapi: {
    config: { backend: "python" },
    images: ["tensorrtllm"],
    runsOn: "gpu",
    file: "model.py",
    source: trtllmImage,
  },
  ensemble: {
    config: { platform: "ensemble" },
    images: ["all", "vllm", "tensorrtllm"],
    runsOn: "nothing",
    file: null,
    source: models,
  },
};

/** A tensor of a backend whose models all have the same ones. */
export interface KnownTensor {
  readonly name: string;
  /** `LOGITS` is whatever type the engine computes logits in. */
  readonly type: TensorType | "LOGITS";
  /** Without the batch dimension. */
  readonly dims: readonly number[];
  /** Whether the model itself expects no dimension at all (`reshape { shape: [] }`). */
  readonly scalar: boolean;
  readonly optional: boolean;
  readonly ragged: boolean;
}

export interface KnownInterface {
  readonly inputs: readonly KnownTensor[];
  readonly outputs: readonly KnownTensor[];
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly scalar?: boolean | undefined;
  readonly optional?: boolean | undefined;
  readonly ragged?: boolean | undefined;
}

const knownTypes = [...tensorTypes, "LOGITS"] as const;

function readTensor({ name, type, dims, scalar = false, optional = false, ragged = false }: Row): KnownTensor {
  return { name, type: oneOf(knownTypes, type, "type"), dims, scalar, optional, ragged };
}

function readInterface({ inputs, outputs }: Readonly<Record<"inputs" | "outputs", readonly Row[]>>): KnownInterface {
  return { inputs: inputs.map(readTensor), outputs: outputs.map(readTensor) };
}

/**
 * The tensors of models whose backend decides them. They have to stand in the config: what the backends would add by
 * themselves is switched off (`--disable-auto-complete-config`), so that what was reviewed is what is served. Of
 * TensorRT-LLM those of models that only decode text are here; encoders, images and prompt tables are not.
 */
export const knownInterfaces = {
  vllm: readInterface(table.vllm),
  llmapi: readInterface(table.llmapi),
  tensorrtllm: readInterface(table.tensorrtllm),
} as const;

export const interfaceSources: Readonly<Record<keyof typeof knownInterfaces, Source>> = {
  vllm: {
    source: "triton-inference-server/vllm_backend 8de0c14, src/model.py: _auto_complete_inputs_and_outputs",
    date: "2026-01-09",
    standing: "derived",
    note: "the newest commit that could be read is older than r26.07",
  },
  llmapi: {
    source: "NVIDIA/TensorRT-LLM, triton_backend/all_models/llmapi/tensorrt_llm/config.pbtxt",
    date: "2026-11-21",
    standing: "derived",
    note: "image_url and lora_* are newer than TensorRT-LLM 1.2.1, which 26.07 has, and are left out",
  },
  tensorrtllm: {
    source: "NVIDIA/TensorRT-LLM 0c8de69, triton_backend/all_models/inflight_batcher_llm/tensorrt_llm/config.pbtxt",
    date: "2026-11-21",
    standing: "derived",
    note: "not compared with the version inside 26.07",
  },
};

/** Groups of HTTP requests that `--http-restricted-api` may ask a header for. */
export const restrictedApis = {
  inference: "inference",
  /** Loading, unloading and listing models, shared memory, configs, traces and log settings. */
  administration: ["model-repository", "shared-memory", "model-config", "trace", "logging"],
  source: {
    source: "triton-inference-server/server r26.07 819ee3777, src/restricted_features.h and src/http_server.cc",
    date: "2026-07-24",
    standing: "exact",
    note: "in explicit mode the load API answers everybody unless it is in such a group",
  },
} as const satisfies Readonly<Record<string, string | readonly string[] | Source>>;
