import { compareVersions } from "../catalog/compare-versions";
import { weightFormats, type WeightFormatId } from "../catalog/formats";
import { bytesPerGiB } from "../catalog/units";
import { removedVllmQuantization } from "../catalog/vllm-removals";
import type { Path } from "../environment";
import { errorAt, warningAt, type Finding } from "./findings";
import { isMadeWhileLoading, nameOf, publishedFormat, type LayoutQuestion } from "./layout";
import {
  expectedFullLengthRequests,
  maxConcurrency,
  memoryMargin,
  type Impossibility,
  type ImpossibilityId,
  type MemorySplit,
} from "./memory";
import { mostGpusOfPod } from "./pool-sharing";
import { gpusOf, type Replica } from "./replica";
import type { Size } from "./sizing";
import { tensorAcross } from "./releases/group-split";
import { gibText } from "./text";

/** What a layout is checked against, and where the release stands. */
interface Question extends LayoutQuestion {
  readonly at: Path;
}

/** What keeps a layout from being taken. */
export interface Problem {
  readonly kind: "impossible" | "memory" | "context" | "load";
  readonly text: string;
  readonly finding: Finding;
}

/** A layout that the machine or the engine does not know. */
export function notPossible(
  { at, model, pool, settings }: Question,
  { parallel }: Replica,
  reason: Impossibility | undefined,
): Problem {
  const gpus = gpusOf(parallel);
  const { tensor } = parallel;
  if (pool.sharing === null && tensor > pool.gpusPerNode) {
    const machines = Math.ceil(gpus / pool.gpusPerNode);
    const fix = `Write \`tensorParallel: ${pool.gpusPerNode}\`, \`pipelineParallel: ${machines}\` and \`nodes: ${machines}\`, or use a pool with larger machines.`;
    const finding = tensorAcross(tensor, pool.gpusPerNode, at, fix);
    return { kind: "impossible", text: finding.message, finding };
  }
  if (gpus > mostGpusOfPod(pool) * settings.nodes || reason === undefined) {
    const shared = pool.sharing !== null;
    const text = shared
      ? `a replica on ${gpus} GPUs has none on the pool ${pool.name}: its GPUs are shared, and parts of them cannot be combined`
      : `a replica on ${gpus} GPUs does not fit a machine with ${pool.gpusPerNode}`;
    const fix = shared
      ? "Write 1, or use a pool with whole GPUs."
      : `Write at most ${pool.gpusPerNode}, or use a pool with larger machines.`;
    return {
      kind: "impossible",
      text,
      finding: errorAt([...at, "tensorParallel"], "tensor-parallel-impossible", text, fix),
    };
  }
  const { id, message, allowed } = reason;
  const setting = settingOf(id);
  const fix = allowed.length === 0 ? "Choose another model or another GPU." : `Allowed here: ${allowed.join(", ")}.`;
  const kind = id.startsWith("tensor-parallel")
    ? "tensor-parallel-impossible"
    : id === "context-range"
      ? "context-too-long"
      : "layout-impossible";
  const text = message.includes(model.model.id) ? message : `${model.model.id}: ${message}`;
  return {
    kind: id === "context-range" ? "context" : "impossible",
    text,
    finding: errorAt([...at, setting], kind, text, fix),
  };
}

/** Settings that a layout is impossible by, where its id does not begin with their name. */
const settingsOf: Readonly<Partial<Record<ImpossibilityId, string>>> = {
  "pipeline-layers": "pipelineParallel",
  "data-parallel-dense": "dataParallel",
  "expert-parallel-dense": "expertParallel",
  "context-range": "context",
  "sequences-range": "maxSequences",
  "utilisation-range": "gpuMemoryUtilization",
  "decode-context-tensor": "decodeContextParallel",
  "decode-context-heads": "decodeContextParallel",
  "decode-context-windows": "decodeContextParallel",
};

function settingOf(id: ImpossibilityId): string {
  if (id.startsWith("tensor-parallel")) return "tensorParallel";
  if (id.startsWith("weight-format")) return "quantization";
  if (id.startsWith("kv-format")) return "kvCache";
  return settingsOf[id] ?? "model";
}

/** A layout whose memory does not hold one request of full length. */
export function notFitting(question: Question, replica: Replica, split: MemorySplit): Problem | null {
  // A layout that somebody pinned is taken at the estimate's word; one that we choose keeps its margin.
  const pinned = question.settings.tensorParallel !== undefined;
  const tooLarge = fixedCacheTooLarge(question, replica, split);
  if (tooLarge !== null) return tooLarge;
  if (split.fullLengthRequests >= 1 || (pinned && expectedFullLengthRequests(replica, split) >= 1)) return null;
  const { settings, at } = question;
  const on = gpusOf(replica.parallel) === 1 ? `one ${replica.gpu.id}` : nameOf(replica).replace(/, .*$/, "");
  const sum = `${gibText(split.budgetGiB)} of its GPU memory − ${gibText(split.weightsGiB)} weights − ${gibText(split.overheadGiB)} overhead = ${gibText(split.kvGiB)} for the KV cache`;
  const most = longestContext(replica, split);
  if (most === 0) {
    const message = `${replica.model.id} does not fit on ${on}: per GPU ${sum}`;
    const fix = "Use a pool with larger GPUs or more of them in a machine, weights in fewer bits, or a smaller model.";
    return {
      kind: "memory",
      text: `does not fit: ${gibText(split.weightsGiB)} weights of ${gibText(split.budgetGiB)} per GPU`,
      finding: errorAt([...at, "model"], "memory-too-small", message, fix),
    };
  }
  const message = `one request of ${settings.context} tokens does not fit on ${on}: per GPU ${sum}, which holds ${most} tokens of one request`;
  const narrower = settings.kvCache === "auto" && replica.gpu.supports.fp8Compute ? ", or `kvCache: fp8`" : "";
  const fix = `Write \`context: ${most}\` or less${narrower}, or use larger GPUs.`;
  return {
    kind: "context",
    text: `holds one request of ${most} tokens, not of ${settings.context}`,
    finding: errorAt([...at, "context"], "context-does-not-fit", message, fix),
  };
}

