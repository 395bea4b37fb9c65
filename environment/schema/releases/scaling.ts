import { z } from "zod";
import { settings } from "../../settings";
import { count, name } from "../common";

/** How many pods a release has, which of them come first, and where they stand: the same for every engine. */

const threshold = z.number().positive().max(1_000_000);

const wake = settings({
  query: z
    .string()
    .min(1)
    .max(4000)
    .describe(
      "PromQL of one number at the gateway, such as requests in flight to this release; 0, not nothing, when nobody asks.",
    ),
  threshold: threshold.describe("How much of it one pod takes. Any above 0 wakes the first pod."),
});

const scaling = settings({
  waiting: threshold
    .optional()
    .describe(
      "Requests that wait for room, for each pod, at which one more is wanted. Default: half of what a pod works off within the promised time to the first token; 5 where nothing is promised.",
    ),
  running: threshold
    .optional()
    .describe(
      "Requests that are worked on, for each pod, at which one more is wanted. Default: 70 % of what one pod can work on at once.",
    ),
  wake: wake
    .optional()
    .describe(
      "What wakes a release that has no pod: engines that do not run show no metric. Needed with `replicas.min: 0`.",
    ),
});

const spread = settings({
  zones: z
    .enum(["preferred", "required"])
    .default("preferred")
    .describe(
      "Whether pods that would make zones uneven wait (`required`) or run all the same (`preferred`). Default `preferred`.",
    ),
});

/** Part of the settings of every release. */
export const scalingSettings = {
  scaling: scaling
    .prefault({})
    .describe("When an autoscaler moves pods between the bounds of `replicas`. Default: derived for each release."),
  priority: z
    .enum(["critical", "standard", "batch"])
    .default("standard")
    .describe(
      "Whose pods are placed first where machines are short: `critical` may take the place of others, `batch` gives way to all. Default `standard`.",
    ),
  spread: spread.prefault({}).describe("How pods are spread over the zones of their pool."),
  tenant: name
    .optional()
    .describe(
      "Whose release this is. Needed on GPUs that are shared without isolation. Default: nobody's in particular.",
    ),
};

/** Pods of a release that an autoscaler moves; none at all where something outside of the pods can wake them. */
export const replicaBounds = settings({
  min: z.int().min(0).max(1000).describe("Pods that are always there; 0 only with `scaling.wake`."),
  max: count.max(1000).describe("Pods that there may be at the most; money and machines are counted for them."),
}).refine(({ min, max }) => min <= max, { path: ["min"], message: "the least is not above `max`" });

export type ScalingSettings = z.output<typeof scaling>;
export type WakeSettings = z.output<typeof wake>;
export type PrioritySetting = z.output<(typeof scalingSettings)["priority"]>;
