/** Flags that settings and planning decide: one that is written a second time would undo what was planned. */

/** Flags by the setting to write in their place. */
const settingsOf: Readonly<Record<string, readonly string[]>> = {
  model: ["--model"],
  revision: ["--revision", "--tokenizer-revision", "--code-revision"],
  weights: ["--load-format", "--download-dir", "--model-loader-extra-config", "--safetensors-load-strategy"],
  task: ["--runner", "--convert"],
  tensorParallel: ["--tensor-parallel-size"],
  pipelineParallel: ["--pipeline-parallel-size"],
  dataParallel: ["--data-parallel-size", "--data-parallel-size-local"],
  expertParallel: ["--enable-expert-parallel"],
  decodeContextParallel: ["--decode-context-parallel-size"],
  context: ["--max-model-len"],
  maxSequences: ["--max-num-seqs", "--max-num-active-seqs"],
  batchedTokens: ["--max-num-batched-tokens", "--max-num-scheduled-tokens"],
  chunkedPrefill: ["--enable-chunked-prefill"],
  prefixCaching: ["--enable-prefix-caching"],
  kvCache: ["--kv-cache-dtype"],
  gpuMemoryUtilization: ["--gpu-memory-utilization", "--device-memory-utilization"],
  kvCacheMemory: ["--kv-cache-memory-bytes", "--num-gpu-blocks-override"],
  kvOffload: ["--kv-offloading-size", "--kv-offloading-backend"],
  quantization: ["--quantization"],
  enforceEager: ["--enforce-eager"],
  lora: ["--enable-lora", "--max-loras", "--max-lora-rank", "--max-cpu-loras", "--lora-modules"],
  draft: ["--speculative-config", "--spec-method", "--spec-model", "--spec-tokens"],
  media: ["--limit-mm-per-prompt", "--allowed-media-domains", "--language-model-only"],
  structuredOutputs: ["--structured-outputs-config"],
  toolCallParser: ["--tool-call-parser", "--enable-auto-tool-choice"],
  reasoningParser: ["--reasoning-parser"],
  queueLimits: ["--max-num-queued-reqs", "--max-num-queued-tokens"],
  longestRequest: ["--shutdown-timeout"],
};

/** Flags by what planning decides them from, where there is no setting to write. */
const decidedBy: Readonly<Record<string, readonly string[]>> = {
  "the release's name, by which routes know it": ["--served-model-name"],
  "the endpoint that probes, metrics and the network policy are planned for": [
    "--port",
    "--host",
    "--uds",
    "--root-path",
    "--grpc",
    "--headless",
    "--tokens-only",
    "--ssl-keyfile",
    "--ssl-certfile",
    "--ssl-ca-certs",
    "--ssl-cert-reqs",
  ],
  "the model's type and the GPU": ["--dtype"],
  "how the release is laid over machines": [
    "--nnodes",
    "--node-rank",
    "--master-addr",
    "--master-port",
    "--distributed-executor-backend",
    "--prefill-context-parallel-size",
    "--data-parallel-rank",
    "--data-parallel-start-rank",
    "--data-parallel-address",
    "--data-parallel-rpc-port",
    "--data-parallel-backend",
    "--data-parallel-external-lb",
    "--data-parallel-hybrid-lb",
    "--data-parallel-multi-port-external-lb",
    "--api-server-count",
    "--device-ids",
  ],
  "the memory plan, which counts all weights on the GPUs": [
    "--cpu-offload-gb",
    "--cpu-offload-params",
    "--offload-backend",
    "--offload-group-size",
    "--offload-num-in-group",
    "--offload-params",
    "--offload-prefetch-step",
  ],
  "the promises of the routes": ["--custom-histogram-buckets"],
};

/** Who decides a flag. */
export type Owner =
  { readonly kind: "setting"; readonly setting: string } | { readonly kind: "planning"; readonly by: string };

const owners: ReadonlyMap<string, Owner> = new Map([
  ...Object.entries(settingsOf).flatMap(([setting, flags]) =>
    flags.map((flag): readonly [string, Owner] => [flag, { kind: "setting", setting }]),
  ),
  ...Object.entries(decidedBy).flatMap(([by, flags]) =>
    flags.map((flag): readonly [string, Owner] => [flag, { kind: "planning", by }]),
  ),
]);

/** Who decides a flag, by its full name; undefined for one that people may write. */
export function ownerOf(flag: string): Owner | undefined {
  return owners.get(flag);
}

/** Flags that have an owner. */
export const ownedFlags: readonly string[] = [...owners.keys()];
