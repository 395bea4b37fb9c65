import { perReplica } from "../per-replica";
import type { Replica } from "../replica";
import { type KvKind, type KvLayers, kvLayers, stageCount } from "./kv-layers";
import { behaviourOf, type MemoryBehaviour } from "./versions";

/** Layers that share one table of blocks: a request takes blocks for each group by itself. */
export interface KvGroup {
  readonly kind: KvKind;
  /** How many groups of this kind there are. */
  readonly groups: number;
  /** Tokens of one block. */
  readonly blockTokens: number;
}

/** How vLLM cuts the memory for the KV cache into blocks. */
export interface KvBlocks {
  /** Bytes that one block takes on one GPU, over all layers of a group, with padding. */
  readonly bytesPerBlock: number;
  readonly groups: readonly KvGroup[];
}

/** vLLM's default tokens of a block, and those of MLA's kernels on Hopper and Blackwell of data centres. */
const defaultBlock = 16;
const latentBlock = 64;

/**
 * The blocks of a replica's KV cache; null without one.
 *
 * Layers of one kind make one group. Kinds are split into groups of as many layers as the rarest kind has (or the
 * most frequent, where it has less than half more), and pages of all kinds are made equal: smaller ones by more
 * tokens, those that do not divide the largest by padding, states of linear attention by larger pages of all.
 *
 * Source: vllm wheel 0.31.0, vllm/v1/core/kv_cache_utils.py: get_kv_cache_groups, unify_kv_cache_spec_page_size,
 * _get_kv_cache_groups_uniform_page_size; vllm/platforms/interface.py: block size of hybrids.
 */
export const kvBlocks = perReplica(blocksOf);

function blocksOf(replica: Replica): KvBlocks | null {
  const kinds = kvLayers(replica);
  const [first, ...others] = kinds;
  if (first === undefined) return null;
  const block = baseBlock(replica, kinds);
  if (others.length === 0) return uniform(replica, first, block);
  if (kinds.every(({ kind }) => kind === "full")) return severalWidths(replica, kinds, block);
  const page = Math.max(...kinds.map((layers) => pageBytes(layers, block)));
  const size = groupSize(kinds, behaviourOf(replica));
  const groups = kinds.map((layers) => ({
    kind: layers.kind,
    groups: Math.ceil(layers.layers / size),
    blockTokens: layers.kind === "linear" ? block : block * pagesInOne(page, pageBytes(layers, block)),
  }));
  return { bytesPerBlock: stageCount(size, replica) * page, groups };
}

function uniform(replica: Replica, layers: KvLayers, block: number): KvBlocks {
  return {
    bytesPerBlock: stageCount(layers.layers, replica) * pageBytes(layers, block),
    groups: [{ kind: layers.kind, groups: 1, blockTokens: block }],
  };
}

/** Layers that all keep every token are one group, however wide each is. */
function severalWidths(replica: Replica, kinds: readonly KvLayers[], block: number): KvBlocks {
  const bytesPerBlock = kinds.reduce((sum, kind) => sum + stageCount(kind.layers, replica) * pageBytes(kind, block), 0);
  return { bytesPerBlock, groups: [{ kind: "full", groups: 1, blockTokens: block }] };
}

/** A page that does not divide the largest is padded, which leaves the tokens of its block as they are. */
function pagesInOne(largest: number, page: number): number {
  return largest % page === 0 ? largest / page : 1;
}

function pageBytes({ kind, bytes }: KvLayers, block: number): number {
  return kind === "linear" ? bytes : bytes * block;
}

function baseBlock({ model, gpu }: Replica, kinds: readonly KvLayers[]): number {
  const latentKernels = model.mla !== null && gpu.computeCapability >= 9 && gpu.computeCapability < 12;
  const block = latentKernels ? latentBlock : defaultBlock;
  const state = kinds.find(({ kind }) => kind === "linear");
  const tokens = kinds.filter(({ kind }) => kind !== "linear").map(({ bytes }) => bytes);
  if (state === undefined || tokens.length === 0) return block;
  return block * Math.ceil(state.bytes / (block * Math.max(...tokens)));
}

function groupSize(kinds: readonly KvLayers[], { widensGroups }: MemoryBehaviour): number {
  const counts = kinds.map(({ layers }) => layers);
  const rarest = Math.min(...counts);
  const commonest = Math.max(...counts);
  return widensGroups && commonest < rarest * 1.5 ? commonest : rarest;
}
