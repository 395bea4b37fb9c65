import { describe, expect, test } from "vitest";
import { readStartUpLog } from "../../../tools/fit/start-up-log";

/** Lines as vLLM 0.31.0 formats them (v1/engine/core.py and others), with made-up numbers. */
const newest = `
(EngineCore pid=91) INFO 11-20 03:14:01 [core.py:128] Initializing a V1 LLM engine (v0.31.0) with config: model='Qwen/Qwen3-14B', speculative_config=None, tokenizer='Qwen/Qwen3-14B', dtype=torch.bfloat16, max_seq_len=40960, tensor_parallel_size=2, pipeline_parallel_size=1, data_parallel_size=1, decode_context_parallel_size=1, quantization=fp8, quantization_config=None, enforce_eager=False, kv_cache_dtype=auto, device_config=cuda
(Worker_TP0 pid=99) INFO [gpu_model_runner.py:5355] Model loading took 7.11 GiB memory and 31.204981 seconds
(Worker_TP1 pid=98) INFO [gpu_model_runner.py:5355] Model loading took 7.12 GiB memory and 33.018812 seconds
(Worker_TP0 pid=99) INFO [gpu_worker.py:692] Available KV cache memory: 29.63 GiB
(Worker_TP1 pid=98) INFO [gpu_worker.py:692] Available KV cache memory: 29.51 GiB
(EngineCore pid=91) INFO [kv_cache_utils.py:2466] GPU KV cache size: 386,768 tokens, Maximum concurrency for 40,960 tokens per request: 9.44x
(Worker_TP0 pid=99) INFO [gpu_model_runner.py:6855] Graph capturing finished in 9 secs, took 0.61 GiB
(EngineCore pid=91) INFO [core.py:374] init engine (profile, create kv cache, warmup model) took 61.25 s (compilation: 22.10 s)
`;

describe("a start-up log becomes facts", () => {
  test("of the newest version, from several workers: the most weights, the least cache", () => {
    expect(readStartUpLog(newest)).toEqual({
      monthDay: "11-20",
      version: "0.31.0",
      model: "Qwen/Qwen3-14B",
      tensorParallel: 2,
      pipelineParallel: 1,
      dataParallel: 1,
      decodeContextParallel: 1,
      maxModelLen: 40960,
      quantization: "fp8",
      enforceEager: false,
      weightsGiB: 7.12,
      loadSeconds: 33.018812,
      kvGiB: 29.51,
      kvTokens: 386768,
      cudaGraphsGiB: 0.61,
      engineStartSeconds: 61.25,
    });
  });

  test.each([
    ["Loading model weights took 14.9888 GB", { weightsGiB: 14.9888 }],
    ["Model loading took 27.5185 GiB and 93.25 seconds", { weightsGiB: 27.5185, loadSeconds: 93.25 }],
    ["Chunked prefill is enabled with max_num_batched_tokens=8192.", { maxNumBatchedTokens: 8192 }],
    ["non-default args: {'max_num_seqs': 64}", { maxNumSeqs: 64 }],
    ["GPU KV cache size: 75,824 tokens", { kvTokens: 75824 }],
    ["init engine (profile, create kv cache, warmup model) took 86.51 seconds", { engineStartSeconds: 86.51 }],
  ])("of an older version: %s", (line, facts) => {
    expect(readStartUpLog(`INFO [x.py:1] ${line}\n`)).toEqual(facts);
  });

  test("of the metrics page of a running server: blocks × tokens of a block", () => {
    const page = `vllm:cache_config_info{block_size="16",cache_dtype="auto",gpu_memory_utilization="0.92",num_gpu_blocks="4739"} 1.0`;
    expect(readStartUpLog(page)).toEqual({ kvTokens: 75824, gpuMemoryUtilization: 0.92 });
  });

  test("of the metrics page of a newer one: the tokens that it says, and its model", () => {
    const page = `vllm:num_requests_running{engine="0",model_name="google/gemma-3-27b-it"} 0.0
vllm:cache_config_info{block_size="16",cache_dtype="fp8",kv_cache_size_tokens="93312",num_gpu_blocks="4739"} 1.0`;
    expect(readStartUpLog(page)).toEqual({ kvTokens: 93312, model: "google/gemma-3-27b-it", kvCacheDtype: "fp8" });
  });

  test("nothing, from a text that says nothing", () => {
    expect(readStartUpLog("Application startup complete.\nquantization=None kv_cache_dtype=auto")).toEqual({});
  });
});
