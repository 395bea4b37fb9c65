import type { Replica } from "../replica";
import { allReduceSeconds, exchangeSeconds, handOverSeconds } from "./communication";
import { promptLayerSeconds, stepSeconds } from "./constants";
import { type Kernels, type SpeedProfile, speedProfile } from "./profile";

/** One engine step: sequences that each get a token, and prompt tokens beside them. */
export interface StepWork {
  /** Sequences that decode, over the whole replica. */
  readonly sequences: number;
  /** Tokens that each of them has, on average. */
  readonly contextTokens: number;
  /** Prompt tokens of this step. */
  readonly promptTokens: number;
  /** Tokens that a prompt token sees, on average. */
  readonly promptContext: number;
}

/** Where the seconds of a step go. */
export interface StepTerms {
  /** Products with the weights, of which memory alone would take `weightReading`. */
  readonly weights: number;
  readonly weightReading: number;
  readonly experts: number;
  readonly output: number;
  /** Attention: reading the cache of decoding sequences, computing that of prompts. */
  readonly attention: number;
  readonly activations: number;
  readonly communication: number;
  readonly operations: number;
  /** What launching kernels takes beyond all of these, without CUDA graphs. */
  readonly launching: number;
  readonly draft: number;
  readonly scheduling: number;
}

export interface DecodeStep {
  readonly seconds: number;
  readonly terms: StepTerms;
  /** Tokens that each sequence gains: more than one with speculative decoding. */
  readonly tokensPerSequence: number;
}

/** One step that decodes so many sequences with so many tokens each. */
export function decodeStep(replica: Replica, batch: number, contextTokens: number): DecodeStep {
  const profile = speedProfile(replica);
  const work = { sequences: batch, contextTokens, promptTokens: 0, promptContext: 0 };
  const terms = stepTerms(profile, work);
  return { seconds: sumTerms(terms), terms, tokensPerSequence: profile.draft?.perStep ?? 1 };
}

function sumTerms(terms: StepTerms): number {
  const { weights, experts, output, attention, activations, communication } = terms;
  return (
    weights +
    experts +
    output +
    attention +
    activations +
    communication +
    terms.operations +
    terms.launching +
    terms.draft +
    terms.scheduling
  );
}

/** Seconds of a step. The same as the sum of its terms, which this computes without keeping them. */
export function stepTime(profile: SpeedProfile, work: StepWork): number {
  return sumTerms(stepTerms(profile, work));
}

/** Where the seconds of a step go; over all pipeline stages, whose micro-batches follow each other. */
export function stepTerms(profile: SpeedProfile, work: StepWork): StepTerms {
  const { parallel } = profile.replica;
  const stages = parallel.pipeline;
  const ranks = stages * parallel.data;
  const verified = 1 + (profile.draft?.tokens ?? 0);
  const sequences = perRank(work.sequences, ranks);
  const prompt = work.promptTokens / ranks;
  const tokens = sequences * verified + prompt;
  const routed = tokens * parallel.data;
  const reading = (profile.quantised.bytes + profile.sixteenBit.bytes) / profile.weightsPerSecond;
  const weights = products(profile, profile.quantised, tokens) + products(profile, profile.sixteenBit, tokens);
  const experts = expertProducts(profile, routed);
  const output = products(profile, profile.output, sequences * verified) / stages;
  const attention =
    decodeAttention(profile, sequences, verified, work.contextTokens) +
    promptAttention(profile, prompt, work.promptContext);
  const activations = (tokens * profile.activationBytes) / profile.weightsPerSecond;
  const communication = communicationSeconds(profile, tokens);
  const busy = weights + experts + output + attention + activations + profile.overheadSeconds;
  return {
    weights: weights * stages,
    weightReading: reading * stages,
    experts: experts * stages,
    output: output * stages,
    attention: attention * stages,
    activations: activations * stages,
    communication: communication * stages,
    operations: (profile.overheadSeconds + promptLaunch(profile, prompt)) * stages,
    launching: Math.max(0, profile.launchSeconds - busy) * stages,
    draft: work.sequences > 0 ? (profile.draft?.seconds ?? 0) : 0,
    scheduling:
      stepSeconds.fixed + stepSeconds.perSequence[profile.replica.engine.kind] * (work.sequences / parallel.data),
  };
}

