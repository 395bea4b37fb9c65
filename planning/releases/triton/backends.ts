import type { TritonModelSettings } from "../../../environment";

/** A model whose GPUs and memory are computed: what it runs is in the catalogue. */
export type LanguageModel = Extract<TritonModelSettings, { readonly backend: "vllm" | "llmapi" }>;

export function isLanguageBackend(model: TritonModelSettings): model is LanguageModel {
  return model.backend === "vllm" || model.backend === "llmapi";
}
