import { textEmbeddingsStart } from "../../catalog/text-embeddings-inference";
import { measuredLayers, timings, type Timing, type TimingName } from "../../catalog/timings";
import type {
  EngineQuestion,
  ImageQuestion,
  MeasuredValue,
  NodeQuestion,
  TimeQuestion,
  WeightsSource,
} from "./question";

/** The parts of a start, in the order in which they happen. */
export const timePartIds = ["node", "image", "bootstrap", "weights", "compile", "capture", "warm-up"] as const;
export type TimePartId = (typeof timePartIds)[number];

/** One part of a start. */
export interface TimePart {
  readonly id: TimePartId;
  /** Whole seconds, so that what is printed adds up. */
  readonly seconds: number;
}

/** A duration or rate, and who says so. */
export interface Known {
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

const throughputOf: Readonly<Record<WeightsSource, TimingName>> = {
  hub: "hubThroughput",
  s3: "s3Throughput",
  "s3-stream": "s3StreamThroughput",
  pvc: "volumeThroughput",
  "pvc-stream": "volumeStreamThroughput",
  oci: "ociThroughput",
  "page-cache": "pageCacheThroughput",
};

/** Sources that come over the machine's network. A published image is on its disk by the time it is mounted. */
const remote: ReadonlySet<WeightsSource> = new Set(["hub", "s3", "s3-stream", "pvc", "pvc-stream"]);

const pullThroughputOf = {
  layers: "imagePullThroughput",
  parallel: "parallelPullThroughput",
  "parallel-bottlerocket": "bottlerocketPullThroughput",
} as const satisfies Readonly<Record<Exclude<ImageQuestion["pull"], "present">, TimingName>>;

const megabitsPerGigabyte = 8000;

/** Every part of a start on a machine that is new, where machines are made. */
export function timeParts(question: TimeQuestion): readonly TimePart[] {
  const engine = engineParts(question.engine, question.measuredEngineStart);
  const seconds: Readonly<Record<TimePartId, number>> = {
    node: nodeSeconds(question.node),
    image: imageSeconds(question),
    bootstrap: bootstrap(question.engine)?.value ?? 0,
    weights: weightsSeconds(question),
    ...engine,
  };
  return timePartIds.map((id) => ({ id, seconds: Math.ceil(seconds[id]) }));
}

export function nodeSeconds(node: NodeQuestion): number {
  if (node.kind === "existing") return 0;
  return node.measured?.value ?? timings.nodeProvisioning.value + timings.nodeInitialisation.value;
}

/** Pulling the image; weights that are an image are pulled the same way. */
export function imageSeconds({ image, weights }: Pick<TimeQuestion, "image" | "weights">): number {
  if (image.pull === "present") return 0;
  const rate = pullRate(image.pull).value;
  const weightsImage = weights.from === "oci" ? weights.gigabytes / rate : 0;
  return (
    weightsImage + (image.measured?.value ?? (image.gigabytes === null ? unknownPull(rate) : image.gigabytes / rate))
  );
}

/** An image of unknown size takes what the published one took, less where pulling is faster. */
function unknownPull(rate: number): number {
  return (timings.imagePull.value * timings.imagePullThroughput.value) / rate;
}

export function pullRate(pull: Exclude<ImageQuestion["pull"], "present">): Timing {
  return timings[pullThroughputOf[pull]];
}

/** Triton's own start has the loading of its engines' code in it; null where the whole start is measured elsewhere. */
export function bootstrap(engine: EngineQuestion): Timing | null {
  if (engine.kind === "declared") return null;
  if (engine.kind === "text-embeddings-inference") return textEmbeddingsStart;
  if (engine.kind !== "triton") return timings.engineBootstrap;
  return engine.optimisesAtStart ? timings.tritonOptimisingStart : timings.tritonStart;
}

function weightsSeconds({ weights, measuredLoad }: TimeQuestion): number {
  return measuredLoad?.value ?? weights.gigabytes / weightsRate(weights).value;
}

/** Gigabytes per second at which one replica's weights arrive: the source's, shared, and never above the network's. */
export function weightsRate(weights: TimeQuestion["weights"]): Known {
  const own = weights.measured;
  const base: Known = own === undefined ? timings[throughputOf[weights.from]] : { ...own, unit: "GB/s" };
  const shared = weights.from === "pvc" || weights.from === "pvc-stream" ? (weights.readersAtOnce ?? 1) : 1;
  const each = base.value / shared;
  const network = weights.networkMbps === null ? Infinity : weights.networkMbps / megabitsPerGigabyte;
  if (own === undefined && remote.has(weights.from) && network < each)
    return { value: network, unit: "GB/s", source: `the machine's network: ${weights.networkMbps ?? 0} Mbit/s` };
  return shared === 1 ? base : { ...base, value: each, source: `${base.source}, shared by ${shared} pods` };
}

/** Compilation and graph capture grow with the layers, each of which is compiled and captured. */
export function byLayers(timing: Timing, layers: number): number {
  return (timing.value * layers) / measuredLayers;
}

/** The parts after loading. What was measured as a whole counts as warm-up. */
export function engineParts(
  engine: EngineQuestion,
  measured?: MeasuredValue,
): Readonly<Record<"compile" | "capture" | "warm-up", number>> {
  if (measured !== undefined) return { compile: 0, capture: 0, "warm-up": measured.value };
  if (engine.kind === "triton" || engine.kind === "declared") return { compile: 0, capture: 0, "warm-up": 0 };
  if (engine.kind === "text-embeddings-inference") return { compile: 0, capture: 0, "warm-up": engine.warmUp.value };
  if (engine.eager) return { compile: 0, capture: 0, "warm-up": timings.warmUp.value };
  return {
    compile: byLayers(compilation(engine.compileCache), engine.layers),
    capture: byLayers(timings.graphCapture, engine.layers),
    "warm-up": timings.warmUp.value,
  };
}

/**
 * Whole seconds by which the very first start is longer, because nothing is compiled yet. Probes have to bear it, too:
 * an engine that is killed while it compiles keeps nothing of it.
 */
export function firstCompilation({ engine, measuredEngineStart }: TimeQuestion): number {
  if (measuredEngineStart !== undefined || !("compileCache" in engine) || !engine.compileCache || engine.eager)
    return 0;
  const extra = byLayers(compilation(false), engine.layers) - byLayers(compilation(true), engine.layers);
  return Math.ceil(extra);
}

export function compilation(cached: boolean): Timing {
  return cached ? timings.compileCached : timings.compile;
}
