import type { Path } from "../environment";
import { weightFormats, type WeightFormatId } from "../catalog/formats";
import { compareVersions } from "../catalog/compare-versions";
import type { Gpu } from "../catalog/gpus";
import { bytesPerGiB } from "../catalog/units";
import { removedVllmQuantization } from "../catalog/vllm-removals";
import { cheapest, type Option, type RunnerUp } from "./cheapest";
import { gpusUsdPerHour, priceOfGpus } from "./cost";
import { errorAt, warningAt, type Finding } from "./findings";
import {
  activationFormat,
  layouts,
  madeWhileLoading,
  publishedFormat,
  whyDataType,
  whyQuantization,
  type LayoutQuestion,
} from "./layout";
import { impossible, maxConcurrency, splitMemory, type ImpossibilityId, type MemorySplit } from "./memory";
import type { Arithmetic, By, Term } from "./plan";
import { gpusOf, type Parallel, type Replica } from "./replica";
import type { ReleaseLoad } from "./load";
import { sizeRelease, speedUnder, type ReleaseSpeed, type Size } from "./sizing";

export interface Choice {
  readonly replica: Replica;
  /** How the checkpoint's weights are stored. */
  readonly published: WeightFormatId;
  readonly split: MemorySplit;
  readonly size: Size;
  /** Null where no route says its load, or these pods cannot keep up with it. */
  readonly speed: ReleaseSpeed | null;
  readonly dataType: "bfloat16" | "float16" | "float32";
  readonly runnersUp: readonly RunnerUp[];
  /** How the choice was made and between what, and what the others would cost, by path inside the plan. */
  readonly why: By<Arithmetic>;
}

export interface ChoiceQuestion extends LayoutQuestion {
  /** What routes ask of the release; null where none says. */
  readonly load: ReleaseLoad | null;
  readonly at: Path;
}

/** The choice, unless none can be made, and what is wrong with it: an overridden finding needs its choice all the same. */
export interface Chosen {
  readonly choice?: Choice;
  readonly findings: readonly Finding[];
}

interface Candidate {
  readonly replica: Replica;
  readonly split: MemorySplit;
  readonly size: Size;
  readonly problem: Problem | null;
}

/** What keeps a candidate from being taken. */
interface Problem {
  readonly kind: "impossible" | "memory" | "context" | "load";
  readonly text: string;
  readonly finding: Finding;
}

/** How a model is laid over GPUs: of what the settings leave open, the cheapest that fits and meets its load. */
export function choose(question: ChoiceQuestion): Chosen {
  const { at, model } = question;
  if (model.model.kind !== "decoder") {
    const message = `${model.model.id} cannot be planned: it is no decoder that generates text, and nothing else is served here yet`;
    return {
      findings: [errorAt([...at, "model"], "model-not-planned", message, "Choose a model that generates text.")],
    };
  }
  const replicas = layouts(question);
  const candidates = replicas.map((replica) => candidate(question, replica));
  const possible = candidates.filter(({ problem }) => problem?.kind !== "impossible");
  if (possible.length === 0) return { findings: impossibleFindings(question, candidates) };

  const nearest = mostRoom(possible);
  const decision = cheapest(
    candidates.map((each) => option(question, each)),
    nearest,
  );
  const taken = decision.taken?.thing ?? nearest;
  const findings = [
    ...(taken.problem === null ? [] : [taken.problem.finding]),
    ...tight(question, taken),
    ...needsCheckpoint(question, taken.replica),
    ...formatGone(question, taken.replica),
  ];
  const { replica, split, size } = taken;
  const { runnersUp } = decision;
  const dataType = typeNames[activationFormat(replica.gpu, replica.weights)];
  return {
    choice: {
      replica,
      published: publishedFormat(model),
      split,
      size,
      speed: speedUnder(replica, question.load, size),
      dataType,
      runnersUp,
      why: {
        tensorParallel: whyLayout(question, candidates, taken, runnersUp),
        dataType: whyDataType(question, dataType),
        quantization: whyQuantization(question, replica.weights),
        ...decision.why,
      },
    },
    findings,
  };
}

const typeNames = { bf16: "bfloat16", fp16: "float16", fp32: "float32" } as const;

