import type { Environment, ReleaseSettings } from "../../environment";
import type { Chosen, Ground } from "./ground";
import { chooseOpenaiCompatible } from "./openai-compatible";
import { onGpus } from "./machines";
import { operated } from "./operate";
import { chooseRayServe } from "./ray-serve";
import { chooseTextEmbeddings } from "./text-embeddings";
import { chooseTriton } from "./triton";
import { chooseVllm } from "./vllm";

export type { Chosen, Ground, Planned } from "./ground";

/** Decides one release: by the planner of its engine, and then what all releases have alike. */
export function chooseRelease(
  settings: ReleaseSettings,
  environment: Pick<Environment, "engines" | "images">,
  ground: Omit<Ground, "version" | "image">,
): Chosen {
  return operated(chooseByEngine(settings, environment, ground), settings, ground);
}

function chooseByEngine(
  settings: ReleaseSettings,
  { engines, images }: Pick<Environment, "engines" | "images">,
  ground: Omit<Ground, "version" | "image">,
): Chosen {
  switch (settings.engine) {
    case "vllm":
      return onGpus("vLLM", ground, (on) => chooseVllm(settings, { ...on, version: engines.vllm, image: images.vllm }));
    case "ray-serve": {
      const { [settings.engine]: version } = engines;
      return onGpus("Ray Serve", ground, (on) =>
        chooseRayServe(settings, { ...on, version, image: images[settings.engine] }),
      );
    }
    case "openai-compatible":
      return chooseOpenaiCompatible(settings, ground);
    case "triton": {
      const { triton: version } = engines;
      const { triton, "triton-vllm": vllm, "triton-tensorrtllm": tensorrtllm } = images;
      return chooseTriton(settings, { ...ground, version, images: { all: triton, vllm, tensorrtllm } });
    }
    case "text-embeddings-inference": {
      const { [settings.engine]: version } = engines;
      return chooseTextEmbeddings(settings, { ...ground, version, image: images[settings.engine] });
    }
  }
}
