import { z } from "zod";
import { pinnedVllmVersion, vllmVersions } from "../../catalog/engines";
import { pinnedRayVersion, rayVersions } from "../../catalog/ray";
import { pinnedTextEmbeddingsVersion, textEmbeddingsVersions } from "../../catalog/text-embeddings-inference";
import { pinnedTritonVersion, tritonVersions } from "../../catalog/triton";
import { settings } from "../settings";
import { pinnedImage } from "./common";

export const engines = settings({
  vllm: z.enum(vllmVersions).default(pinnedVllmVersion).describe("The version of vLLM."),
  "text-embeddings-inference": z
    .enum(textEmbeddingsVersions)
    .default(pinnedTextEmbeddingsVersion)
    .describe("The version of text-embeddings-inference."),
  triton: z
    .enum(tritonVersions)
    .default(pinnedTritonVersion)
    .describe("The version of Triton, as NVIDIA numbers its containers."),
  "ray-serve": z.enum(rayVersions).default(pinnedRayVersion).describe("The version of Ray."),
})
  .prefault({})
  .describe("Versions of the inference engines.");

export const images = settings({
  vllm: pinnedImage
    .optional()
    .describe("The vLLM image by tag and digest. Default: the public image of the engine's version."),
  "text-embeddings-inference": pinnedImage
    .optional()
    .describe("Its image for processors by tag and digest. Default: the public image of the engine's version."),
  triton: pinnedImage
    .optional()
    .describe(
      "Triton's image with ONNX, PyTorch, TensorRT and Python by tag and digest. Default: the public one, where its digest is known.",
    ),
  "triton-vllm": pinnedImage
    .optional()
    .describe("Triton's image with vLLM by tag and digest. Default: the public one, where its digest is known."),
  "triton-tensorrtllm": pinnedImage
    .optional()
    .describe(
      "Triton's image with TensorRT-LLM by tag and digest. Default: the public one, where its digest is known.",
    ),
  "ray-serve": pinnedImage
    .optional()
    .describe("An image of Ray with Serve's LLM part, by tag and digest. Needed where a release runs in Ray Serve."),
})
  .prefault({})
  .describe("Images to use in place of the public ones, such as a mirror's.");