/** Without CUDA graphs at all, prompts add nothing to launching. */
function promptLaunch({ replica, layers, launchSeconds }: SpeedProfile, promptTokens: number): number {
  return promptTokens > 0 && launchSeconds === 0 ? layers * promptLayerSeconds[replica.engine.kind] : 0;
}

/** Sequences spread evenly; one alone still occupies a rank. */
function perRank(sequences: number, ranks: number): number {
  return sequences === 0 ? 0 : Math.max(Math.min(1, sequences), sequences / ranks);
}

/**
 * A kernel that reads and computes at once takes a little more than the longer of both where they are alike. The cubic
 * norm agrees with measured products within a tenth.
 */
function longerOf(reading: number, computing: number): number {
  return Math.cbrt(reading * reading * reading + computing * computing * computing);
}

function products(profile: SpeedProfile, group: Kernels, tokens: number): number {
  if (group.bytes === 0 || tokens === 0) return 0;
  const bytes = group.bytes + (tokens > 1 ? group.expandedBytes : 0);
  return longerOf(bytes / profile.weightsPerSecond, (2 * group.parameters * tokens) / group.flopsPerSecond);
}

/** Tokens pick experts independently: of all, a share of 1 − (1 − k ÷ E)^tokens is read. */
function expertProducts(profile: SpeedProfile, tokens: number): number {
  const { experts } = profile;
  if (experts.bytes === 0 || tokens === 0) return 0;
  const touched = 1 - (1 - experts.tokenShare) ** tokens;
  const bytes = touched * (experts.bytes + (tokens > 1 ? experts.expandedBytes : 0));
  const flops = 2 * experts.parameters * experts.tokenShare * tokens;
  return longerOf(bytes / profile.weightsPerSecond, flops / experts.flopsPerSecond);
}

function decodeAttention(profile: SpeedProfile, sequences: number, verified: number, context: number): number {
  if (sequences === 0) return 0;
  const { cache, attention, replica } = profile;
  const local = Math.min(context, cache.localTokens);
  const bytes = cache.bytesPerToken * context + cache.localBytesPerToken * local + cache.stateBytes;
  const { mla } = replica.model;
  const reading = bytes / profile.cachePerSecond;
  if (mla === null) return sequences * reading;
  // Decoding works on the latent vectors themselves, which is wider than the heads that prompts use.
  const width = (2 * mla.kvLoraRank + mla.ropeHeadDim) / (mla.nopeHeadDim + mla.ropeHeadDim + mla.valueHeadDim);
  const seen = Math.min(context, mla.indexer?.topK ?? Infinity);
  const computing = (attention.flopsPerToken * width * seen * verified) / attention.flopsPerSecond;
  return sequences * longerOf(reading, computing);
}

function promptAttention({ attention, cache }: SpeedProfile, tokens: number, context: number): number {
  const local = Math.min(context, cache.localTokens);
  const flops = attention.flopsPerToken * context + attention.localFlopsPerToken * local;
  return (tokens * flops) / attention.flopsPerSecond;
}

/** Two all-reduces a layer; with experts over data-parallel ranks all tokens go there and back. */
function communicationSeconds(profile: SpeedProfile, tokens: number): number {
  const { parallel } = profile.replica;
  const bytes = tokens * profile.hiddenBytes;
  const spread = parallel.data > 1 ? profile.expertLayers : 0;
  const reduces = 2 * profile.layers - spread;
  let seconds = reduces * allReduceSeconds(profile.tensorLink, parallel.tensor, bytes);
  if (spread > 0) seconds += 2 * spread * exchangeSeconds(profile.exchangeLink, parallel.data, bytes);
  if (parallel.pipeline > 1) seconds += handOverSeconds(profile.stageLink, bytes);
  return seconds;
}
