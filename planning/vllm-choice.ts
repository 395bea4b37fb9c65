import type { Path } from "../environment";
import type { WeightFormatId } from "../catalog/formats";
import { cheapest, type Decision, isBeaten, type Measure, type Option, type RunnerUp } from "./cheapest";
import { gpusUsdPerHour, priceOfGpus } from "./cost";
import { errorAt, type Finding } from "./findings";
import {
  activationFormat,
  isMadeWhileLoading,
  layouts,
  nameOf,
  publishedFormat,
  whyDataType,
  whyQuantization,
  type LayoutQuestion,
} from "./layout";
import {
  formatGone,
  needsCheckpoint,
  notFitting,
  notMeeting,
  notPossible,
  tight,
  type Problem,
} from "./layout-problems";
import type { ReleaseLoad } from "./load";
import { hostNeeds, impossible, splitMemory, type HostNeeds, type MemorySplit } from "./memory";
import type { Arithmetic, By, Term } from "./plan";
import { mostGpusOfPod } from "./pool-sharing";
import { gpusOf, type Replica } from "./replica";
import { groupSplitProblem } from "./releases/group-split";
import { noPlaceFor } from "./rooms";
import { leastSize, sizeRelease, speedUnder, type ReleaseSpeed, type Size } from "./sizing";
import { hostExtras } from "./vllm-extras";
import { onDisk } from "./weights/choice";

export interface Choice {
  readonly replica: Replica;
  /** How the checkpoint's weights are stored. */
  readonly published: WeightFormatId;
  readonly split: MemorySplit;
  readonly size: Size;
  /** What one pod asks of its machine. */
  readonly host: HostNeeds;
  /** Null where no route says its load, or these pods cannot keep up with it. */
  readonly speed: ReleaseSpeed | null;
  readonly dataType: "bfloat16" | "float16" | "float32";
  readonly runnersUp: readonly RunnerUp[];
  /** How the choice was made and between what, and what the others would cost, by path inside the plan. Made when read. */
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
  /** Neither sized for its load nor given a place: the fewest pods that settings allow are no cheaper than what works. */
  readonly beaten: boolean;
  readonly problem: Problem | null;
  /** Why its pods find no place on the pool's machines, even alone; the room of the pool is what says so. */
  readonly noPlace: string | null;
}

/** How a model is laid over GPUs: of what the settings leave open, the cheapest that fits and meets its load. */
export function choose(question: ChoiceQuestion): Chosen {
  const { at, model } = question;
  if (model.model.kind !== "decoder") {
    const message = `${model.model.id} cannot be planned for vLLM: it is no decoder, and memory of others is not known here`;
    return {
      findings: [
        errorAt(
          [...at, "model"],
          "model-not-planned",
          message,
          "Choose a decoder, or an engine for encoders: `engine: text-embeddings-inference`.",
        ),
      ],
    };
  }
  const unsplit = groupSplitProblem(question.settings, question.pool, at);
  if (unsplit !== null) return { findings: [unsplit] };
  const options = tried(question);
  const possible = options.map(({ thing }) => thing).filter(({ problem }) => problem?.kind !== "impossible");
  if (possible.length === 0) return { findings: impossibleFindings(question, options) };

  const decision = cheapest(options, () => nearestOf(question, possible));
  const { shown, runnersUp } = decision;
  const { replica, split, size, problem } = shown;
  const findings = [
    ...(problem === null ? tight(question, replica, split) : [problem.finding]),
    ...needsCheckpoint(question, replica),
    ...formatGone(question, replica),
  ];
  return {
    choice: {
      replica,
      published: publishedFormat(model),
      split,
      size,
      host: hostOf(question, replica),
      speed: speedUnder(replica, question.load, size),
      dataType: dataTypeOf(replica),
      runnersUp,
      get why() {
        return whyOf(question, options, decision);
      },
    },
    findings,
  };
}

function whyOf(
  question: ChoiceQuestion,
  options: readonly Option<Candidate>[],
  decision: Decision<Candidate>,
): By<Arithmetic> {
  const { replica } = decision.shown;
  return {
    tensorParallel: whyLayout(question, options, decision),
    dataType: whyDataType(question, dataTypeOf(replica)),
    quantization: whyQuantization(question, replica.weights),
    ...decision.why,
  };
}

function dataTypeOf({ gpu, weights }: Replica): Choice["dataType"] {
  return typeNames[activationFormat(gpu, weights)];
}

const typeNames = { bf16: "bfloat16", fp16: "float16", fp32: "float32" } as const;

/** Every layout, each only as far as it can still be the cheapest. */
function tried(question: ChoiceQuestion): readonly Option<Candidate>[] {
  let best: Option<Candidate> | undefined;
  return layouts(question).map((replica) => {
    const each = option(question, candidate(question, replica, best));
    if (each.out === null && !isBeaten(each, best)) best = each;
    return each;
  });
}

