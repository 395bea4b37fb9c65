import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { replicaOf } from "../../../planning/fit";
import { splitMemory } from "../../../planning/memory";
import { contradictions, fromLog, tokenNotes, withTokens } from "../../../tools/fit/measured";
import { folderWith } from "../../harness/folder";
import { load, smallest } from "../../harness/environments";
import { modelyard } from "../../harness/modelyard";

/** Lines as vLLM 0.31.0 formats them, of one engine with two workers. */
const log = `
(EngineCore pid=91) INFO 11-20 03:14:01 [core.py:128] Initializing a V1 LLM engine (v0.31.0) with config: model='Qwen/Qwen3-14B', dtype=torch.bfloat16, max_seq_len=40960, tensor_parallel_size=2, pipeline_parallel_size=1, data_parallel_size=1, quantization=fp8, enforce_eager=False, kv_cache_dtype=auto
(Worker_TP0 pid=99) INFO 11-20 03:14:40 [gpu_model_runner.py:5355] Model loading took 7.81 GiB memory and 31.204981 seconds
(Worker_TP0 pid=99) INFO 11-20 03:15:02 [gpu_worker.py:692] Available KV cache memory: 29.51 GiB
(EngineCore pid=91) INFO 11-20 03:15:02 [kv_cache_utils.py:2466] GPU KV cache size: 386,768 tokens, Maximum concurrency for 40,960 tokens per request: 9.44x
(EngineCore pid=91) INFO 11-20 03:16:02 [core.py:374] init engine (profile, create kv cache, warmup model) took 61.25 s
`;

const metrics = `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="Qwen/Qwen3-14B"} 0.0
vllm:cache_config_info{block_size="16",cache_dtype="auto",engine="0",gpu_memory_utilization="0.92",num_gpu_blocks="4739"} 1.0
`;

const fileWith = (text: string): string => join(folderWith({ "engine.log": text }), "engine.log");

describe("a log is a dated fact, and says what its engine was asked to do", () => {
  test("of the day of its lines", () => {
    const file = fileWith(log);
    expect(fromLog(file, "2026-11-21")).toEqual({
      file,
      kvTokens: 386_768,
      measured: {
        weightsGiB: 7.81,
        kvGiB: 29.51,
        loadSeconds: 31.204981,
        engineStartSeconds: 61.25,
        source: file,
        date: "2026-11-20",
      },
      settings: {
        model: "Qwen/Qwen3-14B",
        engineVersion: "0.31.0",
        tensorParallel: 2,
        pipelineParallel: 1,
        dataParallel: 1,
        maxModelLen: 40960,
        enforceEager: false,
        quantization: "fp8",
      },
    });
  });

  test.each([
    ["last year's, where it would be in the future", "2027-03-01", "2026-11-20"],
    ["today's, on that day", "2026-11-20", "2026-11-20"],
  ])("%s", (_what, today, date) => {
    expect(fromLog(fileWith(log), today).measured.date).toBe(date);
  });

  test.each([
    ["without a day", metrics],
    ["of a day that there is not", log.replaceAll("11-20", "13-40")],
  ])("%s it is of today", (_what, text) => {
    expect(fromLog(fileWith(text), "2026-11-21").measured.date).toBe("2026-11-21");
  });

  test("a format whose name leaves it open is left out", () => {
    const { settings } = fromLog(
      fileWith(log.replace("quantization=fp8", "quantization=compressed-tensors")),
      "2026-11-21",
    );
    expect(settings).not.toHaveProperty("quantization");
  });

  test("a text without facts is refused", () => {
    const file = fileWith("Application startup complete.");
    expect(() => fromLog(file, "2026-11-21")).toThrow(`${file} has no line that vLLM writes about its memory`);
  });
});

test("tokens of a metrics page become the memory that holds just these", () => {
  const read = fromLog(fileWith(metrics), "2026-11-21");
  for (const model of ["Qwen3-14B", "gemma-3-27b-it"]) {
    const found = replicaOf({ model, gpu: "H100-SXM", maxModelLen: 8192, gpuMemoryUtilization: 0.95 }, read.measured);
    if (!("replica" in found)) throw new Error(JSON.stringify(found));
    const { expectedKvTokens, measured } = splitMemory(withTokens(found.replica, read));
    expect(measured).toEqual(["kvGiB"]);
    expect((expectedKvTokens ?? 0) / 75_824).toBeCloseTo(1, 3);
  }
});

