import { z } from "zod";
import { settings } from "../settings";

const partitioned = settings({
  mig: z
    .string()
    .regex(/^\d+g\.\d+gb$/, "a MIG profile is written as 1g.10gb")
    .describe("Profile of the instances into which every GPU is partitioned, each with memory and compute of its own."),
});

const sliced = settings({
  timeSlicing: z
    .int()
    .min(2)
    .max(16)
    .describe(
      "Pods that take turns on one GPU. Neither memory nor faults are kept apart: one tenant only, never in production.",
    ),
});

/** How pods share the GPUs of a pool. */
export const sharing = z.union([partitioned, sliced]);

export type SharingSettings = z.output<typeof sharing>;
