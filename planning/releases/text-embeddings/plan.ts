import type { Source } from "../../../catalog/fact";
import type { SecretKeySettings } from "../../../environment";
import type { Confidence } from "../../replica";
import type { Workload } from "../../workload";

/** An encoder or a reranker on machines without GPUs. */
export interface TextEmbeddingsPlan extends Workload {
  readonly kind: "text-embeddings-inference";
  /** `embed` makes vectors of texts, `rerank` scores pairs of a question and a text. */
  readonly task: "embed" | "rerank";
  /** Where the model's shape comes from, which decides memory and speed. */
  readonly modelSource: Source;
  readonly dataType: "float32";
  readonly weights: TextEmbeddingsWeights;
  readonly batch: TextBatch;
  /** Texts that one pod has at once, waiting ones included. */
  readonly concurrentTexts: number;
  readonly hostMemory: HostMemory;
  /** What it does under the load of its routes; null where no route says its load, or no number of pods keeps it. */
  readonly encoding: Encoding | null;
}

export type TextEmbeddingsWeights =
  | { readonly from: "hub"; readonly token?: SecretKeySettings }
  | { readonly from: "pvc"; readonly claim: string; readonly path: string; readonly mountPath: string };

/** The largest batch: full of texts of full length. */
export interface TextBatch {
  /** Tokens of the longest text; longer ones are refused or cut. */
  readonly longestText: number;
  /** Tokens, each text counted as the longest of the batch. */
  readonly tokens: number;
  /** Texts at the most, of the runtime that takes more. */
  readonly texts: number;
  readonly seconds: number;
}

/** What the memory of one pod is for, in GiB. */
export interface HostMemory {
  /** The file that is read, and what is made of it. */
  readonly weightsGiB: number;
  /** What the largest batch needs beside them. */
  readonly activationsGiB: number;
  /** A copy for each worker that tokenises. */
  readonly tokenizersGiB: number;
  /** The process itself: libraries, requests and answers. */
  readonly processGiB: number;
}

/** A release under the load of its routes. */
export interface Encoding {
  /** On average over a busy hour, and at the worst moment that must be served. */
  readonly requestsPerSecond: number;
  readonly peakRequestsPerSecond: number;
  /** Texts of one request, and tokens of one text: a request longer than the longest text has several. */
  readonly texts: number;
  readonly textTokens: number;
  /** One request alone on one pod. */
  readonly requestSeconds: number;
  /** Pods that the worst moment needs. */
  readonly needed: number;
  readonly expected: EncodingAt;
  readonly peak: EncodingAt;
  readonly confidence: Confidence;
}

export interface EncodingAt {
  /** Share of their time that pods work. */
  readonly utilization: number;
  /** Seconds within which 95 of 100 requests are answered. */
  readonly answered95: number;
}
