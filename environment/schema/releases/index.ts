import { z } from "zod";
import { vllmRelease } from "./vllm";

export const release = z.discriminatedUnion("engine", [vllmRelease]);

/** A release as people write it, whatever its engine. */
export type ReleaseSettings = z.output<typeof release>;

export type { ApiKeySettings, ReplicaSettings } from "./common";
export type { DraftSettings, LoraSettings, VllmSettings } from "./vllm";
