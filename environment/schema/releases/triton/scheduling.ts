import { z } from "zod";
import { tensorTypes } from "../../../../catalog/triton-backends";
import { settings } from "../../../settings";
import { durationSeconds, latencySeconds } from "../../../units";
import { count } from "../../common";
import { tensorName } from "./tensors";

/** How Triton puts requests together: dynamic batches, or sequences that stay on one instance. */

const queuePolicy = settings({
  timeoutAction: z
    .enum(["reject", "delay"])
    .default("reject")
    .describe("What happens to a request that waited too long: refused, or served after the others. Default `reject`."),
  timeout: latencySeconds.optional().describe("How long a request may wait. Default: as long as it takes."),
  requestsMaySetTimeout: z
    .boolean()
    .default(false)
    .describe("Whether a request may ask for a shorter wait of its own. Default false."),
  maxSize: z.int().min(0).default(0).describe("Requests that may wait; more are refused. Default 0: any number."),
});

const batchSizes = z.array(count.max(4096)).max(32).default([]);
const queueDelay = latencySeconds.optional();

export const dynamicBatching = settings({
  preferredBatchSizes: batchSizes.describe("Sizes at which a batch goes at once. Default: only a full one."),
  maxQueueDelay: queueDelay.describe("How long a request waits for others to join it. Default: not at all."),
  preserveOrdering: z
    .boolean()
    .default(false)
    .describe("Whether answers leave in the order of their requests. Default false."),
  queue: queuePolicy.optional().describe("What becomes of requests that wait. Default: they wait without end."),
  priorities: settings({
    levels: count.max(64).describe("Levels of priority; 1 is the most urgent."),
    default: count.max(64).describe("The level of requests that name none."),
    queues: z
      .record(z.string().regex(/^[1-9]\d*$/, "a level is a whole number from 1"), queuePolicy)
      .default({})
      .describe("Queues of single levels, by the level. Default: all as `queue` says."),
  })
    .optional()
    .describe("Requests of different urgency. Default: all are alike."),
});

const control = settings({
  input: tensorName.describe("The input by which the model learns it; it is not among `inputs`."),
  kind: z.enum(["start", "end", "ready", "correlation-id"]).describe("What it says of a sequence."),
  type: z
    .enum(["TYPE_INT32", "TYPE_FP32", "TYPE_BOOL", "TYPE_UINT64", "TYPE_INT64", "TYPE_UINT32", "TYPE_STRING"])
    .describe("Type of the input: INT32, FP32 or BOOL for yes and no, the others for a correlation id."),
}).refine(
  ({ kind, type }) =>
    kind === "correlation-id"
      ? ["TYPE_UINT64", "TYPE_INT64", "TYPE_UINT32", "TYPE_INT32", "TYPE_STRING"].includes(type)
      : ["TYPE_INT32", "TYPE_FP32", "TYPE_BOOL"].includes(type),
  {
    path: ["type"],
    message: "yes and no are INT32, FP32 or BOOL; a correlation id is a whole number or a STRING",
  },
);

const state = settings({
  input: tensorName.describe("The input that gets the state."),
  output: tensorName.describe("The output that gives the next one."),
  type: z.enum(tensorTypes).describe("Type of its elements."),
  dims: z.array(z.int().min(-1)).min(1).max(16).describe("Its shape without the batch dimension."),
  zeroed: z
    .boolean()
    .default(false)
    .describe("Whether a sequence begins with zeros. Default false: with what is in memory."),
});

const strategy = z.discriminatedUnion("kind", [
  settings({
    kind: z.literal("direct").describe("Each sequence has a place of its own in the batch of one instance."),
    maxQueueDelay: queueDelay.describe("How long a batch waits to fill. Default: not at all."),
    minimumSlotUtilization: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe("Share of the places that must be taken before a batch goes earlier. Default 0."),
  }),
  settings({
    kind: z.literal("oldest").describe("Batches are made of the oldest requests of the sequences under way."),
    maxCandidateSequences: count.max(65536).describe("Sequences under way on one instance."),
    preferredBatchSizes: batchSizes.describe("Sizes at which a batch goes at once. Default: only a full one."),
    maxQueueDelay: queueDelay.describe("How long a request waits for others to join it. Default: not at all."),
    preserveOrdering: z.boolean().default(false).describe("Whether answers leave in order. Default false."),
  }),
]);

export const sequenceBatching = settings({
  strategy: strategy.default({ kind: "direct", minimumSlotUtilization: 0 }).describe("How batches are made."),
  maxIdle: durationSeconds.default(1).describe("A sequence without a request for this long is over. Default 1s."),
  controls: z.array(control).max(16).default([]).describe("What the model learns of a sequence. Default: nothing."),
  states: z.array(state).max(64).default([]).describe("State that Triton keeps for the model. Default: none."),
  iterative: z
    .boolean()
    .default(false)
    .describe("Whether the model puts a request back until it is done. Default false."),
});

export type QueuePolicySettings = z.output<typeof queuePolicy>;
export type DynamicBatchingSettings = z.output<typeof dynamicBatching>;
export type SequenceBatchingSettings = z.output<typeof sequenceBatching>;
