import { z } from "zod";

const positive = z.number().positive();
const count = z.int().min(1);

/** What every fact says about where it comes from. */
const sourceShape = {
  source: z.string().min(5),
  date: z.iso.date(),
  standing: z.enum(["exact", "derived", "recalled"]),
  note: z.string().min(1).optional(),
};

export const sourceSchema = z.strictObject(sourceShape);

export const gpuSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9-]+$/),
  aliases: z.array(z.string().regex(/^[A-Za-z0-9-]+$/)),
  name: z.string().startsWith("NVIDIA "),
  architecture: z.enum(["Turing", "Volta", "Ampere", "Ada", "Hopper", "Blackwell", "Blackwell Ultra"]),
  computeCapability: z.number().min(7).max(13),
  memoryGB: positive,
  cudaTotalGiB: positive,
  cudaTotalSource: sourceSchema,
  memoryBandwidthGBps: positive,
  dense: z.strictObject({
    fp16Tflops: positive,
    fp8Tflops: positive.nullable(),
    int8Tops: positive.nullable(),
    fp4Tflops: positive.nullable(),
  }),
  supports: z.strictObject({
    bf16: z.boolean(),
    fp8Compute: z.boolean(),
    fp4Compute: z.boolean(),
    fp8Marlin: z.boolean(),
  }),
  nvlinkGBps: positive.nullable(),
  productLabel: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,61}[A-Za-z0-9]$/)
    .nullable(),
  source: sourceSchema,
  remark: z.string().min(1).nullable(),
});

const headsSchema = z.strictObject({ kvHeads: count, headDim: count });
const linearAttentionSchema = z.strictObject({
  keyHeads: count,
  valueHeads: count,
  keyHeadDim: count,
  valueHeadDim: count,
  convolutionKernel: count,
  stateDtype: z.enum(["float32", "model"]),
});
const mlaSchema = z.strictObject({
  queryLoraRank: count.nullable(),
  kvLoraRank: count,
  nopeHeadDim: count,
  ropeHeadDim: count,
  valueHeadDim: count,
  indexer: z.strictObject({ heads: count, headDim: count, topK: count }).nullable(),
});
const moeSchema = z.strictObject({
  experts: count,
  expertsPerToken: count,
  sharedExperts: z.int().min(0),
  expertIntermediateSize: count,
  firstDenseLayers: z.int().min(0),
  everyNthLayer: count,
});
const hubName = z.string().regex(/^[\w.-]+\/[\w.-]+$/);

export const modelSchema = z.strictObject({
  id: hubName,
  aliases: z.array(hubName),
  kind: z.enum(["decoder", "encoder", "cross-encoder"]),
  totalParameters: z.int().min(1_000_000),
  activeParameters: z.int().min(1_000_000),
  towerParameters: z.int().min(0),
  layers: z.strictObject({ full: z.int().min(0), sliding: z.int().min(0), linear: z.int().min(0) }),
  kvSharedLayers: z.strictObject({ full: z.int().min(0), sliding: z.int().min(0) }),
  slidingWindow: count.nullable(),
  localAttention: z.enum(["sliding-window", "chunked"]).nullable(),
  linearAttention: linearAttentionSchema.nullable(),
  hiddenSize: count,
  attentionHeads: count,
  kvHeads: count,
  headDim: count,
  globalAttention: headsSchema.nullable(),
  attentionOutputGate: z.boolean(),
  intermediateSize: count,
  gatedFeedForward: z.boolean(),
  doubleWidthLayers: z.int().min(0),
  vocabularySize: count,
  tiedEmbeddings: z.boolean(),
  learnedPositions: z.int().min(0),
  perLayerEmbedding: z.strictObject({ vocabularySize: count, width: count }).nullable(),
  mla: mlaSchema.nullable(),
  moe: moeSchema.nullable(),
  maxContext: count,
  nativeDtype: z.enum(["bfloat16", "float16", "float32", "float8_e4m3", "mxfp4", "int4"]),
  licence: z.string().min(3),
  gated: z.enum(["yes", "no", "sometimes", "unknown"]),
  source: sourceSchema,
  remark: z.string().min(1).nullable(),
});

const anyInstance = {
  type: z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/),
  family: z.string().min(2),
  architecture: z.enum(["amd64", "arm64"]),
  vcpu: count,
  memoryGiB: positive,
  source: sourceSchema,
};

export const instanceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...anyInstance,
    kind: z.literal("gpu"),
    gpu: z.string(),
    gpuCount: positive,
    gpuReportedMiB: count,
    interconnect: z.enum(["none", "pcie", "nvlink", "nvswitch"]),
    nvswitch: z.boolean(),
    nvlinkGBps: positive.nullable(),
    efaInterfaces: z.int().min(0),
    networkMbps: count.nullable(),
    localNvmeGB: z.int().min(0),
    absentRegions: z.array(z.string()),
  }),
  z.strictObject({ ...anyInstance, kind: z.literal("cpu"), networkMbps: count, maxPods: count }),
  z.strictObject({
    ...anyInstance,
    kind: z.literal("neuron"),
    accelerator: z.string(),
    acceleratorCount: count,
    neuronCores: count,
  }),
]);

export const priceSchema = z.strictObject({ ...sourceShape, usdPerHour: positive });

export const spotSchema = z.strictObject({
  ...sourceShape,
  minUsdPerHour: positive,
  medianUsdPerHour: positive,
  maxUsdPerHour: positive,
  zones: count,
});
