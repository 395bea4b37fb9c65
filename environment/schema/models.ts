import { z } from "zod";
import { settings } from "../settings";
import { parameterCount } from "../units";
import { count, innerPath } from "./common";

/** As the hub names models; with weights from there it is what the engine downloads. */
export const modelName = z
  .string()
  .max(96)
  .regex(/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/, "a model is named as on the hub, such as my-team/my-model");

const gated = z
  .boolean()
  .optional()
  .describe("Whether the hub asks for a token of somebody who accepted the terms. Default: not known.");

const configured = settings({
  config: innerPath("this folder").describe(
    "The `config.json` that was published with the model, by its path inside the folder of this file, such as models/my-model/config.json.",
  ),
  gated,
});

const layers = settings({
  full: z.int().min(0).describe("Layers that see the whole context."),
  sliding: z.int().min(0).default(0).describe("Layers that see `slidingWindow` tokens back. Default 0."),
  linear: z.int().min(0).default(0).describe("Layers with linear attention, whose state does not grow. Default 0."),
}).refine(({ full, sliding, linear }) => full + sliding + linear > 0, "a model has at least one layer");

const linearAttention = settings({
  keyHeads: count.describe("Key heads of a linear layer."),
  valueHeads: count.describe("Value heads of a linear layer."),
  keyHeadDim: count.describe("Width of a key head."),
  valueHeadDim: count.describe("Width of a value head."),
  convolutionKernel: count.default(4).describe("Tokens that its convolution sees. Default 4."),
  stateDtype: z
    .enum(["float32", "model"])
    .default("float32")
    .describe("Type of the state: `float32`, or that of the model's activations. Default `float32`."),
});

const experts = settings({
  count: count.describe("Routed experts of one layer."),
  perToken: count.describe("Experts that one token passes through."),
  shared: z.int().min(0).default(0).describe("Experts that every token passes through beside them. Default 0."),
  intermediateSize: count.describe("Width of one expert."),
  firstDenseLayers: z.int().min(0).default(0).describe("Layers at the bottom that have no experts. Default 0."),
  everyNthLayer: count
    .default(1)
    .describe("Which layers above those have experts: 1 each, 2 every second one. Default 1."),
}).refine(({ count, perToken }) => perToken <= count, {
  path: ["perToken"],
  message: "a token passes through no more experts than there are",
});

const mla = settings({
  queryLoraRank: count.describe("Rank of the compressed queries."),
  kvLoraRank: count.describe("Rank of the compressed keys and values, which the cache holds."),
  nopeHeadDim: count.describe("Width of a head without position."),
  ropeHeadDim: count.describe("Width of the rotary key, which the cache holds."),
  valueHeadDim: count.describe("Width of a value head."),
});

const shaped = settings({
  kind: z
    .enum(["decoder", "encoder", "cross-encoder"])
    .default("decoder")
    .describe("A decoder generates text, an encoder makes vectors, a cross-encoder scores pairs. Default `decoder`."),
  parameters: parameterCount
    .optional()
    .describe("Number of parameters, all of them, as the model's card says it. Default: counted from the shape."),
  activeParameters: parameterCount
    .optional()
    .describe("Parameters that one token passes through. Default: counted from the shape."),
  layers: layers.describe("Layers by their kind of attention."),
  slidingWindow: count.optional().describe("Tokens that a sliding layer sees back; needed where there are any."),
  linearAttention: linearAttention
    .optional()
    .describe("The state that a layer with linear attention keeps; needed where there are any."),
  hiddenSize: count.describe("Width of the model."),
  attentionHeads: count.describe("Query heads of a layer."),
  kvHeads: count.optional().describe("Key and value heads of a layer. Default: `attentionHeads`."),
  headDim: count.optional().describe("Width of a head. Default: `hiddenSize` divided by `attentionHeads`."),
  globalAttention: settings({
    kvHeads: count.describe("Their key and value heads."),
    headDim: count.describe("Width of their heads."),
  })
    .optional()
    .describe("Heads of the layers that see the whole context, where they differ from the others. Default: alike."),
  gatedFeedForward: z
    .boolean()
    .default(true)
    .describe("Whether feed-forward layers have three matrices, one of them a gate, or two. Default true."),
  intermediateSize: count.describe("Width of the feed-forward layers; of an expert, where there are no others."),
  vocabulary: count.describe("Tokens that the model knows."),
  tiedEmbeddings: z
    .boolean()
    .default(false)
    .describe("Whether the output layer shares its weights with the embedding. Default false."),
  maxContext: count.describe("Tokens that the published configuration allows."),
  dtype: z
    .enum(["bfloat16", "float16", "float32", "float8_e4m3", "mxfp4"])
    .default("bfloat16")
    .describe("How the published weights are stored. Default `bfloat16`."),
  experts: experts.optional().describe("Mixture of experts. Default: none."),
  mla: mla.optional().describe("Multi-head latent attention, as DeepSeek has it. Default: none."),
  gated,
}).superRefine(checkAttention);

interface Attention {
  readonly layers: z.output<typeof layers>;
  readonly slidingWindow?: number | undefined;
  readonly linearAttention?: object | undefined;
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  readonly kvHeads?: number | undefined;
  readonly headDim?: number | undefined;
}

function checkAttention(shape: Attention, context: z.core.$RefinementCtx<Attention>): void {
  const say = (key: keyof Attention, message: string): void =>
    context.addIssue({ code: "custom", path: [key], message });
  const { layers, attentionHeads, hiddenSize, kvHeads } = shape;
  if (layers.sliding > 0 && shape.slidingWindow === undefined)
    say("slidingWindow", "expected the tokens of sliding layers");
  if (layers.sliding === 0 && shape.slidingWindow !== undefined) say("slidingWindow", "there are no sliding layers");
  if (layers.linear > 0 && shape.linearAttention === undefined)
    say("linearAttention", "expected the state of linear layers");
  if (layers.linear === 0 && shape.linearAttention !== undefined) say("linearAttention", "there are no linear layers");
  if (kvHeads !== undefined && attentionHeads % kvHeads !== 0)
    say("kvHeads", `query heads share key and value heads evenly: a divisor of ${attentionHeads}`);
  if (shape.headDim === undefined && hiddenSize % attentionHeads !== 0)
    say("headDim", `expected the width of a head: ${hiddenSize} is not divided evenly by ${attentionHeads} heads`);
}

export const model = z.union([shaped, configured]);

/** A model as the environment describes it: by its published configuration, or by its shape. */
export type ModelSettings = z.output<typeof model>;
export type ModelShape = z.output<typeof shaped>;
