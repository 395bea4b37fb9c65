import { z } from "zod";
import { pinnedVllmVersion, vllmVersions } from "../../catalog/engines";
import { settings } from "../settings";

export const engines = settings({
  vllm: z.enum(vllmVersions).default(pinnedVllmVersion).describe("The version of vLLM."),
})
  .prefault({})
  .describe("Versions of the inference engines.");

export const images = settings({
  vllm: z
    .string()
    .regex(
      /^[\w.-]+(:\d+)?(\/[\w.-]+)+:[\w.-]+@sha256:[0-9a-f]{64}$/,
      "an image is written as registry/repository:tag@sha256:digest",
    )
    .optional()
    .describe("The vLLM image by tag and digest. Default: the public image of the engine's version."),
})
  .prefault({})
  .describe("Images to use in place of the public ones, such as a mirror's.");
