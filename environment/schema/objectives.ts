import { z } from "zod";
import { sloClass, sloClassIds } from "../../catalog/slo-classes";
import { settings } from "../settings";
import { latencySeconds, share } from "../units";

/** What clients are promised. Seconds; tokens per second; a share from 0 to 1. */
export interface ObjectiveSettings {
  /** The class that it is, where somebody named one. */
  readonly class?: ObjectiveClass | undefined;
  /** 95th percentile of the time to the first token, seconds. */
  readonly ttftP95?: number | undefined;
  /** 95th percentile of the time between two tokens of one answer, seconds. */
  readonly interTokenP95?: number | undefined;
  /** Tokens per second at which one answer is written, at least. */
  readonly tokensPerSecond?: number | undefined;
  /** Tokens per second of all answers of one replica together that its GPUs can write, at least. */
  readonly tokensPerSecondPerReplica?: number | undefined;
  /** Share of requests that are answered, below 1. */
  readonly availability?: number | undefined;
}

/** Classes of the catalogue, and a batch, which has nobody who waits. */
const classes = [...sloClassIds, "batch"] as const;

export type ObjectiveClass = (typeof classes)[number];

/** What a class promises. */
export function objectivesOf(name: ObjectiveClass): ObjectiveSettings {
  if (name === "batch") return { class: name };
  const { ttftP95Seconds, interTokenP95Seconds, tokensPerSecondPerReplica } = sloClass(name);
  return {
    class: name,
    ...(ttftP95Seconds === undefined ? {} : { ttftP95: ttftP95Seconds }),
    ...(interTokenP95Seconds === undefined ? {} : { interTokenP95: interTokenP95Seconds }),
    ...(tokensPerSecondPerReplica === undefined ? {} : { tokensPerSecondPerReplica }),
  };
}

const named = z
  .enum(classes)
  .transform(objectivesOf)
  .describe(
    "A class: `interactive` 200ms to the first token and 100 tokens a second of each replica; the others are MLPerf's server limits for a model of that size; `batch` has no limits.",
  );

const targets = settings({
  ttftP95: latencySeconds.optional().describe("95 of 100 requests get their first token within this time."),
  interTokenP95: latencySeconds
    .optional()
    .describe("95 of 100 times the next token of an answer comes within this time."),
  tokensPerSecond: z
    .number()
    .positive()
    .max(100_000)
    .optional()
    .describe("Tokens per second at which one answer is written, at least."),
  tokensPerSecondPerReplica: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe("Tokens per second that one replica can write for all its requests together, at least."),
  availability: share
    .refine((value) => value > 0 && value < 1, "above 0% and below 100%: nothing is always there")
    .optional()
    .describe("Share of requests that are answered."),
}).transform((targets): ObjectiveSettings => targets);

export const objectives = z.union([named, targets]);
