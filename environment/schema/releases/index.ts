import { z } from "zod";
import { openaiCompatibleRelease } from "./openai-compatible";
import { vllmRelease } from "./vllm";

export const release = z.discriminatedUnion("engine", [vllmRelease, openaiCompatibleRelease]);

/** A release as people write it, whatever its engine. */
export type ReleaseSettings = z.output<typeof release>;

export type { ApiKeySettings, ReplicaSettings } from "./common";
export type { OpenaiCompatibleSettings } from "./openai-compatible";
export type { DraftSettings, LoraSettings, VllmSettings } from "./vllm";
