import {
  textEmbeddingsImage,
  textEmbeddingsImageDigest,
  textEmbeddingsServer,
} from "../../../catalog/text-embeddings-inference";
import type { Path, TextEmbeddingsSettings } from "../../../environment";
import { bytesPerGB, bytesPerGiB } from "../../../catalog/units";
import { podsUsdPerHour } from "../../cost";
import type { Finding } from "../../findings";
import { checkpointBytes } from "../../memory";
import type { Flow, Workload } from "../../plan";
import { rolloutFor } from "../../room";
import { levelsOf } from "../../sizing";
import { encodingSeconds } from "../../speed/processor";
import { planTime, timeFindings, type TimeQuestion } from "../../time";
import type { Chosen, Ground, Planned } from "../ground";
import { refused } from "../machines";
import { missingToken } from "../../weights";
import { apiKeyOf, dnsFlow, imageReference, ingressFlows, machineStart, modelNamed } from "../parts";
import { loadSignals } from "../signals";
import { diskOf, textEmbeddingsPod, weightsOf } from "./container";
import { sizeFindings, type Sized } from "./findings";
import type { TextEmbeddingsPlan } from "./plan";
import { encodingUnder, podsNeeded } from "./pods";
import { refusals, tokenizerMissing } from "./refusals";
import { leastProbeTimeout, probeBatches } from "./rules";
import { sizePod } from "./size";
import { whyOf, type Decided } from "./why";

/** Plans a release of text-embeddings-inference: everything about it that is a number or a choice. */
export function chooseTextEmbeddings(settings: TextEmbeddingsSettings, on: Ground): Chosen<TextEmbeddingsPlan> {
  const at: Path = ["releases", on.release];
  const resolved = modelNamed(settings.model, on.models ?? {});
  const impossible = refusals(on.release, settings, resolved, on.pool);
  if (impossible.length > 0) return refused(on.release, ...impossible);

  const { model } = resolved;
  const { pool, load = null } = on;
  const size = sizePod({ settings, model, pool, load });
  const needed = load === null ? null : podsNeeded(size.requestSeconds, load);
  const levels = levelsOf(settings.replicas, needed);
  const { longestRequest } = settings;
  const sized: Sized = { model, pool, size, load, needed, levels, longestRequest };
  const findings = [
    ...sizeFindings(sized, at),
    ...tokenizerMissing(settings, resolved, at),
    ...missingToken({ weights: settings.weights, model, at }),
  ];
  return { release: on.release, planned: (surge) => planned({ settings, on, sized }, surge, findings) };
}

interface Choosing {
  readonly settings: TextEmbeddingsSettings;
  readonly on: Ground;
  readonly sized: Sized;
}

function planned(chosen: Choosing, surge: boolean, findings: readonly Finding[]): Planned<TextEmbeddingsPlan> {
  const { on } = chosen;
  const question = timeQuestion(chosen, surge);
  const seconds = planTime(question);
  const decided: Decided = { ...chosen, surge, question, seconds };
  const plan = assemble(decided);
  const spot = on.pool.rented?.purchase[0] === "spot";
  return {
    plan,
    findings: [...findings, ...timeFindings(on.release, question, seconds, { spot })],
    get why() {
      return whyOf(plan, decided);
    },
  };
}

function timeQuestion({ settings, on: { pool }, sized }: Choosing, surge: boolean): TimeQuestion {
  const { weights, longestRequest } = settings;
  const { model, levels, size } = sized;
  const warmUp = encodingSeconds(model, size.processors, { texts: 1, tokens: size.batch.longestText });
  return {
    weights: {
      gigabytes: checkpointBytes(model, "fp32") / bytesPerGB,
      from: weights.from,
      // After an outage all pods read the shared volume at once.
      ...(weights.from === "pvc" ? { readersAtOnce: levels.max } : {}),
      networkMbps: pool.rented?.networkMbps ?? null,
      ...(weights.throughput === undefined
        ? {}
        : { measured: { value: weights.throughput, source: "the setting `weights.throughput`" } }),
    },
    image: { gigabytes: null, pull: "layers" },
    node: machineStart(pool),
    engine: {
      kind: "text-embeddings-inference",
      warmUp: { value: warmUp, source: "one text of full length" },
    },
    longestRequest,
    replicas: levels.max,
    rollout: rolloutFor(levels.max, surge),
  };
}

function assemble(decided: Decided): TextEmbeddingsPlan {
  const { settings, on, sized } = decided;
  const { model, size, load, needed, levels } = sized;
  const weights = weightsOf(settings);
  return {
    kind: "text-embeddings-inference",
    ...workloadOf(decided),
    task: model.kind === "cross-encoder" ? "rerank" : "embed",
    modelSource: model.source,
    dataType: "float32",
    weights,
    batch: size.batch,
    concurrentTexts: size.concurrentTexts,
    hostMemory: size.memory,
    encoding: load === null || needed === null ? null : encodingUnder(size, load, needed, levels),
    usdPerHour: podsUsdPerHour(resourcesOf(decided), levels.max, on.pool),
  };
}

function workloadOf(decided: Decided): Omit<Workload, "usdPerHour"> {
  const { settings, on, sized, surge, seconds } = decided;
  const { size, levels } = sized;
  const { port, healthPath, metricsPath } = textEmbeddingsServer;
  const weights = weightsOf(settings);
  const image = on.image ?? publicImage(on.version);
  return {
    name: on.release,
    pool: on.pool.name,
    model: settings.model,
    version: on.version,
    runs: { kind: "deployment" },
    replicas: levels,
    rollout: rolloutFor(levels.max, surge),
    resources: resourcesOf(decided),
    pod: textEmbeddingsPod({
      release: on.release,
      settings,
      size,
      weights,
      image,
      cacheGiB: diskNeeds(decided).cacheGiB,
    }),
    seconds,
    placement: on.pool.placement,
    endpoint: {
      service: on.release,
      protocol: "text-embeddings",
      port,
      probes: {
        ready: healthPath,
        live: healthPath,
        timeoutSeconds: Math.max(leastProbeTimeout, Math.ceil(probeBatches * size.batch.seconds)),
      },
      metrics: { port, path: metricsPath },
      signals: loadSignals(on.environment, on.release, { waiting: { name: "te_queue_size", over: "sum" } }),
      servedModel: on.release,
    },
    apiKey: { variable: "API_KEY", key: apiKeyOf(settings.apiKey) },
    flows: flows(on.environment, port, weights.from === "hub"),
  };
}

function resourcesOf(decided: Decided): Workload["resources"] {
  const { cpu, memoryGiB } = decided.sized.size;
  return { cpu, memoryGiB, diskGiB: diskNeeds(decided).diskGiB, gpus: 0 };
}

function diskNeeds({ settings, sized }: Choosing) {
  return diskOf(weightsOf(settings), checkpointBytes(sized.model, "fp32") / bytesPerGiB);
}

function publicImage(version: string): string {
  const { repository, tag } = textEmbeddingsImage;
  return imageReference(repository, tag(version), textEmbeddingsImageDigest(version)?.digest);
}

function flows(environment: string, port: number, downloads: boolean): readonly Flow[] {
  const hub: Flow = {
    direction: "egress",
    to: "internet",
    port: 443,
    reason: "weights are downloaded from the Hugging Face hub",
  };
  return [...ingressFlows(environment, port), dnsFlow, ...(downloads ? [hub] : [])];
}
