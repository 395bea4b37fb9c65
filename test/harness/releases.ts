import { isLanguageModel, type By, type ReleasePlan, type VllmPlan } from "../../planning";

/** All releases of a plan that are language models on GPUs. */
export function languageModels({ releases }: { readonly releases: By<ReleasePlan> }) {
  return Object.values(releases).filter(isLanguageModel);
}

/** A release of a plan that vLLM serves. */
export function vllmRelease({ releases }: { readonly releases: By<ReleasePlan> }, name = "chat"): VllmPlan {
  const found = releases[name];
  if (found?.kind !== "vllm") throw new Error(`vLLM serves no release ${name}`);
  return found;
}
