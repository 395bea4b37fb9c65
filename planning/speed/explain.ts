import { type Ceiling, ceilingsOf } from "../../catalog/ceilings";
import { weightFormats } from "../../catalog/formats";
import type { Arithmetic, By, Term } from "../plan";
import type { Range, Replica } from "../replica";
import { gpusOf } from "../replica";
import { linkSource } from "./communication";
import {
  arithmeticShareOf,
  bandwidthShare,
  engineShare,
  frontendSeconds,
  kernelSource,
  operationSeconds,
  serverSource,
  stepSource,
} from "./constants";
import { flowOf, type KvMemory } from "./flow";
import { type ClosedLoad, serveClosed, type Speed } from "./serve";
import { decodeStep, type StepTerms } from "./step";

/** The arithmetic of a speed, term by term with sources. Made on demand: the estimates themselves keep nothing. */
export function explainSpeed(replica: Replica, kv: KvMemory, load: ClosedLoad): By<Arithmetic> {
  const speed = serveClosed(replica, kv, load);
  const flow = flowOf(replica, kv, load);
  return {
    decodeStep: explainStep(replica, speed.running, flow.contextTokens),
    interToken: explainInterToken(speed),
    firstToken: explainFirstToken(speed, flow.promptTokens),
    running: explainRunning(replica, load, speed),
    tokensPerSecond: explainThroughput(load, speed),
    tokensPerSecondPerGpu: explainCeiling(replica, speed),
    confidence: explainConfidence(replica, speed),
  };
}

function source({ source: text, date }: { readonly source: string; readonly date: string }): string {
  return `${text} (${date})`;
}

const milliseconds = (seconds: number): number => Number((seconds * 1000).toPrecision(4));
const short = (value: number): number => Number(value.toPrecision(4));

/** What each term of a step is, and where its constants come from. */
const termTexts: Readonly<Record<keyof StepTerms, readonly [name: string, source?: string]>> = {
  weights: ["products with the weights", source(kernelSource)],
  weightReading: ["of that, reading alone", source(stepSource)],
  experts: ["experts that the batch touches, 1 − (1 − k ÷ E)^tokens of all", source(kernelSource)],
  output: ["output layer"],
  attention: ["attention: reading the KV cache", source(kernelSource)],
  activations: ["norms and activations, through memory"],
  communication: ["collectives between GPUs", source(linkSource)],
  operations: ["constant latencies of kernels", source(stepSource)],
  launching: ["launching kernels without CUDA graphs"],
  draft: ["draft of speculative decoding"],
  scheduling: ["scheduling and sampling", source(serverSource)],
};

function explainStep(replica: Replica, running: number, contextTokens: number): Arithmetic {
  const { seconds, terms } = decodeStep(replica, running, contextTokens);
  const { gpu, weights, engine } = replica;
  const shown: Term[] = [
    { name: "sequences", value: short(running) },
    { name: "tokens of each", value: short(contextTokens) },
    { name: "memory bandwidth", value: gpu.memoryBandwidthGBps, unit: "GB/s", source: source(gpu.source) },
    { name: "share of it that is reached", value: bandwidthShare.weights, source: source(stepSource) },
    {
      name: "bytes per weight",
      value: short(weightFormats[weights].bytesPerParameter),
      source: source(weightFormats[weights].source),
    },
    {
      name: "share of 16-bit arithmetic that is reached",
      value: short(arithmeticShareOf(gpu).sixteenBit * engineShare[engine.kind]),
      source: source(kernelSource),
    },
  ];
  for (const [key, [name, where]] of entries(termTexts)) {
    if (terms[key] === 0) continue;
    shown.push({
      name,
      value: milliseconds(terms[key]),
      unit: "ms",
      ...(where === undefined ? {} : { source: where }),
    });
  }
  return {
    formula:
      "weights + experts + output + attention + activations + collectives + latencies + launching + draft + scheduling; products take the longer of reading and computing",
    terms: shown,
    result: milliseconds(seconds),
    unit: "ms",
  };
}

function entries<Key extends string, Value>(record: Readonly<Record<Key, Value>>): readonly (readonly [Key, Value])[] {
  const keys = Object.keys(record).filter((key): key is Key => key in record);
  return keys.map((key) => [key, record[key]] as const);
}

