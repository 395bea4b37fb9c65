import { z } from "zod";
import { settings } from "../../settings";
import { count } from "../common";

const items = (what: string, usual: number) =>
  z.int().min(0).max(999).optional().describe(`${what} that one request may hold; 0 refuses them. Default ${usual}.`);

const host = z
  .string()
  .regex(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "a host is written as media.example.com, in lower case, without scheme, port or wildcard; addresses are not allowed",
  );

/** What a multimodal model takes beside text. */
export const media = settings({
  images: items("Images", 4),
  videos: items("Videos", 0),
  audios: items("Pieces of sound", 0),
  domains: z
    .array(host)
    .max(50)
    .default([])
    .refine((hosts) => new Set(hosts).size === hosts.length, "a host is named once")
    .describe(
      "Hosts that the engine may fetch media from. Default: none; requests then carry their media in `data:` URLs, so that nobody makes the engine call addresses inside the network.",
    ),
});

/** Where the engine answers 503 instead of letting more requests wait. */
export const queueLimits = settings({
  requests: count
    .max(1_000_000)
    .optional()
    .describe("Requests inside one pod, waiting or worked on. Default: four times `maxSequences` of all its engines."),
  promptTokens: count
    .max(1_000_000_000)
    .optional()
    .describe("Tokens of all prompts that one pod has not read to their end. Default: no limit."),
});

export type MediaSettings = z.output<typeof media>;
export type QueueLimitSettings = z.output<typeof queueLimits>;