function candidate(question: ChoiceQuestion, replica: Replica): Candidate {
  const split = splitMemory(replica);
  const [reason] = impossible(replica);
  const tooWide = gpusOf(replica.parallel) > question.pool.gpusPerNode;
  const { replicas } = question.settings;
  const unfit =
    tooWide || reason !== undefined ? notPossible(question, replica, reason) : notFitting(question, replica, split);
  // What does not start serves no load.
  const size = sizeRelease(replica, split, replicas, unfit === null ? question.load : null);
  return { replica, split, size, problem: unfit ?? notMeeting(question, size) };
}

/** What a layout is called by. */
export interface NamedLayout {
  readonly parallel: Pick<Parallel, "tensor" | "pipeline" | "data">;
  readonly gpu: Pick<Gpu, "id">;
  readonly weights: WeightFormatId;
}

/** `2 × L40S (tensor 2), fp8`. */
export function nameOf({ parallel, gpu, weights }: NamedLayout): string {
  const split = [
    ...(parallel.tensor > 1 ? [`tensor ${parallel.tensor}`] : []),
    ...(parallel.pipeline > 1 ? [`pipeline ${parallel.pipeline}`] : []),
    ...(parallel.data > 1 ? [`data ${parallel.data}`] : []),
  ].join(" × ");
  return `${gpusOf(parallel)} × ${gpu.id}${split === "" ? "" : ` (${split})`}, ${weights}`;
}

function option(question: ChoiceQuestion, thing: Candidate): Option<Candidate> {
  const gpusPerPod = gpusOf(thing.replica.parallel);
  const pods = thing.size.levels.max;
  const gpus = gpusPerPod * pods;
  return {
    thing,
    name: nameOf(thing.replica),
    usdPerHour: gpusUsdPerHour(gpus, question.pool),
    price: priceOfGpus(gpusPerPod, pods, question.pool),
    gpus,
    out: thing.problem?.text ?? null,
  };
}

/** Where nothing works, the one that comes nearest is shown. */
function mostRoom(candidates: readonly Candidate[]): Candidate {
  // Where none holds a request, the cache that is least below nothing.
  const room = ({ split }: Candidate): number => (split.kvGiB > 0 ? split.fullLengthRequests : split.kvGiB);
  return candidates.reduce((best, each) => (room(each) > room(best) ? each : best));
}

