import type { Replica } from "../replica";
import { allReduceSeconds, exchangeSeconds, handOverSeconds } from "./communication";
import { stepSeconds } from "./constants";
import { type Kernels, type SpeedProfile, speedProfile } from "./profile";

/** What the tokens of a step see, on average. */
export interface StepContext {
  /** Tokens that each decoding sequence has. */
  readonly contextTokens: number;
  /** Tokens that a prompt token sees. */
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
  const terms = computeTerms({ ...noTerms }, profile, { contextTokens, promptContext: 0 }, batch, 0);
  return { seconds: sumTerms(terms), terms, tokensPerSequence: profile.draft?.perStep ?? 1 };
}

type MutableTerms = { -readonly [Term in keyof StepTerms]: StepTerms[Term] };

const noTerms: StepTerms = {
  weights: 0,
  weightReading: 0,
  experts: 0,
  output: 0,
  attention: 0,
  activations: 0,
  communication: 0,
  operations: 0,
  launching: 0,
  draft: 0,
  scheduling: 0,
};

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

/** One answer takes dozens of steps, of which only the sums are kept: all write into the same terms. */
const overwritten: MutableTerms = { ...noTerms };

/**
 * Seconds of an engine step: the sum of its terms.
 *
 * @param sequences - that decode, over the whole replica; each gets a token
 * @param promptTokens - that are computed beside them
 */
export function stepTime(profile: SpeedProfile, context: StepContext, sequences: number, promptTokens: number): number {
  return sumTerms(computeTerms(overwritten, profile, context, sequences, promptTokens));
}

/** Where the seconds of a step go; over all pipeline stages, whose micro-batches follow each other. */
function computeTerms(
  terms: MutableTerms,
  profile: SpeedProfile,
  { contextTokens, promptContext }: StepContext,
  allSequences: number,
  promptTokens: number,
): StepTerms {
  const { parallel } = profile.replica;
  const stages = parallel.pipeline;
  const ranks = stages * parallel.data;
  const verified = 1 + (profile.draft?.tokens ?? 0);
  const sequences = perRank(allSequences, ranks);
  const prompt = promptTokens / ranks;
  const tokens = sequences * verified + prompt;
  const reading = (profile.quantised.bytes + profile.sixteenBit.bytes) / profile.weightsPerSecond;
  const weights = products(profile, profile.quantised, tokens) + products(profile, profile.sixteenBit, tokens);
  const experts = expertProducts(profile, tokens * parallel.data);
  const output = products(profile, profile.output, sequences * verified) / stages;
  const attention =
    decodeAttention(profile, sequences, verified, contextTokens) + promptAttention(profile, prompt, promptContext);
  const activations = (tokens * profile.activationBytes) / profile.weightsPerSecond;
  const busy = weights + experts + output + attention + activations + profile.overheadSeconds;
  terms.weights = weights * stages;
  terms.weightReading = reading * stages;
  terms.experts = experts * stages;
  terms.output = output * stages;
  terms.attention = attention * stages;
  terms.activations = activations * stages;
  terms.communication = communicationSeconds(profile, tokens) * stages;
  terms.operations = (profile.overheadSeconds + (prompt > 0 ? profile.promptLaunchSeconds : 0)) * stages;
  terms.launching = Math.max(0, profile.launchSeconds - busy) * stages;
  terms.draft = allSequences > 0 ? (profile.draft?.seconds ?? 0) : 0;
  terms.scheduling = stepSeconds.fixed + profile.sequenceSeconds * (allSequences / parallel.data);
  return terms;
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
