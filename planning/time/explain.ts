import { measuredLayers, timings, type Timing } from "../../catalog/timings";
import type { Arithmetic, By, Term } from "../plan";
import { setting } from "../why";
import { rolloutWaves, type TimeBudget } from "./budget";
import {
  bootstrap,
  compilation,
  firstCompilation,
  pullRate,
  weightsRate,
  type Known,
  type TimePart,
  type TimePartId,
} from "./parts";
import type { TimeQuestion } from "./question";
import { deadlineMargin, gatewayMargin, graceMargin, leastStartup, preStopPause, startupMargin } from "./rules";

/** The arithmetic of every duration, by its name in the budget; of parts by `parts.<index>.seconds`. */
export function explainTime(question: TimeQuestion, budget: TimeBudget): By<Arithmetic> {
  const parts = budget.parts.map((part, index): [string, Arithmetic] => [
    `parts.${index}.seconds`,
    explainPart(question, part),
  ]);
  return { ...explainStart(question, budget), ...explainStop(question, budget), ...Object.fromEntries(parts) };
}

function explainStart(question: TimeQuestion, budget: TimeBudget): By<Arithmetic> {
  const terms = budget.parts.filter((part) => part.seconds > 0).map((part) => s(part.id, part.seconds));
  const inContainer = terms.filter(({ name }) => name !== "node" && name !== "image");
  const { podsTogether = 1 } = question;
  const first = firstCompilation(question);
  const firstTerm = first === 0 ? [] : [s("compilation of the very first start, beyond that", first)];
  return {
    coldStart: inSeconds("the sum of its parts, without a margin", terms, budget.coldStart),
    podStart: inSeconds("the parts from the container's start on, without a margin", inContainer, budget.podStart),
    startup: inSeconds(
      podsTogether > 1
        ? `the larger of ${leastStartup} s and all parts × margin: a pod waits for the machines and images of the others`
        : `the larger of ${leastStartup} s and the parts from the container's start on × margin`,
      [...(podsTogether > 1 ? terms : inContainer), ...firstTerm, { name: "margin", value: startupMargin }],
      budget.startup,
    ),
  };
}

function explainStop(question: TimeQuestion, budget: TimeBudget): By<Arithmetic> {
  const waits = budget.drain === 0;
  const before = budget.coldStart - budget.podStart;
  const longest = s("longest request", budget.longestRequest, "longestRequest");
  return {
    longestRequest: setting("longestRequest", budget.longestRequest, "s"),
    preStop: inSeconds(
      waits
        ? "until load balancers know + the longest request: the engine aborts what it has when it is told to stop"
        : "after this long load balancers have taken a pod off their lists; a rule of ours",
      waits ? [s("pause", preStopPause), longest] : [],
      budget.preStop,
    ),
    drain: inSeconds(
      waits ? "the engine cannot; preStop waits in its place" : "the longest request that must survive a rollout",
      waits ? [] : [longest],
      budget.drain,
    ),
    grace: inSeconds(
      "preStop + drain + margin",
      [s("preStop", budget.preStop), s("drain", budget.drain), s("margin", graceMargin)],
      budget.grace,
    ),
    gatewayTimeout: inSeconds(
      "longest request + what the gateway itself does to it",
      [longest, s("gateway", gatewayMargin)],
      budget.gatewayTimeout,
    ),
    progressDeadline: inSeconds(
      "grace of the old pod + (machine and image) × margin + startup + margin",
      [
        s("grace", budget.grace),
        s("machine and image", before),
        { name: "margin of measurements", value: startupMargin },
        s("startup", budget.startup),
        s("margin", deadlineMargin),
      ],
      budget.progressDeadline,
    ),
    rolloutTimeout: inSeconds(
      "waves × progress deadline",
      [
        { name: "waves", value: rolloutWaves(question.replicas, question.rollout) },
        s("progress deadline", budget.progressDeadline),
      ],
      budget.rolloutTimeout,
    ),
  };
}

