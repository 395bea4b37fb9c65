import type { MemorySplit } from "../memory";
import { gpusOf, type Replica } from "../replica";
import { gibText } from "../text";
import { versionWarning } from "./version";

/** Why a replica does not fit, with the arithmetic. */
export function tooBig({ model, gpu, parallel, context }: Replica, split: MemorySplit): string {
  const gpus = gpusOf(parallel);
  const on = gpus === 1 ? `one ${gpu.id}` : `${gpus} × ${gpu.id}`;
  const sum = `per GPU ${gibText(split.budgetGiB)} − ${gibText(split.weightsGiB)} weights − ${gibText(split.overheadGiB)} overhead = ${gibText(split.kvGiB)} for the KV cache`;
  if (split.kvGiB <= 0) return `${model.id} does not fit on ${on}: ${sum}`;
  const holds = split.expectedKvTokens === null ? "" : `, which holds ${split.expectedKvTokens} tokens`;
  return `one request of ${context} tokens does not fit on ${on}: ${sum}${holds}`;
}

/** GPUs of the largest machine that is usual. */
const gpusOfMachine = 8;

/** What is to be known of an answer that fits. */
export function warnings(replica: Replica, split: MemorySplit, fullLength: number): readonly string[] {
  const { engine, measured, parallel } = replica;
  const version = engine.kind === "vllm" ? versionWarning(engine.version) : undefined;
  return [
    ...(split.fullLengthRequests >= 1
      ? []
      : [
          `it fits by less than the estimate may be wrong: ${fullLength.toFixed(2)} requests of full length, ${split.fullLengthRequests.toFixed(2)} with a margin of ${gibText(split.marginGiB)}`,
        ]),
    ...(split.confidence === "needs-profile-run" ? [unsure(replica)] : []),
    ...(gpusOf(parallel) > gpusOfMachine
      ? ["it takes several machines: the network between them is not in the estimate of the speed"]
      : []),
    ...(version === undefined ? [] : [version]),
    ...(measured === null ? [] : [measuredText(split, measured)]),
  ];
}

function unsure({ engine }: Replica): string {
  if (engine.kind !== "vllm") return "no log of this engine was compared: what it takes beside weights is an estimate";
  return "memory of large mixtures of experts over several GPUs varies by several GiB: run it once and read its log with --from-log";
}

const partNames = { weightsGiB: "weights", kvGiB: "KV cache" } as const;

function measuredText({ measured: parts }: MemorySplit, { source, date }: NonNullable<Replica["measured"]>): string {
  const names = parts.map((part) => partNames[part]).join(" and ");
  return `measured, not estimated: ${names === "" ? "start-up times" : names} (${source}, ${date})`;
}
