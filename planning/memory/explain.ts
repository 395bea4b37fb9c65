import { type Source } from "../../catalog/fact";
import { weightFormats } from "../../catalog/formats";
import { bytesPerGiB } from "../../catalog/units";
import type { Arithmetic, Term } from "../plan";
import type { Replica } from "../replica";
import { setting } from "../why";
import { kvBytesOfRequest } from "./kv";
import { kvBlocks } from "./kv-groups";
import { kvLayers } from "./kv-layers";
import { overhead, overheadSources } from "./overhead";
import { fixedCacheGiB, type MemorySplit, memoryMargin, splitMemory } from "./split";
import { type GroupBytes, weightBytesPerGpu } from "./weights";

const groupNames: Readonly<Record<GroupBytes["group"], string>> = {
  embedding: "embedding",
  output: "output layer",
  attention: "queries and outputs of attention",
  keyValue: "keys and values of attention",
  latentDown: "attention, down to latent vectors (on every GPU)",
  latentUp: "attention, up from latent vectors",
  linearAttention: "linear attention",
  dense: "feed-forward layers",
  experts: "experts",
  sharedExperts: "shared experts",
  routers: "routers (on every GPU)",
  norms: "norms (on every GPU)",
  positions: "table of positions",
  perLayerEmbedding: "embedding of every layer",
  towers: "encoders of images and sound",
  other: "parameters beyond the shape (on every GPU)",
  latentCopies: "projections from latent vectors, a second time in 16 bits",
  rotaryTable: "table of rotary positions",
  lora: "slots for adapters",
  draft: "draft model",
};

/** The arithmetic of every number of `splitMemory`, by its name there, term by term with sources. */
export function explainMemory(replica: Replica): Readonly<Record<string, Arithmetic>> {
  const split = splitMemory(replica);
  return {
    totalGiB: {
      formula: "GPU memory that CUDA reports",
      terms: [total(replica)],
      result: split.totalGiB,
      unit: "GiB",
    },
    budgetGiB: budget(replica, split),
    weightsGiB: weights(replica, split),
    overheadGiB: overheadArithmetic(replica, split),
    kvGiB: cache(replica, split),
    marginGiB: margin(replica, split),
    spareGiB: {
      formula: "GPU memory − budget",
      terms: [gib("GPU memory", split.totalGiB), gib("budget", split.budgetGiB)],
      result: split.spareGiB,
      unit: "GiB",
    },
    kvBytesPerRequest: request(replica),
    ...(split.kvBytesPerToken === null ? {} : { kvBytesPerToken: perToken(replica, split.kvBytesPerToken) }),
    ...(split.kvTokens === null ? {} : { kvTokens: tokens(replica, split, split.marginGiB, split.kvTokens) }),
    ...(split.expectedKvTokens === null ? {} : { expectedKvTokens: tokens(replica, split, 0, split.expectedKvTokens) }),
    fullLengthRequests: {
      formula: "blocks of the KV cache less the margin ÷ blocks of one request of the whole context",
      terms: [
        gib("KV cache less the margin", Math.max(0, split.kvGiB - split.marginGiB)),
        gib("one request", kvBytesOfRequest(replica, replica.context) / bytesPerGiB),
      ],
      result: split.fullLengthRequests,
    },
  };
}

function gib(name: string, value: number, source?: string): Term {
  return { name, value, unit: "GiB", ...(source === undefined ? {} : { source }) };
}

function cite({ source, date, standing }: Source): string {
  return `${source} (${date}, ${standing})`;
}

function total({ gpu, cudaTotalGiB }: Replica): Term {
  const source = cudaTotalGiB === gpu.cudaTotalGiB ? cite(gpu.cudaTotalSource) : "measured";
  return gib(gpu.id, cudaTotalGiB, source);
}

function budget(replica: Replica, split: MemorySplit): Arithmetic {
  const { engine } = replica;
  if (engine.kind === "vllm" && fixedCacheGiB(replica) === undefined) {
    const share = { name: "gpuMemoryUtilization", value: engine.gpuMemoryUtilization };
    return { formula: "GPU memory × share", terms: [total(replica), share], result: split.budgetGiB, unit: "GiB" };
  }
  const terms = [gib("weights", split.weightsGiB), gib("overhead", split.overheadGiB), gib("KV cache", split.kvGiB)];
  return { formula: "weights + overhead + KV cache", terms, result: split.budgetGiB, unit: "GiB" };
}

function measuredArithmetic({ measured }: Replica, what: string, value: number): Arithmetic {
  const source = measured === null ? "measured" : `${measured.source} (${measured.date})`;
  return { formula: "measured", terms: [gib(what, value, source)], result: value, unit: "GiB" };
}

function weights(replica: Replica, split: MemorySplit): Arithmetic {
  if (split.measured.includes("weightsGiB")) return measuredArithmetic(replica, "weights", split.weightsGiB);
  const format = weightFormats[replica.weights];
  const { tensor, pipeline, data, expert } = replica.parallel;
  const split3 = `tensor ${tensor} × pipeline ${pipeline} × data ${data}${expert ? ", experts whole" : ""}`;
  const source = `shape: ${cite(replica.model.source)}; ${format.name}: ${cite(format.source)}; ${split3}`;
  const terms = weightBytesPerGpu(replica).map(({ group, bytes }) =>
    gib(groupNames[group], bytes / bytesPerGiB, source),
  );
  return { formula: "sum of the parts on the fullest GPU", terms, result: split.weightsGiB, unit: "GiB" };
}

