import type { Environment, ReleaseSettings } from "../../environment";
import type { Chosen, Ground } from "./ground";
import { chooseOpenaiCompatible } from "./openai-compatible";
import { chooseVllm } from "./vllm";

export type { Chosen, Ground, Planned } from "./ground";

/** Decides one release, by the planner of its engine. */
export function chooseRelease(
  settings: ReleaseSettings,
  { engines, images }: Pick<Environment, "engines" | "images">,
  ground: Omit<Ground, "version" | "image">,
): Chosen {
  switch (settings.engine) {
    case "vllm":
      return chooseVllm(settings, { ...ground, version: engines.vllm, image: images.vllm });
    case "openai-compatible":
      return chooseOpenaiCompatible(settings, ground);
  }
}
