import { z } from "zod";
import { settings } from "../../settings";
import { share } from "../../units";
import { commit, count, innerPath } from "../common";

const tokens = count.max(32).describe("Tokens that are guessed in each step.");
const layers = count.max(100).default(1).describe("Layers of the draft that keep a KV cache. Default 1.");
const acceptance = share
  .prefault("0%")
  .describe("Share of guessed tokens that turn out right, as measured. Default 0%: planning counts on no gain.");
const headModel = innerPath("the hub or the volume").describe(
  "The draft: its repository on the hub, or its directory beside the weights where those do not come from the hub.",
);
const revision = commit.optional().describe("The commit of the draft's repository; needed for one of the hub.");
const head = { model: headModel, revision, layers, tokens, acceptance };
const window = count.max(64).optional();

/** Methods of vLLM's `--speculative-config`. */
export const draft = z.discriminatedUnion("method", [
  settings({
    method: z.literal("ngram").describe("Guesses from the prompt; nothing is loaded."),
    tokens,
    longest: window.describe("Tokens of the longest piece that is looked for in the prompt. Default: vLLM's, 5."),
    shortest: window.describe("Tokens of the shortest such piece. Default: the longest."),
    acceptance,
  }).refine(({ longest, shortest }) => shortest === undefined || shortest <= (longest ?? 5), {
    path: ["shortest"],
    message: "the shortest piece is not longer than `longest`",
  }),
  settings({
    method: z.literal("mtp").describe("Layers that the model itself was published with."),
    layers,
    tokens,
    acceptance,
  }),
  settings({ method: z.literal("eagle").describe("A head that was trained for the model."), ...head }),
  settings({
    method: z.literal("eagle3").describe("A head of the third kind that was trained for the model."),
    ...head,
  }),
  settings({
    method: z.literal("draft-model").describe("A smaller model with the same vocabulary."),
    model: z
      .string()
      .min(1)
      .describe("The smaller model, by its name in the catalogue or in `models`: memory is planned for its shape."),
    path: innerPath("the volume")
      .optional()
      .describe("Its directory beside the weights; needed where those do not come from the hub."),
    revision,
    tokens,
    acceptance,
  }),
]);

export type DraftSettings = z.output<typeof draft>;