/** The arithmetic of one part. */
function explainPart(question: TimeQuestion, part: TimePart): Arithmetic {
  const [formula, terms] = partTerms(question, part.id);
  return inSeconds(formula, terms, part.seconds);
}

type Explained = readonly [formula: string, terms: readonly Term[]];

function partTerms(question: TimeQuestion, id: TimePartId): Explained {
  switch (id) {
    case "node":
      return nodeTerms(question.node);
    case "image":
      return imageTerms(question);
    case "bootstrap":
      return bootstrapTerms(question);
    case "weights":
      return weightsTerms(question);
    case "compile":
    case "capture":
    case "warm-up":
      return engineTerms(question, id);
  }
}

function bootstrapTerms({ engine }: TimeQuestion): Explained {
  const measured = bootstrap(engine);
  return measured === null
    ? ["in the start that was measured", []]
    : ["measured", [known("start of the engine", measured)]];
}

function nodeTerms(node: TimeQuestion["node"]): Explained {
  if (node.kind === "existing") return ["the machine is there", []];
  if (node.measured !== undefined) return ["measured here", [s("node", node.measured.value, node.measured.source)]];
  return [
    "provisioning + initialisation",
    [known("provisioning", timings.nodeProvisioning), known("initialisation", timings.nodeInitialisation)],
  ];
}

function imageTerms({ image, weights }: TimeQuestion): Explained {
  if (image.pull === "present") return ["the machine has the image", []];
  const throughput = known("throughput", pullRate(image.pull));
  const volume: readonly Term[] =
    weights.from === "oci" ? [{ name: "image of the weights", value: weights.gigabytes, unit: "GB" }] : [];
  const measured = image.measured;
  if (measured !== undefined) {
    const own = s("image", measured.value, measured.source);
    return ["measured here", volume.length === 0 ? [own] : [own, ...volume, throughput]];
  }
  if (image.gigabytes === null)
    return [
      "measured, and by how much pulling is faster; the size is not known",
      [known("image", timings.imagePull), ...volume, throughput],
    ];
  return ["size ÷ throughput", [{ name: "image", value: image.gigabytes, unit: "GB" }, ...volume, throughput]];
}

function weightsTerms({ weights, measuredLoad }: TimeQuestion): Explained {
  if (measuredLoad !== undefined) return ["measured here", [s("loading", measuredLoad.value, measuredLoad.source)]];
  return [
    "weights ÷ throughput",
    [{ name: "weights", value: weights.gigabytes, unit: "GB" }, known("throughput", weightsRate(weights))],
  ];
}

function engineTerms(question: TimeQuestion, id: "compile" | "capture" | "warm-up"): Explained {
  const { engine, measuredEngineStart: measured } = question;
  if (measured !== undefined)
    return id === "warm-up"
      ? ["compilation, graph capture and warm-up, measured here", [s("engine start", measured.value, measured.source)]]
      : ["in the warm-up that was measured", []];
  if (engine.kind === "triton" || engine.kind === "declared") return ["its engines are built before", []];
  if (engine.kind === "text-embeddings-inference")
    return id === "warm-up"
      ? ["one batch before it serves", [s("batch", engine.warmUp.value, engine.warmUp.source)]]
      : ["nothing is compiled", []];
  if (id === "warm-up") return ["measured", [known("warm-up", timings.warmUp)]];
  if (engine.eager) return ["no compilation and no graphs: eager", []];
  const timing = id === "compile" ? compilation(engine.compileCache) : timings.graphCapture;
  return [
    "measured × layers ÷ layers of the measured model",
    [
      known(`${id} of the measured model`, timing),
      { name: "layers", value: engine.layers },
      { name: "layers of the measured model", value: measuredLayers },
    ],
  ];
}

function known(name: string, { value, unit, source }: Timing | Known): Term {
  return { name, value, unit, source };
}

function s(name: string, value: number, source?: string): Term {
  return { name, value, unit: "s", ...(source === undefined ? {} : { source }) };
}

function inSeconds(formula: string, terms: readonly Term[], result: number): Arithmetic {
  return { formula, terms, result, unit: "s" };
}
