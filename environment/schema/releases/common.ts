import { z } from "zod";
import { durationSeconds } from "../../units";
import { count, name, overrides, secretKey } from "../common";
import { replicaBounds, scalingSettings } from "./scaling";

/** Settings that releases have alike, whatever their engine. */

const writtenKey = z.union([z.literal("generated"), secretKey]);

const replicaCount = count.max(1000);

const replicas = z.union([replicaCount, z.literal("auto"), replicaBounds]);

/** What every release says about itself. Spread into the settings of an engine. */
export const everyRelease = {
  pool: name.describe("One of `pools`."),
  replicas: replicas
    .default("auto")
    .describe(
      "Pods of this release: a number, or bounds. Default `auto`: as many as the load of the routes to it needs; 1 where no route says its load.",
    ),
  longestRequest: durationSeconds
    .refine((seconds) => seconds <= 3600, "the longest request is at most 1h")
    .default(300)
    .describe("The longest request that must survive a rollout. Default 5m."),
  ...scalingSettings,
  overrides,
};

/** Of engines that ask their clients for a key. */
export const apiKey = writtenKey
  .default("generated")
  .describe(
    "The key that clients of the engine present: `generated` (development), or the Secret that holds it. Default `generated`.",
  );

/** A number of pods, or bounds, or `auto`: as many as the load of the routes that target the release needs. */
export type ReplicaSettings = z.output<typeof replicas>;
/** The key that clients present: made by the program, or in a Secret. */
export type ApiKeySettings = z.output<typeof writtenKey>;
