import { splitMemory } from "./memory";
import { gpusOf, type Replica } from "./replica";
import { gibText } from "./text";

/** Whether engines can share one GPU. */
export interface SharedGpu {
  readonly fits: boolean;
  /** Why they cannot, each a sentence with its arithmetic; empty where they can. */
  readonly problems: readonly string[];
  /** Shares of the GPU's memory that the engines take together. */
  readonly share: number;
  /** GiB that are left for KV caches when all weights and overheads are on the GPU; below 0 where they do not fit. */
  readonly leftGiB: number;
}

/**
 * Engines that are to share one GPU. Each takes its share of the memory when it starts, whatever the others took, so the
 * shares make at most the whole; and the weights and overheads of all have to be there at once. A replica over several
 * GPUs counts with what it has on one of them.
 *
 * @throws RangeError for replicas on different GPUs, and for engines that do not take a share of the whole memory
 */
export function sharedGpu(replicas: readonly Replica[]): SharedGpu {
  const [first] = replicas;
  if (first === undefined) throw new RangeError("no engine shares nothing");
  if (replicas.some(({ gpu }) => gpu.id !== first.gpu.id)) throw new RangeError("engines on different GPUs share none");
  const parts = replicas.map((replica) => ({
    name: nameOf(replica),
    share: shareOf(replica),
    split: splitMemory(replica),
  }));
  const sum = (of: (part: (typeof parts)[number]) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  // Shares are written in hundredths, whose sums are off by their rounding.
  const share = Math.round(sum((part) => part.share) * 1e6) / 1e6;
  const heldGiB = sum(({ split }) => split.weightsGiB + split.overheadGiB);
  const leftGiB = first.cudaTotalGiB - heldGiB;
  const one = `one ${first.gpu.id}`;
  const shares = parts.map((part) => String(part.share)).join(" + ");
  const held = parts.map(
    ({ name, split }) => `${name}: ${gibText(split.weightsGiB)} weights + ${gibText(split.overheadGiB)} overhead`,
  );
  const overcommitted = `the engines take ${shares} = ${share} of the memory of ${one}, and there is 1: whichever starts last finds its share gone`;
  const tooHeavy = `${held.join("; ")}: together ${gibText(heldGiB)}, and ${one} has ${gibText(first.cudaTotalGiB)}`;
  const problems = [...(share > 1 ? [overcommitted] : []), ...(leftGiB <= 0 ? [tooHeavy] : [])];
  return { fits: problems.length === 0, problems, share, leftGiB };
}

function shareOf(replica: Replica): number {
  const { engine } = replica;
  if (engine.kind !== "vllm") throw new RangeError("only vLLM takes a share of the whole memory");
  if (engine.kvCacheGiB === undefined) return engine.gpuMemoryUtilization;
  const { budgetGiB, totalGiB } = splitMemory(replica);
  return budgetGiB / totalGiB;
}

function nameOf({ model, parallel }: Replica): string {
  const gpus = gpusOf(parallel);
  return gpus === 1 ? model.id : `${model.id}, a part of ${gpus}`;
}
