import type { Path } from "../environment";
import type { WeightFormatId } from "../catalog/formats";
import { cheapest, type Option, type RunnerUp } from "./cheapest";
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
import { gpusOf, type Replica } from "./replica";
import { noPlaceFor } from "./rooms";
import { sizeRelease, speedUnder, type ReleaseSpeed, type Size } from "./sizing";

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
  readonly host: HostNeeds;
  readonly problem: Problem | null;
  /** Why its pods find no place on the pool's machines, even alone; the room of the pool is what says so. */
  readonly noPlace: string | null;
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

  const decision = cheapest(
    candidates.map((each) => option(question, each)),
    () => nearestOf(question, possible),
  );
  const taken = decision.shown;
  const findings = [
    ...(taken.problem === null ? [] : [taken.problem.finding]),
    ...(taken.problem === null ? tight(question, taken.replica, taken.split) : []),
    ...needsCheckpoint(question, taken.replica),
    ...formatGone(question, taken.replica),
  ];
  const { replica, split, size, host } = taken;
  const { runnersUp } = decision;
  const dataType = typeNames[activationFormat(replica.gpu, replica.weights)];
  return {
    choice: {
      replica,
      published: publishedFormat(model),
      split,
      size,
      host,
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
  const problem = unfit ?? notMeeting(question, size);
  const host = hostNeeds(asStored(question, replica), question.settings.weights.from === "hub");
  const noPlace = problem === null ? noPlaceFor(question.pool, host, size.levels.min) : null;
  return { replica, split, size, host, problem, noPlace };
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
  const gpusPerPod = gpusOf(thing.replica.parallel);
  const pods = thing.size.levels.max;
  const gpus = gpusPerPod * pods;
  return {
    thing,
    name: nameOf(thing.replica),
    usdPerHour: gpusUsdPerHour(gpus, question.pool),
    price: priceOfGpus(gpusPerPod, pods, question.pool),
    gpus,
    out: thing.problem?.text ?? thing.noPlace,
  };
}

function mostRoom(candidates: readonly Candidate[]): Candidate {
  // Where none holds a request, the cache that is least below nothing.
  const room = ({ split }: Candidate): number => (split.kvGiB > 0 ? split.fullLengthRequests : split.kvGiB);
  return candidates.reduce((best, each) => (room(each) > room(best) ? each : best));
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
