import {
  textEmbeddingsMetricsSource,
  textEmbeddingsRuntimes,
  textEmbeddingsServer,
  tokenizerCopy,
} from "../../../catalog/text-embeddings-inference";
import { bytesPerGiB } from "../../../catalog/units";
import type { TextEmbeddingsSettings } from "../../../environment";
import { priceOfPods } from "../../cost";
import { checkpointBytes } from "../../memory";
import type { Arithmetic, By, Term } from "../../plan";
import { explainRollout } from "../../room";
import { headroom } from "../../sizing";
import { answered95Terms } from "../../speed/line";
import { encodingTerms } from "../../speed/processor";
import { explainTime, type TimeBudget, type TimeQuestion } from "../../time";
import { fixed, prefixed, setting } from "../../why";
import type { Ground } from "../ground";
import type { Sized } from "./findings";
import type { Encoding, TextEmbeddingsPlan } from "./plan";
import {
  concurrency,
  cpuPerTokenizer,
  disk,
  leastProbeTimeout,
  mostUtilization,
  probeBatches,
  scoreCopies,
  usualText,
  weightsCopies,
} from "./rules";
import { cpuChoices, fullBatch, quickEnough, valuesPerToken } from "./size";

/** A release of which everything is decided. */
export interface Decided {
  readonly settings: TextEmbeddingsSettings;
  readonly on: Ground;
  readonly sized: Sized;
  readonly surge: boolean;
  readonly question: TimeQuestion;
  readonly seconds: TimeBudget;
}

/** The arithmetic of every number of the plan, by its path. */
export function whyOf(plan: TextEmbeddingsPlan, decided: Decided): By<Arithmetic> {
  const { on, sized, surge, question, seconds } = decided;
  const { resources, replicas, usdPerHour } = plan;
  const price = priceOfPods(resources, replicas.max, on.pool);
  return {
    ...whyOfServer(plan),
    ...whyOfPod(plan, decided),
    ...prefixed("hostMemory", whyOfMemory(plan, sized)),
    ...prefixed("batch", whyOfBatch(plan, decided)),
    ...prefixed("replicas", whyOfReplicas(plan, decided)),
    ...(plan.encoding === null ? {} : prefixed("encoding", whyOfEncoding(plan.encoding, plan, sized))),
    ...prefixed("rollout", explainRollout(replicas.max, surge ? "certain" : "none")),
    ...prefixed("seconds", explainTime(question, seconds)),
    ...(usdPerHour === null ? {} : { usdPerHour: { ...price, result: usdPerHour, unit: "$/h" } }),
  };
}

/** What is the same for every release of this engine. */
function whyOfServer({ pod, endpoint, flows }: TextEmbeddingsPlan): By<Arithmetic> {
  const { source } = textEmbeddingsServer.source;
  const ports = flows.flatMap((flow, index): [string, Arithmetic][] => {
    if (!("port" in flow)) return [];
    const formula = flow.direction === "ingress" ? "the port that the engine listens on" : flow.reason;
    return [[`flows.${index}.port`, { formula, terms: [], result: flow.port }]];
  });
  const port = "a port that a user without rights may listen on; a rule of ours";
  return {
    "pod.user.id": fixed("a user without rights: the image needs none of its own", pod.user.id, source),
    "pod.user.group": fixed("the group of that user", pod.user.group, source),
    "pod.container.ports.http": { formula: port, terms: [], result: endpoint.port },
    "endpoint.port": { formula: port, terms: [], result: endpoint.port },
    "endpoint.metrics.port": fixed("the port of requests", endpoint.port, textEmbeddingsMetricsSource.source),
    ...Object.fromEntries(ports),
  };
}