/** A KV cache of a fixed size that the GPU has no room for beside the weights. */
function fixedCacheTooLarge({ at, settings }: Question, replica: Replica, split: MemorySplit): Problem | null {
  if (settings.kvCacheMemory === undefined || split.spareGiB >= 0) return null;
  const held = `${gibText(split.weightsGiB)} weights + ${gibText(split.overheadGiB)} overhead`;
  const message = `a KV cache of ${gibText(split.kvGiB)} does not fit on ${nameOf(replica)}: per GPU ${gibText(split.totalGiB)} − ${held} leave ${gibText(split.kvGiB + split.spareGiB)}`;
  const most = Math.floor(split.kvGiB + split.spareGiB - memoryMargin.atLeastGiB);
  const fix = most < 1 ? "Use larger GPUs or more of them." : `Write \`kvCacheMemory: ${most}GiB\` or less.`;
  return {
    kind: "memory",
    text: `a KV cache of ${gibText(split.kvGiB)} does not fit beside ${held}`,
    finding: errorAt([...at, "kvCacheMemory"], "memory-too-small", message, fix),
  };
}

const contextStep = 128;

/** Tokens of the longest request that fits, margin kept, rounded down to a round number. */
export function longestContext(replica: Replica, split: MemorySplit): number {
  const bytes = Math.max(0, split.kvGiB - split.marginGiB) * bytesPerGiB;
  let [fits, fails] = [0, Math.floor(replica.model.maxContext / contextStep) + 1];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (maxConcurrency(replica, bytes, middle * contextStep) >= 1) fits = middle;
    else fails = middle;
  }
  return fits * contextStep;
}

/** A layout whose pods cannot do what routes ask. */
export function notMeeting({ at }: Question, { problem }: Size): Problem | null {
  if (problem === null) return null;
  const { text, fix } = problem;
  return { kind: "load", text, finding: errorAt([...at, "replicas"], "load-not-met", text, fix) };
}

/** It fits, but not by more than the estimate may be wrong. */
export function tight({ at, settings }: Question, replica: Replica, split: MemorySplit): readonly Finding[] {
  if (split.fullLengthRequests >= 1) return [];
  const message = `one request of ${settings.context} tokens fits ${replica.gpu.id} by less than the estimate may be wrong (${gibText(split.marginGiB)}): ${gibText(split.kvGiB)} are expected for the KV cache`;
  const fix = `Write \`context: ${longestContext(replica, split)}\` or less, or measure it: \`modelyard fit --from-log\`.`;
  return [warningAt([...at, "context"], "memory-tight", message, fix)];
}

/** Other formats exist only as a checkpoint; the name of one on the hub says so. */
export function needsCheckpoint({ at, model, settings, gpu }: Question, { weights }: Replica): readonly Finding[] {
  const published = publishedFormat(model);
  const same = weights === published || weightFormats[weights].quantises === "nothing";
  // A volume may hold any checkpoint; only the hub's is known by its name.
  if (same || isMadeWhileLoading(published, weights) || settings.weights.from !== "hub") return [];
  const message = `${settings.model} is published in ${published}, and vLLM makes no ${weights} of it while it loads on ${gpu.id}`;
  const fix = `Name a checkpoint that is published in ${weights}, or write \`quantization: fp8\`, which is made while loading.`;
  return [errorAt([...at, "quantization"], "checkpoint-needed", message, fix)];
}

/** Words by which vLLM's `--quantization` knew a format that it has dropped since. */
const droppedWords: Readonly<Partial<Record<WeightFormatId, string>>> = { nf4: "bitsandbytes" };

/** Weights that this version of the engine no longer reads. */
export function formatGone({ at, version }: Question, { weights }: Replica): readonly Finding[] {
  const word = droppedWords[weights];
  const removal = removedVllmQuantization.find(({ name }) => name === word);
  if (removal === undefined || compareVersions(version, removal.goneIn) < 0) return [];
  const message = `vLLM ${version} cannot load weights in ${weights}: it has no ${removal.name} since ${removal.goneIn}`;
  const fix = "Use a checkpoint in AWQ or GPTQ, or `quantization: fp8`.";
  return [errorAt([...at, "quantization"], "layout-impossible", message, fix)];
}