function notPossible(
  { at, model, pool }: ChoiceQuestion,
  { parallel }: Replica,
  reason: ReturnType<typeof impossible>[number] | undefined,
): Problem {
  const gpus = gpusOf(parallel);
  if (gpus > pool.gpusPerNode || reason === undefined) {
    const text = `a replica on ${gpus} GPUs does not fit a machine with ${pool.gpusPerNode}`;
    const fix = `Write at most ${pool.gpusPerNode}, or use a pool with larger machines.`;
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
};

function settingOf(id: ImpossibilityId): string {
  if (id.startsWith("tensor-parallel")) return "tensorParallel";
  if (id.startsWith("weight-format")) return "quantization";
  if (id.startsWith("kv-format")) return "kvCache";
  return settingsOf[id] ?? "model";
}

/** All are impossible: each way in which they are, once. */
function impossibleFindings({ at, model, pool }: ChoiceQuestion, candidates: readonly Candidate[]): readonly Finding[] {
  const found = new Map(
    candidates.flatMap(({ problem }) => (problem === null ? [] : [[problem.text, problem.finding]])),
  );
  if (found.size > 0) return [...found.values()];
  const message = `${model.model.id} cannot be laid over machines with ${pool.gpusPerNode} GPUs`;
  return [errorAt([...at, "pool"], "layout-impossible", message, "Use a pool with larger machines.")];
}

const gib = (value: number): string => `${value.toFixed(2)} GiB`;

/** Requests of the whole context that fit when the estimate is exact. */
function withoutMargin({ replica, split }: Pick<Candidate, "replica" | "split">): number {
  return maxConcurrency(replica, Math.max(0, split.kvGiB) * bytesPerGiB, replica.context);
}

function notFitting(question: ChoiceQuestion, replica: Replica, split: MemorySplit): Problem | null {
  // A layout that somebody pinned is taken at the estimate's word; one that we choose keeps its margin.
  const pinned = question.settings.tensorParallel !== undefined;
  if (split.fullLengthRequests >= 1 || (pinned && withoutMargin({ replica, split }) >= 1)) return null;
  const { settings, at } = question;
  const on = gpusOf(replica.parallel) === 1 ? `one ${replica.gpu.id}` : nameOf(replica).replace(/, .*$/, "");
  const sum = `${gib(split.budgetGiB)} of its GPU memory − ${gib(split.weightsGiB)} weights − ${gib(split.overheadGiB)} overhead = ${gib(split.kvGiB)} for the KV cache`;
  const most = longestContext(replica, split);
  if (most === 0) {
    const message = `${replica.model.id} does not fit on ${on}: per GPU ${sum}`;
    const fix = "Use a pool with larger GPUs or more of them in a machine, weights in fewer bits, or a smaller model.";
    return {
      kind: "memory",
      text: `does not fit: ${gib(split.weightsGiB)} weights of ${gib(split.budgetGiB)} per GPU`,
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

function notMeeting({ at }: ChoiceQuestion, { problem }: Size): Problem | null {
  if (problem === null) return null;
  const { text, fix } = problem;
  return { kind: "load", text, finding: errorAt([...at, "replicas"], "load-not-met", text, fix) };
}

/** It fits, but not by more than the estimate may be wrong. */
function tight({ at, settings }: ChoiceQuestion, { problem, replica, split }: Candidate): readonly Finding[] {
  if (problem !== null || split.fullLengthRequests >= 1) return [];
  const message = `one request of ${settings.context} tokens fits ${replica.gpu.id} by less than the estimate may be wrong (${gib(split.marginGiB)}): ${gib(split.kvGiB)} are expected for the KV cache`;
  const fix = `Write \`context: ${longestContext(replica, split)}\` or less, or measure it: \`modelyard fit --from-log\`.`;
  return [warningAt([...at, "context"], "memory-tight", message, fix)];
}

/** Other formats exist only as a checkpoint; the name of one on the hub says so. */
function needsCheckpoint({ at, model, settings, gpu }: ChoiceQuestion, { weights }: Replica): readonly Finding[] {
  const published = publishedFormat(model);
  const same = weights === published || weightFormats[weights].quantises === "nothing";
  const fromPlain = weightFormats[published].quantises === "nothing" && madeWhileLoading.has(weights);
  // A volume may hold any checkpoint; only the hub's is known by its name.
  if (same || fromPlain || settings.weights.from !== "hub") return [];
  const message = `${settings.model} is published in ${published}, and vLLM makes no ${weights} of it while it loads on ${gpu.id}`;
  const fix = `Name a checkpoint that is published in ${weights}, or write \`quantization: fp8\`, which is made while loading.`;
  return [errorAt([...at, "quantization"], "checkpoint-needed", message, fix)];
}

/** Words by which vLLM's `--quantization` knew a format that it has dropped since. */
const droppedWords: Readonly<Partial<Record<WeightFormatId, string>>> = { nf4: "bitsandbytes" };

function formatGone({ at, version }: ChoiceQuestion, { weights }: Replica): readonly Finding[] {
  const word = droppedWords[weights];
  const removal = removedVllmQuantization.find(({ name }) => name === word);
  if (removal === undefined || compareVersions(version, removal.goneIn) < 0) return [];
  const message = `vLLM ${version} cannot load weights in ${weights}: it has no ${removal.name} since ${removal.goneIn}`;
  const fix = "Use a checkpoint in AWQ or GPTQ, or `quantization: fp8`.";
  return [errorAt([...at, "quantization"], "layout-impossible", message, fix)];
}

function whyLayout(
  question: ChoiceQuestion,
  candidates: readonly Candidate[],
  taken: Candidate,
  runnersUp: readonly RunnerUp[],
): Arithmetic {
  const room = candidates.map(({ replica, split }): Term => ({
    name: nameOf(replica),
    value: split.kvTokens ?? `${split.fullLengthRequests.toFixed(2)} requests of full length`,
    ...(split.kvTokens === null ? {} : { unit: "tokens" }),
    source: runnersUp.find(({ name }) => name === nameOf(replica))?.reason ?? "taken",
  }));
  const works = taken.problem === null;
  const formula =
    question.settings.tensorParallel !== undefined
      ? "pinned in the environment file"
      : works
        ? "the cheapest layout whose KV cache holds one request of full length and that meets the load"
        : "the layout that comes nearest: none of them works";
  const needed: Term = {
    name: "one request of full length",
    value: question.settings.context,
    unit: "tokens",
    source: "context",
  };
  return { formula, terms: [needed, ...room], result: taken.replica.parallel.tensor };
}
