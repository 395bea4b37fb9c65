import type { Source } from "../../catalog/fact";
import type { Replica } from "../replica";
import { formatRules } from "./format-rules";
import { parallelRules } from "./parallel-rules";

/** Ids of what cannot work; stable, so that they can be named. */
export type ImpossibilityId =
  | "tensor-parallel-heads"
  | "tensor-parallel-kv-heads"
  | "tensor-parallel-width"
  | "pipeline-layers"
  | "parallel-whole"
  | "data-parallel-dense"
  | "expert-parallel-dense"
  | "decode-context-tensor"
  | "decode-context-heads"
  | "decode-context-windows"
  | "weight-format-gpu"
  | "weight-format-model"
  | "kv-format-gpu"
  | "kv-format-type"
  | "gpu-too-old"
  | "utilisation-range"
  | "context-range"
  | "sequences-range"
  | "model-kind";

/** Something that the engine refuses, or that cannot be. */
export interface Impossibility {
  readonly id: ImpossibilityId;
  /** A sentence: what is wrong, with the numbers. */
  readonly message: string;
  /** Values that would do, of the setting that is wrong; empty where none would. */
  readonly allowed: readonly (number | string)[];
}

/** One way in which a replica cannot work. Only what is wrong is put into words: most replicas keep every rule. */
export interface ValidityRule {
  readonly id: ImpossibilityId;
  readonly isBroken: (replica: Replica) => boolean;
  readonly message: (replica: Replica) => string;
  /** @default no value would do */
  readonly allowed?: (replica: Replica) => Impossibility["allowed"];
}

/** Where the rules come from. */
export const validitySource: Source = {
  source:
    "vllm wheel 0.31.0, vllm/config/model.py: verify_with_parallel_config; config/parallel.py; platforms/cuda.py; v1/attention/backends",
  date: "2026-10-03",
  standing: "exact",
};

/** Everything about a replica that cannot work, whatever its memory; empty when nothing is wrong. */
export function impossible(replica: Replica): readonly Impossibility[] {
  const whole = wholeNumbers(replica);
  if (whole.length > 0) return whole;
  const found: Impossibility[] = [];
  for (const { id, isBroken, message, allowed } of rules)
    if (isBroken(replica)) found.push({ id, message: message(replica), allowed: allowed?.(replica) ?? [] });
  return found;
}

const splits = ["tensor", "pipeline", "data", "decodeContext"] as const;

function wholeNumbers({ parallel }: Replica): readonly Impossibility[] {
  const found: Impossibility[] = [];
  for (const name of splits) {
    const value = parallel[name];
    if (Number.isInteger(value) && value >= 1) continue;
    found.push({ id: "parallel-whole", message: `${name} is ${value}, not a whole number from 1`, allowed: [] });
  }
  return found;
}

const rules: readonly ValidityRule[] = [
  ...parallelRules,
  {
    id: "utilisation-range",
    isBroken: (replica) => !(shareOf(replica) > 0 && shareOf(replica) <= 1),
    message: (replica) => `a share of ${shareOf(replica)} of the GPU's memory is not above 0 and up to 1`,
    allowed: () => ["above 0, up to 1"],
  },
  {
    id: "context-range",
    isBroken: ({ context, model }) => !(context >= 1 && context <= model.maxContext),
    message: ({ context, model }) =>
      `a context of ${context} tokens is beyond the ${model.maxContext} that ${model.id} allows`,
    allowed: ({ model }) => [`1 to ${model.maxContext}`],
  },
  {
    id: "sequences-range",
    isBroken: ({ maxSequences, batchedTokens }) => !(maxSequences >= 1 && batchedTokens >= maxSequences),
    message: ({ maxSequences, batchedTokens }) =>
      `a step of ${batchedTokens} tokens cannot hold one token of each of ${maxSequences} sequences`,
    allowed: ({ batchedTokens }) => [`1 to ${batchedTokens}`],
  },
  ...formatRules,
];

/** Share of a GPU's memory that the engine takes. */
function shareOf({ engine }: Replica): number {
  return engine.kind === "vllm" ? engine.gpuMemoryUtilization : engine.freeMemoryFraction;
}
