import { gpus as catalogue, type Gpu } from "../../catalog/gpus";
import { formatSupport, weightFormats, type WeightFormatId } from "../../catalog/formats";
import { expectedFullLengthRequests, expectedKvGiB, impossible, splitMemory, type MemorySplit } from "../memory";
import { gpusOf, type Replica } from "../replica";
import { assemble } from "./assemble";
import { parallelOf } from "./parallel";
import type { FitQuestion } from "./question";

/** A change that makes a question's answer fit: in words, and the keys of the question that it sets. */
export interface Change {
  readonly text: string;
  readonly keys: FitQuestion;
}

/** Changes that would each make a replica fit, the smallest first; one of each kind, none where nothing helps. */
export function nearestChanges(
  replica: Replica,
  question: FitQuestion,
  split: MemorySplit = splitMemory(replica),
): readonly Change[] {
  const asked = { replica, question, split };
  const changes = [shorter(asked), narrowerCache(asked), fewerBits(asked), moreGpus(asked), otherGpu(asked)];
  return changes.filter((change) => change !== null);
}

interface Asked {
  readonly replica: Replica;
  readonly question: FitQuestion;
  /** Memory as it is without a change. */
  readonly split: MemorySplit;
}

/** Whether the question fits with some keys changed: the same way as it would be answered when it is asked so. */
function fitsWith({ replica, question }: Asked, keys: FitQuestion, gpu: Gpu = replica.gpu): boolean {
  const changed = { ...question, ...keys };
  const placed = parallelOf(changed, replica.model.moe !== null);
  if ("problems" in placed) return false;
  // What was measured holds for these weights on these GPUs.
  const measured = keys.maxModelLen === undefined && keys.kvCacheDtype === undefined ? null : replica.measured;
  const model = { model: replica.model, format: replica.weights };
  const candidate = assemble(changed, { model, gpu, parallel: placed.parallel, measured });
  const kvGiB = expectedKvGiB(candidate);
  const holds = candidate.model.kind === "decoder" ? expectedFullLengthRequests(candidate, { kvGiB }) >= 1 : kvGiB >= 0;
  return holds && impossible(candidate).length === 0;
}

const step = 256;
/** Nobody serves requests that are shorter than this. */
const leastContext = 1024;

function shorter(asked: Asked): Change | null {
  const { replica, question } = asked;
  const wanted = (question.inputTokens ?? 0) + (question.outputTokens ?? 0);
  const change = (steps: number) => ({ maxModelLen: steps * step });
  let fits = Math.ceil(Math.max(wanted, leastContext) / step);
  let fails = Math.ceil(replica.context / step);
  if (replica.model.kind !== "decoder" || fits >= fails || !fitsWith(asked, change(fits))) return null;
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (fitsWith(asked, change(middle))) fits = middle;
    else fails = middle;
  }
  return { text: `a context of ${fits * step} tokens would fit`, keys: change(fits) };
}

function narrowerCache(asked: Asked): Change | null {
  const keys = { kvCacheDtype: "fp8" } as const;
  const { model, kv } = asked.replica;
  const possible = model.kind === "decoder" && kv !== "fp8" && asked.split.kvGiB > 0 && fitsWith(asked, keys);
  return possible ? { text: "a KV cache in fp8 would fit", keys } : null;
}

/** Formats with fewer bits, the widest first. */
const narrower: readonly WeightFormatId[] = ["bf16", "fp8", "int8", "awq", "nvfp4"];

function fewerBits(asked: Asked): Change | null {
  const { weights, gpu, measured, cudaTotalGiB } = asked.replica;
  // Parts that are not quantised keep their size, so weights shrink by no more than this.
  const shrinks = (id: WeightFormatId): number =>
    weightFormats[id].bytesPerParameter / weightFormats[weights].bytesPerParameter;
  const format = narrower.find(
    (id) =>
      measured === null &&
      shrinks(id) < 1 &&
      asked.split.weightsGiB * shrinks(id) < cudaTotalGiB &&
      formatSupport(id, gpu.computeCapability) !== "no" &&
      fitsWith(asked, { quantization: id }),
  );
  return format === undefined ? null : { text: `weights in ${format} would fit`, keys: { quantization: format } };
}

/** Ways to split a model further, the fewest GPUs first: over one machine, then over several. */
const splits = [
  [2, 1],
  [4, 1],
  [8, 1],
  [8, 2],
  [8, 4],
] as const;

interface Split {
  readonly keys: FitQuestion;
  readonly gpus: number;
  readonly text: string;
}

function splitsOf({ parallel }: Replica): readonly Split[] {
  return splits
    .map(([tensor, pipeline]) => {
      const gpus = tensor * pipeline * parallel.data;
      const keys = { tensorParallel: tensor, pipelineParallel: pipeline, dataParallel: parallel.data, gpus };
      const degrees = [`tensor parallel ${tensor}`, ...(pipeline === 1 ? [] : [`pipeline parallel ${pipeline}`])];
      return { keys, gpus, text: degrees.join(", ") };
    })
    .filter(({ gpus }) => gpus > gpusOf(parallel));
}

function moreGpus(asked: Asked): Change | null {
  const { replica } = asked;
  const least = weightsOfAll(asked);
  const found = splitsOf(replica).find(
    ({ keys, gpus }) => gpus * replica.cudaTotalGiB > least && fitsWith(asked, keys),
  );
  if (found === undefined) return null;
  return { text: `${found.gpus} × ${replica.gpu.id} (${found.text}) would fit`, keys: found.keys };
}

/** Parts of the weights that each GPU holds whole, at most. */
const replicatedShare = 0.1;

/** GiB of GPUs that the weights take, without what each GPU holds whole: fewer need not be tried. */
function weightsOfAll({ replica, split }: Asked): number {
  const { engine, parallel } = replica;
  const share = engine.kind === "vllm" ? engine.gpuMemoryUtilization : 1;
  return (split.weightsGiB * gpusOf(parallel) * (1 - replicatedShare)) / share;
}

const bySize: readonly Gpu[] = catalogue.toSorted(
  (a, b) => a.cudaTotalGiB - b.cudaTotalGiB || a.memoryBandwidthGBps - b.memoryBandwidthGBps,
);

/** The smallest other GPU, as many as now or, where none is large enough, more of them. */
function otherGpu(asked: Asked): Change | null {
  const { replica } = asked;
  const now = { keys: {}, gpus: gpusOf(replica.parallel), text: "" };
  const least = weightsOfAll(asked);
  for (const { keys, gpus, text } of [now, ...splitsOf(replica)]) {
    for (const gpu of bySize) {
      const enough = gpus * gpu.cudaTotalGiB > least && gpu.cudaTotalGiB > replica.cudaTotalGiB;
      const change = { ...keys, gpu: gpu.id, cudaTotalGib: undefined, interconnect: undefined };
      if (!enough || !fitsWith(asked, change, gpu)) continue;
      const name = gpus === 1 ? `one ${gpu.id}` : `${gpus} × ${gpu.id}${text === "" ? "" : ` (${text})`}`;
      return { text: `${name} would fit`, keys: change };
    }
  }
  return null;
}
