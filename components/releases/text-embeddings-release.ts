import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { TextEmbeddingsPlan } from "../../planning";
import { Release, type ReleaseArgs } from "./release";

export type TextEmbeddingsReleaseArgs = ReleaseArgs<TextEmbeddingsPlan>;

/**
 * An encoder or a reranker served by text-embeddings-inference on machines without GPUs, with the same protections as
 * every release.
 *
 * Cost: CPU per pod × replicas ÷ CPU of a machine × the pool's price per machine and hour; `plan.usdPerHour` holds it.
 */
export class TextEmbeddingsRelease extends Release<TextEmbeddingsPlan> {
  constructor(name: string, args: TextEmbeddingsReleaseArgs, options?: ComponentResourceOptions) {
    super("releases:TextEmbeddingsRelease", name, args, options);
  }
}
