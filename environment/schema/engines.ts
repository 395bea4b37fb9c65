import { z } from "zod";
import { pinnedVllmVersion, vllmVersions } from "../../catalog/engines";
import { settings } from "../settings";
import { pinnedImage } from "./common";

export const engines = settings({
  vllm: z.enum(vllmVersions).default(pinnedVllmVersion).describe("The version of vLLM."),
})
  .prefault({})
  .describe("Versions of the inference engines.");

export const images = settings({
  vllm: pinnedImage
    .optional()
    .describe("The vLLM image by tag and digest. Default: the public image of the engine's version."),
})
  .prefault({})
  .describe("Images to use in place of the public ones, such as a mirror's.");