function bounds({ low, high }: Range, unit: "ms" | "1/s"): readonly Term[] {
  const shown = unit === "ms" ? milliseconds : short;
  return [
    { name: "at best", value: shown(unit === "ms" ? low : high), unit },
    { name: "at worst", value: shown(unit === "ms" ? high : low), unit },
  ];
}

function explainInterToken({ interToken }: Speed): Arithmetic {
  return {
    formula:
      "a step, on average over those with prompts of other requests and those without, ÷ tokens that a step accepts",
    terms: [
      { name: "95th percentile", value: milliseconds(interToken.p95.expected), unit: "ms" },
      ...bounds(interToken.mean, "ms"),
    ],
    result: milliseconds(interToken.mean.expected),
    unit: "ms",
  };
}

function explainFirstToken({ firstToken, waiting, requestsPerSecond }: Speed, promptTokens: number): Arithmetic {
  return {
    formula: "waiting for a slot + front end + steps under way + steps that compute the prompt",
    terms: [
      { name: "prompt tokens that are computed", value: short(promptTokens) },
      { name: "requests that wait for a slot", value: short(waiting) },
      {
        name: "waiting (requests ÷ requests per second)",
        value: milliseconds(waiting === 0 ? 0 : waiting / requestsPerSecond),
        unit: "ms",
      },
      { name: "front end", value: milliseconds(frontendSeconds), unit: "ms", source: source(serverSource) },
      { name: "constant latency of a kernel", value: operationSeconds * 1e6, unit: "µs", source: source(stepSource) },
      { name: "95th percentile", value: milliseconds(firstToken.p95.expected), unit: "ms" },
      ...bounds(firstToken.mean, "ms"),
    ],
    result: milliseconds(firstToken.mean.expected),
    unit: "ms",
  };
}

function explainRunning(replica: Replica, load: ClosedLoad, speed: Speed): Arithmetic {
  return {
    formula: "the least of the load, the engine's limit and what the KV cache holds",
    terms: [
      { name: "concurrency", value: load.concurrency },
      { name: "--max-num-seqs", value: replica.maxSequences },
      { name: "limited by", value: speed.limitedBy },
    ],
    result: short(speed.running),
  };
}

function explainThroughput(load: ClosedLoad, { requestsPerSecond, tokensPerSecond }: Speed): Arithmetic {
  return {
    formula: "requests per second × output tokens",
    terms: [
      { name: "requests per second", value: short(requestsPerSecond) },
      { name: "output tokens", value: load.outputTokens },
      ...bounds(tokensPerSecond, "1/s"),
    ],
    result: short(tokensPerSecond.expected),
    unit: "1/s",
  };
}

function explainCeiling(replica: Replica, { tokensPerSecondPerGpu }: Speed): Arithmetic {
  const gpus = gpusOf(replica.parallel);
  const rows = ceilingsOf(replica.model, replica.gpu.id, replica.weights, gpus);
  const best = rows.map((row: Ceiling): Term => {
    const points = row.points.map((point) => point.tokensPerSecondPerGpu);
    const name = `published for any lengths, ${row.precision}, ${String(row.gpus)} GPUs`;
    return { name, value: short(Math.max(...points)), unit: "1/s", source: source(row.source) };
  });
  return {
    formula: "tokens per second ÷ GPUs, at most what was published for these lengths",
    terms: [{ name: "GPUs", value: gpus }, ...best],
    result: short(tokensPerSecondPerGpu.expected),
    unit: "1/s",
  };
}

function explainConfidence(replica: Replica, { confidence }: Speed): Arithmetic {
  return {
    formula:
      "calibrated: dense models in usual formats on one machine; extrapolated: other kinds; needs a run: large mixtures over several GPUs",
    terms: [
      { name: "model", value: replica.model.id },
      { name: "format", value: replica.weights },
      { name: "GPUs", value: gpusOf(replica.parallel) },
      {
        name: "compared with",
        value: "single-stream and low-load logs of vLLM, kernels, offline throughput",
        source: source(serverSource),
      },
    ],
    result: confidence,
  };
}
