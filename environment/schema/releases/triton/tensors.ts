import { z } from "zod";
import { tensorTypes } from "../../../../catalog/triton-backends";
import { settings } from "../../../settings";

/** A name that goes into a config as it stands; frameworks choose freely, so only what would break out is refused. */
export const tensorName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, "a tensor's name has no spaces and no control characters");

/** `-1` is a dimension of any size. The batch dimension is not written: `maxBatchSize` adds it. */
const dimension = z
  .int()
  .min(-1)
  .max(2 ** 31)
  .refine((size) => size !== 0, "a dimension is -1, for any size, or at least 1");

const dims = z.array(dimension).min(1).max(16);
const reshape = z
  .array(dimension)
  .max(16)
  .optional()
  .describe("The shape that the model itself expects, without the batch dimension. Default: that of `dims`.");

const everyTensor = {
  name: tensorName.describe("The tensor's name, as the model knows it."),
  type: z.enum(tensorTypes).describe("Type of its elements."),
  dims: dims.describe("Its shape without the batch dimension; -1 is any size."),
  reshape,
};

export const inputTensor = settings({
  ...everyTensor,
  optional: z.boolean().default(false).describe("Whether requests may leave it out. Default false."),
  ragged: z
    .boolean()
    .default(false)
    .describe("Whether requests of different shapes may be put into one batch. Default false."),
});

export const outputTensor = settings({
  ...everyTensor,
  labels: z
    .string()
    .regex(/^[\w.-]+$/, "a file's name")
    .optional()
    .describe("File in the model's directory with the labels of a classification. Default: none."),
});

export type InputTensorSettings = z.output<typeof inputTensor>;
export type OutputTensorSettings = z.output<typeof outputTensor>;