function whyOfPod(plan: TextEmbeddingsPlan, { settings, sized }: Decided): By<Arithmetic> {
  const { resources, pod, hostMemory, batch, concurrentTexts, endpoint } = plan;
  const { request, requestSeconds } = sized.size;
  const sizes = Object.entries(pod.volumes).flatMap(([name, volume]): [string, Arithmetic][] =>
    "sizeGiB" in volume ? [[`pod.volumes.${name}.sizeGiB`, whyOfVolume(name, volume.sizeGiB, sized)]] : [],
  );
  const cacheGiB = resources.diskGiB - disk.tmpGiB - disk.logsGiB;
  const parts = [gib("cache", cacheGiB), gib("/tmp", disk.tmpGiB), gib("logs until they are rotated", disk.logsGiB)];
  const withinRequest = [
    seconds("longest request", settings.longestRequest),
    seconds("one text", requestSeconds / request.texts),
    { name: "at least", value: concurrency.least },
    { name: "at most", value: concurrency.most },
  ];
  return {
    "resources.cpu": whyOfCpu(resources.cpu, settings, sized),
    "resources.memoryGiB": inGiB(
      "weights + batch + tokenizers + process, rounded up",
      [
        gib("weights", hostMemory.weightsGiB),
        gib("batch", hostMemory.activationsGiB),
        gib("tokenizers", hostMemory.tokenizersGiB),
        gib("process", hostMemory.processGiB),
      ],
      resources.memoryGiB,
    ),
    "resources.diskGiB": inGiB("cache + /tmp + logs", parts, resources.diskGiB),
    "resources.gpus": { formula: "none: the engine computes on processors", terms: [], result: resources.gpus },
    ...Object.fromEntries(sizes),
    concurrentTexts:
      settings.maxConcurrentRequests === undefined
        ? {
            formula: "longest request ÷ one text, rounded down, within bounds",
            terms: withinRequest,
            result: concurrentTexts,
          }
        : setting("maxConcurrentRequests", concurrentTexts),
    "endpoint.probes.timeoutSeconds": {
      formula: `${probeBatches} × the largest batch, rounded up, and at least ${leastProbeTimeout}: the probe waits for what is computed`,
      terms: [seconds("largest batch", batch.seconds)],
      result: endpoint.probes.timeoutSeconds ?? leastProbeTimeout,
      unit: "s",
    },
  };
}

function whyOfVolume(name: string, sizeGiB: number, { model }: Sized): Arithmetic {
  if (name === "tmp") return inGiB("the same for every release", [], sizeGiB);
  const weights = gib("weights in 32 bits", checkpointBytes(model, "fp32") / bytesPerGiB);
  return inGiB(
    `weights × ${disk.downloadSlack}, rounded up: a download holds parts of files beside the whole`,
    [weights],
    sizeGiB,
  );
}

function whyOfCpu(cpu: number, settings: TextEmbeddingsSettings, { load, model, pool }: Sized): Arithmetic {
  if (settings.cpu !== undefined) return setting("cpu", cpu, "CPU");
  const within = quickEnough({ load });
  const choices = cpuChoices({ settings, model, pool, load }).map(({ cpu: value, requestSeconds, together }) => {
    const all = together === null ? "" : `, and all pods ${together}`;
    return { name: `one request alone on ${value}${all}`, value: requestSeconds, unit: "s" };
  });
  return {
    formula: `the power of two on one socket with the fewest CPU over all pods, and the fewest of one, with which one request alone takes no longer than ${load?.objectives.ttftP95 === undefined ? "a second" : "half of what is promised"}; the largest where none does`,
    terms: [seconds("no longer than", within), ...choices],
    result: cpu,
    unit: "CPU",
  };
}

function whyOfMemory({ hostMemory, batch }: TextEmbeddingsPlan, { model, size }: Sized): By<Arithmetic> {
  const { texts, tokens } = fullBatch(batch);
  const entries = { name: "entries of the vocabulary", value: model.vocabularySize };
  return {
    weightsGiB: inGiB(
      `${weightsCopies} × weights in 32 bits: the file that is read and what is made of it`,
      [gib("weights", checkpointBytes(model, "fp32") / bytesPerGiB)],
      hostMemory.weightsGiB,
    ),
    activationsGiB: inGiB(
      `4 bytes × texts × tokens × (numbers of a token + ${scoreCopies} × heads × tokens)`,
      [
        { name: "texts of full length", value: texts },
        { name: "tokens", value: tokens },
        { name: "numbers of a token in one layer", value: valuesPerToken(model) },
        { name: "heads", value: model.attentionHeads },
      ],
      hostMemory.activationsGiB,
    ),
    tokenizersGiB: inGiB(
      `workers × entries × ${tokenizerCopy.kibPerEntry} KiB; a worker for every ${cpuPerTokenizer} CPU`,
      [
        { name: "workers", value: size.tokenizers },
        { ...entries, source: tokenizerCopy.source.source },
      ],
      hostMemory.tokenizersGiB,
    ),
    processGiB: inGiB("libraries, requests and answers; a rule of ours", [], hostMemory.processGiB),
  };
}

