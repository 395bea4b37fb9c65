import { z } from "zod";
import { openaiCompatibleRelease } from "./openai-compatible";
import { rayServeRelease } from "./ray-serve";
import { textEmbeddingsRelease } from "./text-embeddings-inference";
import { tritonRelease } from "./triton";
import { vllmRelease } from "./vllm";

export const release = z.discriminatedUnion("engine", [
  vllmRelease,
  openaiCompatibleRelease,
  textEmbeddingsRelease,
  tritonRelease,
  rayServeRelease,
]);

/** A release as people write it, whatever its engine. */
export type ReleaseSettings = z.output<typeof release>;

export type { ApiKeySettings, ReplicaSettings } from "./common";
export type { OpenaiCompatibleSettings } from "./openai-compatible";
export type { RayServeSettings } from "./ray-serve";
export type { TextEmbeddingsSettings } from "./text-embeddings-inference";
export type * from "./triton";
export type { AdapterSettings, DraftSettings, LoraSettings, MediaSettings, VllmSettings } from "./vllm";