function overheadArithmetic(replica: Replica, split: MemorySplit): Arithmetic {
  if (split.measured.includes("kvGiB")) {
    const terms = [gib("budget", split.budgetGiB), gib("weights", split.weightsGiB), gib("KV cache", split.kvGiB)];
    return { formula: "budget − weights − measured KV cache", terms, result: split.overheadGiB, unit: "GiB" };
  }
  const { nonTorchGiB, forwardGiB, samplingGiB, towersGiB, graphsGiB } = overhead(replica);
  const terms = [
    gib("CUDA and communication", nonTorchGiB, cite(overheadSources.nonTorch)),
    gib(`one step of ${replica.batchedTokens} tokens`, forwardGiB, cite(overheadSources.forward)),
    gib(`sampling ${replica.maxSequences} sequences`, samplingGiB, cite(overheadSources.sampling)),
    ...(towersGiB === 0 ? [] : [gib("encoding images", towersGiB, cite(overheadSources.towers))]),
    gib("CUDA graphs", graphsGiB, cite(overheadSources.graphs)),
  ];
  const formula = "CUDA and communication + the largest of step, sampling and encoding images + CUDA graphs";
  return { formula, terms, result: split.overheadGiB, unit: "GiB" };
}

function cache(replica: Replica, split: MemorySplit): Arithmetic {
  const fixedGiB = fixedCacheGiB(replica);
  if (fixedGiB !== undefined) return setting("kvCacheMemory", fixedGiB, "GiB");
  if (split.measured.includes("kvGiB")) return measuredArithmetic(replica, "KV cache", split.kvGiB);
  const { engine } = replica;
  const held = [gib("weights", split.weightsGiB), gib("overhead", split.overheadGiB)];
  if (engine.kind === "vllm") {
    const terms = [gib("budget", split.budgetGiB), ...held];
    return { formula: "budget − weights − overhead", terms, result: split.kvGiB, unit: "GiB" };
  }
  const terms = [{ name: "freeMemoryFraction", value: engine.freeMemoryFraction }, total(replica), ...held];
  return { formula: "fraction × (GPU memory − weights − overhead)", terms, result: split.kvGiB, unit: "GiB" };
}

function margin(replica: Replica, split: MemorySplit): Arithmetic {
  if (fixedCacheGiB(replica) !== undefined) {
    return { formula: "none: the KV cache has a size of its own", terms: [], result: 0, unit: "GiB" };
  }
  if (split.measured.includes("kvGiB")) {
    return { formula: "none: the KV cache was measured", terms: [], result: 0, unit: "GiB" };
  }
  const { share, atLeastGiB } = memoryMargin;
  const formula = `the larger of ${share * 100} % of the KV cache and ${atLeastGiB} GiB: the overhead is an estimate`;
  return { formula, terms: [gib("KV cache", split.kvGiB)], result: split.marginGiB, unit: "GiB" };
}

function layerTerms(replica: Replica): Term[] {
  return kvLayers(replica).map(({ kind, layers, bytes }) => ({
    name: `${layers} layers with ${kind} attention: bytes of one ${kind === "linear" ? "request" : "token"}`,
    value: bytes,
    unit: "B",
    source: cite(replica.model.source),
  }));
}

function perToken(replica: Replica, result: number): Arithmetic {
  const parallel = [
    { name: "pipeline stages", value: replica.parallel.pipeline },
    { name: "GPUs that share a request's tokens", value: replica.parallel.decodeContext },
  ];
  const formula = "layers of the fullest stage × bytes of one layer ÷ GPUs that share a request's tokens";
  return { formula, terms: [...layerTerms(replica), ...parallel], result, unit: "B" };
}

function request(replica: Replica): Arithmetic {
  const groups = kvBlocks(replica)?.groups ?? [];
  const blocks = groups.map(({ kind, groups: count, blockTokens }) => ({
    name: `${count} groups of ${kind} attention: tokens of a block`,
    value: blockTokens,
    unit: "tokens",
    source: "vllm wheel 0.31.0, vllm/v1/core/kv_cache_utils.py: get_kv_cache_groups",
  }));
  const context = { name: "context", value: replica.context, unit: "tokens" };
  return {
    formula: "blocks that a request of the whole context holds × bytes of a block",
    terms: [...layerTerms(replica), ...blocks, context],
    result: kvBytesOfRequest(replica, replica.context),
    unit: "B",
  };
}

function tokens(replica: Replica, split: MemorySplit, marginGiB: number, result: number): Arithmetic {
  const block = { name: "bytes of a block", value: kvBlocks(replica)?.bytesPerBlock ?? 0, unit: "B" };
  const terms = [gib("KV cache", split.kvGiB), gib("margin", marginGiB), block];
  return {
    formula: "(KV cache − margin), in whole blocks, as the engine counts tokens",
    terms,
    result,
    unit: "tokens",
  };
}
