import { secondsPerHour } from "../../catalog/units";
import { expectedFullLengthRequests, hostNeeds, splitMemory, type MemorySplit } from "../memory";
import { gpusOf, type Confidence, type Replica } from "../replica";
import type { Decode, FitAnswer, Resolved } from "./answer";
import { loadOf, usual, type Load } from "./load";
import { nearestChanges } from "./nearest";
import { rentGpus, type RentedGpus } from "./price";
import type { FitQuestion } from "./question";
import { served, type Served } from "./served";
import { tooBig, warnings } from "./reasons";

/** Whether a replica fits, how many tokens it holds, how fast it and its like are and what they cost. */
export function fit(replica: Replica, question: FitQuestion, replicas = 1): FitAnswer {
  const split = splitMemory(replica);
  const encodes = replica.model.kind !== "decoder";
  const fullLength = expectedFullLengthRequests(replica, split);
  const fits = encodes ? split.kvGiB >= 0 : fullLength >= 1;
  const load = loadOf(replica.context, replica.model.kind, question);
  const region = question.region ?? usual.region;
  const rented = rentGpus(
    replica.gpu.id,
    gpusOf(replica.parallel),
    region,
    hostNeeds(replica, { weights: false, compiled: true }).memoryGiB,
  );
  const usdPerHour = rented === undefined ? null : rented.usdPerHour * replicas;
  const speed = fits ? served(replica, split.kvGiB, load, replicas) : nothingServed(split);
  return {
    fits,
    reasons: fits
      ? [...speed.notes, ...warnings(replica, split, fullLength)]
      : [tooBig(replica, split), ...changesText(replica, question, split)],
    weightsGibPerGpu: split.weightsGiB,
    overheadGibPerGpu: split.overheadGiB,
    kvGibPerGpu: encodes ? 0 : split.kvGiB,
    kvBytesPerTokenPerGpu: split.kvBytesPerToken,
    kvTokens: split.expectedKvTokens ?? 0,
    maxConcurrencyAtFullLength: encodes ? null : fullLength,
    concurrencyLimit: speed.concurrencyLimit,
    decode: speed.decode,
    ttftMs: speed.ttftMs,
    offlineCeilingTokensPerSecondPerGpu: speed.offlineCeilingTokensPerSecondPerGpu,
    usdPerHour,
    usdPerMillionOutputTokens: perMillion(usdPerHour, speed.decode),
    confidence: worse(split.confidence, speed.confidence),
    encode: speed.encode,
    resolved: resolved(replica, replicas, { ...load, region, instance: rented?.instance.type ?? null }),
  };
}

function changesText(replica: Replica, question: FitQuestion, split: MemorySplit): readonly string[] {
  const changes = nearestChanges(replica, question, split);
  if (changes.length === 0) return ["no single change of context, formats or GPUs makes it fit: take a smaller model"];
  return changes.map(({ text }) => text);
}

function nothingServed({ confidence }: MemorySplit): Served {
  return {
    concurrencyLimit: 0,
    decode: null,
    ttftMs: null,
    offlineCeilingTokensPerSecondPerGpu: null,
    confidence,
    encode: null,
    notes: [],
  };
}

function perMillion(usdPerHour: number | null, decode: Decode | null): number | null {
  if (usdPerHour === null || decode === null) return null;
  return (usdPerHour / (decode.outputTokensPerSecond * secondsPerHour)) * 1e6;
}

const trust = ["calibrated", "extrapolated", "needs-profile-run"] as const;

function worse(a: Confidence, b: Confidence): Confidence {
  return trust.indexOf(a) > trust.indexOf(b) ? a : b;
}

function resolved(
  replica: Replica,
  replicas: number,
  rest: Load & { readonly region: string; readonly instance: RentedGpus["instance"]["type"] | null },
): Resolved {
  const { model, gpu, parallel, engine } = replica;
  return {
    model: model.id,
    gpu: gpu.id,
    gpus: gpusOf(parallel) * replicas,
    replicas,
    tensorParallel: parallel.tensor,
    pipelineParallel: parallel.pipeline,
    dataParallel: parallel.data,
    expertParallel: parallel.expert,
    quantization: replica.weights,
    kvCacheDtype: replica.kv,
    maxModelLen: replica.context,
    maxNumSeqs: replica.maxSequences,
    maxNumBatchedTokens: replica.batchedTokens,
    gpuMemoryUtilization: engine.kind === "vllm" ? engine.gpuMemoryUtilization : engine.freeMemoryFraction,
    engine: engine.kind,
    engineVersion: engine.version,
    interconnect: replica.interconnect,
    cudaTotalGib: replica.cudaTotalGiB,
    ...rest,
  };
}