test("a question for another engine than that of the log is contradicted; another context is not", () => {
  const read = fromLog(fileWith(log), "2026-11-21");
  expect(contradictions(read, { tensorParallel: 2, maxModelLen: 8192, gpuMemoryUtilization: 0.9 })).toEqual([]);
  expect(contradictions(read, { tensorParallel: 4, quantization: "awq" })).toEqual([
    `--tensor-parallel is 4, but ${read.file} is of an engine with 2: leave the option out`,
    `--quantization is awq, but ${read.file} is of an engine with fp8: leave the option out`,
  ]);
});

test("tokens that a model's memory would not hold are pointed out", () => {
  const read = fromLog(fileWith(log), "2026-11-21");
  expect(tokenNotes(read, 386_784)).toEqual([]);
  expect(tokenNotes(read, 193_392)).toEqual([
    `${read.file} says that its KV cache holds 386,768 tokens, but of this model and format it would hold 193,392: is it another model?`,
  ]);
});

describe("modelyard fit --from-log", () => {
  test("answers with what was measured, says so, and saves a fact that environments read", async () => {
    const folder = folderWith({ "engine.log": log });
    const saved = join(folder, "stacks/measured/qwen.json");
    const { code, out, err } = await modelyard(
      "fit",
      "--from-log",
      join(folder, "engine.log"),
      "--gpu",
      "L40S",
      "--format",
      "json",
      "--save",
      saved,
    );
    expect({ code, err }).toEqual({ code: 0, err: `written: ${saved}` });
    const answer: unknown = JSON.parse(out);
    expect(answer).toMatchObject({
      weightsGibPerGpu: 7.81,
      kvGibPerGpu: 29.51,
      resolved: { model: "Qwen/Qwen3-14B", tensorParallel: 2, quantization: "fp8", maxModelLen: 40960 },
    });
    expect(answer).toHaveProperty("reasons", [
      expect.stringMatching(/^measured, not estimated: weights and KV cache \(.*engine\.log, \d{4}-11-20\)$/),
    ]);

    const { environment } = load(smallest, { "stacks/measured/qwen.json": readFileSync(saved, "utf8") });
    expect(environment.measured).toEqual([
      {
        model: "Qwen/Qwen3-14B",
        gpu: "L40S",
        version: "0.31.0",
        quantization: "fp8",
        tensorParallel: 2,
        weightsGiB: 7.81,
        kvGiB: 29.51,
        loadSeconds: 31.204981,
        engineStartSeconds: 61.25,
        source: join(folder, "engine.log"),
        date: expect.stringMatching(/-11-20$/),
        file: "stacks/measured/qwen.json",
      },
    ]);
  });

  test("in words, too", async () => {
    const { out } = await modelyard("fit", "--from-log", fileWith(log), "--gpu", "L40S");
    expect(out).toMatch(/weights \(measured\) +overhead +KV cache \(measured\)/);
    expect(out).toMatch(/ - measured, not estimated: weights and KV cache/);
  });

  test.each<[what: string, text: string, args: readonly string[], said: RegExp]>([
    [
      "another engine",
      log,
      ["--tensor-parallel", "4"],
      /--tensor-parallel is 4, but .* is of an engine with 2: leave the option out$/,
    ],
    ["a log that is none", "nothing", [], /has no line that vLLM writes about its memory/],
    [
      "a page that names no version",
      metrics,
      ["--save", "x.json"],
      /--save needs --engine-version: .* does not say which vLLM wrote it/,
    ],
    [
      "replicas side by side",
      log,
      ["--gpus", "4", "--save", "x.json"],
      /--save keeps measurements of tensor parallelism alone/,
    ],
    ["a file that cannot be written", log, ["--save", "/dev/null/x.json"], /\/dev\/null\/x\.json cannot be written/],
  ])("%s is refused", async (_what, text, args, said) => {
    const { code, out, err } = await modelyard("fit", "--from-log", fileWith(text), "--gpu", "L40S", ...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(said);
  });
});
