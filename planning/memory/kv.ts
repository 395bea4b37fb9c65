import type { Replica } from "../replica";
import { type KvBlocks, kvBlocks, type KvGroup } from "./kv-groups";
import { kvLayers, stageCount } from "./kv-layers";
import { behaviourOf } from "./versions";

/**
 * Bytes that one more token of any request takes on one GPU; null where that depends on the request (windows, chunks,
 * linear attention) and 0 for encoders. With pipeline stages: on the stage with the most layers.
 */
export function kvBytesPerTokenPerGpu(replica: Replica): number | null {
  const kinds = kvLayers(replica);
  if (kinds.some(({ kind }) => kind !== "full")) return null;
  const bytes = kinds.reduce((sum, kind) => sum + stageCount(kind.layers, replica) * kind.bytes, 0);
  return bytes / replica.parallel.decodeContext;
}

/** Bytes that a request of so many tokens holds at its largest on one GPU, in whole blocks, as vLLM counts them. */
export function kvBytesOfRequest(replica: Replica, tokens: number): number {
  const blocks = kvBlocks(replica);
  return blocks === null ? 0 : blocks.bytesPerBlock * blocksOfRequest(replica, blocks, tokens);
}

/**
 * Tokens that so many bytes of one GPU hold, as vLLM's start-up log says ("GPU KV cache size"): with one kind of layer
 * whole blocks; else, from 0.21, what requests of the whole context would hold together. Null for encoders.
 */
export function kvTokens(replica: Replica, kvBytes: number): number | null {
  const blocks = kvBlocks(replica);
  if (blocks === null) return null;
  const count = blockCount(blocks, kvBytes);
  const { decodeContext } = replica.parallel;
  const only = blocks.groups.length === 1 ? blocks.groups[0] : undefined;
  if (only?.kind === "full") return count * only.blockTokens * decodeContext;
  if (behaviourOf(replica).logsConcurrencyTokens) {
    return Math.floor((count / blocksOfRequest(replica, blocks, replica.context)) * replica.context);
  }
  const groups = blocks.groups.reduce((sum, group) => sum + group.groups, 0);
  const smallest = Math.min(...blocks.groups.map(({ blockTokens }) => blockTokens));
  return Math.floor(count / groups) * smallest * decodeContext;
}

/** Requests of so many tokens that fit at once ("Maximum concurrency"); infinite for encoders, which keep nothing. */
export function maxConcurrency(replica: Replica, kvBytes: number, tokensPerRequest: number): number {
  const blocks = kvBlocks(replica);
  if (blocks === null) return Infinity;
  return blockCount(blocks, kvBytes) / blocksOfRequest(replica, blocks, tokensPerRequest);
}

function blockCount({ bytesPerBlock }: KvBlocks, kvBytes: number): number {
  return Math.max(0, Math.floor(kvBytes / bytesPerBlock));
}

function blocksOfRequest(replica: Replica, { groups }: KvBlocks, tokens: number): number {
  return groups.reduce((sum, group) => sum + group.groups * blocksOfGroup(replica, group, tokens), 0);
}

/**
 * Blocks that a request takes in one group.
 *
 * Source: vllm wheel 0.31.0, vllm/v1/kv_cache_interface.py: max_memory_usage_bytes of each kind. A window keeps the
 * tokens behind it and those of steps under way, and one block more, because it may begin within a block.
 */
function blocksOfGroup(replica: Replica, { kind, blockTokens }: KvGroup, tokens: number): number {
  const window = replica.model.slidingWindow ?? 0;
  switch (kind) {
    case "full":
      return Math.ceil(Math.ceil(tokens / replica.parallel.decodeContext) / blockTokens);
    case "sliding":
      return Math.ceil(Math.min(window - 1 + inFlightTokens(replica), tokens) / blockTokens) + 1;
    case "chunked":
      return Math.ceil(Math.min(window + inFlightTokens(replica), tokens) / blockTokens);
    case "linear":
      return (behaviourOf(replica).cachesLinearPrefix ? 2 : 1) + (replica.draft?.tokens ?? 0);
  }
}

/** Tokens of steps that are scheduled and not finished: two at a time with asynchronous scheduling. */
function inFlightTokens(replica: Replica): number {
  const { batchedTokens, parallel } = replica;
  if (!behaviourOf(replica).keepsInFlightTokens) return batchedTokens;
  return batchedTokens * (parallel.pipeline === 1 ? 2 : parallel.pipeline + 1);
}
