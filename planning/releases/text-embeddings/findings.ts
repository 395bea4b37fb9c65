import type { Model } from "../../../catalog/models";
import type { Path } from "../../../environment";
import { errorAt, warningAt, type Finding } from "../../findings";
import type { ReleaseLoad } from "../../load";
import type { PoolPlan } from "../../plan";
import type { ReplicaLevels } from "../../room";
import { gibText } from "../../text";
import type { PodsNeeded } from "./pods";
import type { PodSize } from "./size";

/** A release whose size is decided. */
export interface Sized {
  readonly model: Model;
  readonly pool: PoolPlan;
  readonly size: PodSize;
  readonly longestRequest: number;
  readonly load: ReleaseLoad | null;
  /** Null where no load is known, or no number of pods serves it. */
  readonly needed: PodsNeeded | null;
  readonly levels: ReplicaLevels;
}

/** What is wrong with a release that can be planned. */
export function sizeFindings(sized: Sized, at: Path): readonly Finding[] {
  return [
    ...memoryFinding(sized, at),
    ...cpuFinding(sized, at),
    ...batchFinding(sized, at),
    ...loadFindings(sized, at),
  ];
}

function memoryFinding({ model, pool, size: { memory, memoryGiB, batch } }: Sized, at: Path): readonly Finding[] {
  const has = pool.allocatable.memoryGiB;
  if (memoryGiB <= has) return [];
  const { weightsGiB, activationsGiB, tokenizersGiB, processGiB } = memory;
  const parts = `${gibText(weightsGiB)} to load the weights + ${gibText(activationsGiB)} for a batch of ${batch.tokens} tokens in texts of ${batch.longestText} + ${gibText(tokenizersGiB)} for tokenizers + ${gibText(processGiB)} for the process`;
  const message = `${model.id} does not fit a machine of the pool ${pool.name}: ${parts} = ${memoryGiB} GiB, and a machine has ${gibText(has)} for pods`;
  const fix = "Lower `maxBatchTokens` and let longer texts be cut (`autoTruncate: true`), or use larger machines.";
  return [errorAt([...at, "model"], "host-memory-too-small", message, fix)];
}

/** The arithmetic of memory and speed is that of one socket and its own memory. */
function cpuFinding({ pool, size: { cpu } }: Sized, at: Path): readonly Finding[] {
  const { capacity, processor } = pool;
  const sockets = processor?.sockets ?? 1;
  const ofSocket = Math.floor(capacity.cpu / sockets);
  if (sockets === 1 || cpu <= ofSocket) return [];
  const message = `a pod of ${cpu} CPU is on several sockets of the pool ${pool.name}, each of ${ofSocket} CPU: much of its memory is then that of another, and slower than planned`;
  return [warningAt([...at, "cpu"], "pod-over-sockets", message, `Write at most ${ofSocket}, and more pods.`)];
}

/** A text that arrives after a batch has begun waits for it, and is computed in the next. */
function batchFinding({ size: { batch, cpu }, longestRequest }: Sized, at: Path): readonly Finding[] {
  const waited = 2 * batch.seconds;
  if (waited <= longestRequest) return [];
  const message = `${cpu} CPU compute a batch of ${batch.tokens} tokens in texts of ${batch.longestText} in ${seconds(batch.seconds)}: a text that comes after one has begun is answered after two, and the longest request is ${longestRequest} s`;
  const fix = "Give the pods more `cpu`, lower `maxBatchTokens`, or raise `longestRequest`.";
  return [errorAt([...at, "longestRequest"], "batch-too-slow", message, fix)];
}

function loadFindings({ size, load, needed, levels }: Sized, at: Path): readonly Finding[] {
  if (load === null) return [];
  const written = load.outputTokens > 0 ? [answersExpected(load, at)] : [];
  if (needed === null) return [...written, neverKept(size, load, at)];
  return levels.max < needed.most ? [...written, tooFew(size, load, needed, levels, at)] : written;
}

function answersExpected({ routes, outputTokens }: ReleaseLoad, at: Path): Finding {
  const message = `the routes ${routes.join(", ")} expect answers of ${Math.round(outputTokens)} tokens, and vectors and scores have none`;
  return warningAt(at, "answers-expected", message, "Write `outputTokens: 0` under `load` of the routes.");
}

function neverKept({ requestSeconds, cpu }: PodSize, { routes, objectives }: ReleaseLoad, at: Path): Finding {
  const promised = objectives.ttftP95;
  const alone = `one request alone takes ${cpu} CPU ${seconds(requestSeconds)}`;
  const message =
    promised === undefined
      ? `no number of pods serves what the routes ${routes.join(", ")} ask: ${alone}`
      : `no number of pods keeps what the routes ${routes.join(", ")} promise: ${alone}, and ${seconds(promised)} are promised`;
  return errorAt(
    at,
    "load-not-met",
    message,
    "Give the pods more `cpu`, promise less in `slo`, or use a smaller model.",
  );
}

function tooFew(
  { requestSeconds, cpu }: PodSize,
  { routes, peakRequestsPerSecond }: ReleaseLoad,
  { most }: PodsNeeded,
  { max }: ReplicaLevels,
  at: Path,
): Finding {
  const asked = `${Number(peakRequestsPerSecond.toPrecision(3))} requests/s at the worst moment, each ${seconds(requestSeconds)} of ${cpu} CPU`;
  const pods = max === 1 ? "one pod" : `${max} pods`;
  const message = `${pods} cannot keep what the routes ${routes.join(", ")} ask (${asked}): that needs ${most}`;
  const fix = `Write \`replicas: ${most}\`, or leave it out and let the load decide.`;
  return errorAt([...at, "replicas"], "load-not-met", message, fix);
}

function seconds(value: number): string {
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${Number(value.toPrecision(3))} s`;
}