function candidate(question: ChoiceQuestion, replica: Replica, best: Measure | undefined): Candidate {
  const split = splitMemory(replica);
  const [reason] = impossible(replica);
  const { settings, load } = question;
  const tooWide = gpusOf(replica.parallel) > mostGpusOfPod(question.pool) * settings.nodes;
  const unfit =
    tooWide || reason !== undefined ? notPossible(question, replica, reason) : notFitting(question, replica, split);
  const least = leastSize(settings.replicas);
  const beaten = load !== null && unfit === null && isBeaten(costOf(question, replica, least), best);
  // What does not start serves no load.
  if (beaten || unfit !== null) return { replica, split, size: least, beaten, problem: unfit, noPlace: null };
  const size = sizeRelease(replica, split, settings.replicas, load);
  const problem = notMeeting(question, size);
  const pods = size.levels.min * settings.nodes;
  const noPlace = problem === null ? noPlaceFor(question.pool, hostOf(question, replica), pods) : null;
  return { replica, split, size, beaten, problem, noPlace };
}

function hostOf(question: ChoiceQuestion, replica: Replica): HostNeeds {
  const { settings } = question;
  return hostNeeds(asStored(question, replica), onDisk(settings.weights), hostExtras(settings, replica));
}

/** The replica with the weights that its pods read. */
function asStored({ model }: ChoiceQuestion, replica: Replica): Replica {
  const published = publishedFormat(model);
  return isMadeWhileLoading(published, replica.weights) ? { ...replica, weights: published } : replica;
}

/** What is shown where nothing works: the layout that only the machines have no place for, or that has the most room. */
function nearestOf(question: ChoiceQuestion, possible: readonly Candidate[]): Candidate {
  const most = mostRoom(possible);
  const unplaced = possible.filter(({ problem }) => problem === null);
  const options = unplaced.map((each) => ({ ...option(question, each), out: null }));
  return cheapest(options, () => most).shown;
}

function option(question: ChoiceQuestion, thing: Candidate): Option<Candidate> {
  const { replica, size, beaten } = thing;
  const { settings, pool } = question;
  return {
    thing,
    name: nameOf(replica),
    ...costOf(question, replica, size),
    price: () => priceOfGpus(gpusOf(replica.parallel), size.levels.max, pool),
    // Where settings say how many pods there are, the fewest are all of them.
    ...(beaten && settings.replicas === "auto" ? { part: "one pod alone" } : {}),
    out: thing.problem?.text ?? thing.noPlace,
  };
}

function costOf({ pool }: ChoiceQuestion, { parallel }: Replica, { levels }: Size): Measure {
  const gpus = gpusOf(parallel) * levels.max;
  return { usdPerHour: gpusUsdPerHour(gpus, pool), gpus };
}

function mostRoom(candidates: readonly Candidate[]): Candidate {
  // Where none holds a request, the cache that is least below nothing.
  const room = ({ split }: Candidate): number => (split.kvGiB > 0 ? split.fullLengthRequests : split.kvGiB);
  return candidates.reduce((best, each) => (room(each) > room(best) ? each : best));
}

/** All are impossible: each way in which they are, once. */
function impossibleFindings(
  { at, model, pool }: ChoiceQuestion,
  options: readonly Option<Candidate>[],
): readonly Finding[] {
  const found = new Map(
    options.flatMap(({ thing: { problem } }) => (problem === null ? [] : [[problem.text, problem.finding]])),
  );
  if (found.size > 0) return [...found.values()];
  const message = `${model.model.id} cannot be laid over machines with ${pool.gpusPerNode} GPUs`;
  return [errorAt([...at, "pool"], "layout-impossible", message, "Use a pool with larger machines.")];
}

function whyLayout(
  { settings }: ChoiceQuestion,
  options: readonly Option<Candidate>[],
  { shown, runnersUp }: Decision<Candidate>,
): Arithmetic {
  const room = options.map(({ name, thing: { split } }): Term => ({
    name,
    value: split.kvTokens ?? `${split.fullLengthRequests.toFixed(2)} requests of full length`,
    ...(split.kvTokens === null ? {} : { unit: "tokens" }),
    source: runnersUp.find((runnerUp) => runnerUp.name === name)?.reason ?? "taken",
  }));
  const works = shown.problem === null;
  const formula =
    settings.tensorParallel !== undefined
      ? "pinned in the environment file"
      : works
        ? "the cheapest layout whose KV cache holds one request of full length and that meets the load"
        : "the layout that comes nearest: none of them works";
  const needed: Term = {
    name: "one request of full length",
    value: settings.context,
    unit: "tokens",
    source: "context",
  };
  return { formula, terms: [needed, ...room], result: shown.replica.parallel.tensor };
}
