import { isLanguageModel, type By, type LanguageModelPlan, type ReleasePlan } from "../../planning";

/** All releases of a plan that are language models on GPUs. */
export function languageModels({ releases }: { readonly releases: By<ReleasePlan> }) {
  return Object.values(releases).filter(isLanguageModel);
}

/** A release of a plan that is a language model on GPUs. */
export function languageModel(
  { releases }: { readonly releases: By<ReleasePlan> },
  name = "chat",
): Extract<ReleasePlan, LanguageModelPlan> {
  const found = releases[name];
  if (found === undefined || !isLanguageModel(found)) throw new Error(`no language model is released as ${name}`);
  return found;
}