function whyOfBatch({ batch }: TextEmbeddingsPlan, { settings, sized }: Decided): By<Arithmetic> {
  const { model, size } = sized;
  const { onnx } = textEmbeddingsRuntimes;
  const context = { name: "longest text of the model", value: model.maxContext, unit: "tokens" };
  return {
    tokens:
      settings.maxBatchTokens === undefined
        ? {
            formula: "the longest text of the model: on processors larger batches are no faster",
            terms: [context],
            result: batch.tokens,
          }
        : setting("maxBatchTokens", batch.tokens, "tokens"),
    longestText: {
      formula: "the longest text of the model, or the batch where that is smaller",
      terms: [context, { name: "batch", value: batch.tokens, unit: "tokens" }],
      result: batch.longestText,
    },
    texts: fixed("texts of one batch in ONNX Runtime; Candle takes fewer", batch.texts, onnx.source.source),
    seconds: { ...encodingTerms(model, size.processors, fullBatch(batch)), result: batch.seconds, unit: "s" },
  };
}

function whyOfReplicas({ replicas }: TextEmbeddingsPlan, { settings, sized }: Decided): By<Arithmetic> {
  const { load, needed, size } = sized;
  const one = (level: keyof typeof replicas): Arithmetic => {
    if (settings.replicas !== "auto") return setting("replicas", replicas[level]);
    if (load === null || needed === null)
      return { formula: "one, because no route says its load", terms: [], result: replicas[level] };
    const promised = load.objectives.ttftP95;
    const terms: readonly Term[] = [
      { name: "expected", value: load.requestsPerSecond, unit: "requests/s" },
      { name: "headroom", value: headroom },
      { name: "worst moment", value: load.peakRequestsPerSecond, unit: "requests/s" },
      seconds("one request alone", size.requestSeconds),
      promised === undefined
        ? { name: "share of time that a pod works, at most", value: mostUtilization }
        : seconds("promised to 95 of 100", promised),
    ];
    const formula = `pods of which each ${promised === undefined ? "works no more than its share of time" : "answers within what is promised"}, for the larger of expected × (1 + headroom) and worst moment`;
    return { formula, terms, result: replicas[level] };
  };
  return { min: one("min"), expected: one("expected"), max: one("max") };
}

function whyOfEncoding(
  encoding: Encoding,
  { replicas }: TextEmbeddingsPlan,
  { load, model, size }: Sized,
): By<Arithmetic> {
  const { requestsPerSecond, peakRequestsPerSecond, texts, textTokens, requestSeconds } = encoding;
  const routes = (load?.routes ?? []).join(", ");
  const tokens = { name: "tokens of a request", value: load?.inputTokens ?? usualText };
  const longest = { name: "longest text", value: size.batch.longestText };
  const asked = { name: `routes ${routes}`, value: (load?.routes ?? []).length };
  const at = (level: "expected" | "peak", rate: number, pods: number): By<Arithmetic> => {
    const line = answered95Terms({ seconds: requestSeconds, requestsPerSecond: rate / pods });
    const terms = [
      { name: "requests", value: rate, unit: "requests/s" },
      { name: "pods", value: pods },
    ];
    return {
      [`${level}.utilization`]: {
        formula: "requests ÷ pods × one request alone",
        terms: [...terms, seconds("one request alone", requestSeconds)],
        result: encoding[level].utilization,
      },
      [`${level}.answered95`]: { ...line, result: encoding[level].answered95, unit: "s" },
    };
  };
  return {
    requestsPerSecond: { formula: "sum over routes", terms: [asked], result: requestsPerSecond, unit: "requests/s" },
    peakRequestsPerSecond: {
      formula: "sum over routes",
      terms: [asked],
      result: peakRequestsPerSecond,
      unit: "requests/s",
    },
    texts: { formula: "tokens of a request ÷ longest text, rounded up", terms: [tokens, longest], result: texts },
    textTokens: {
      formula: "tokens of a request ÷ its texts",
      terms: [tokens, { name: "texts", value: texts }],
      result: textTokens,
    },
    requestSeconds: {
      ...encodingTerms(model, size.processors, { texts, tokens: textTokens }),
      result: requestSeconds,
      unit: "s",
    },
    needed: {
      formula: "pods that the worst moment needs",
      terms: [seconds("one request alone", requestSeconds)],
      result: encoding.needed,
    },
    ...at("expected", requestsPerSecond, replicas.expected),
    ...at("peak", peakRequestsPerSecond, replicas.max),
  };
}

function gib(name: string, value: number): Term {
  return { name, value, unit: "GiB" };
}

function seconds(name: string, value: number): Term {
  return { name, value, unit: "s" };
}

function inGiB(formula: string, terms: readonly Term[], result: number): Arithmetic {
  return { formula, terms, result, unit: "GiB" };
}
