import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { weightFormatIds } from "../../../catalog/formats";
import type { FitQuestion } from "../../../planning/fit";
import { asOption, questionKeys, questionOf, questionsOf, type Read } from "../../../tools/fit/read";
import { folderWith } from "../../harness/folder";

/** One value of every key, as the command line has it, and what it means. */
const everything: Readonly<
  Record<Exclude<keyof FitQuestion, "config">, readonly [written: string | boolean, read: unknown]>
> = {
  model: ["Qwen3-14B", "Qwen3-14B"],
  gpu: ["L40S", "L40S"],
  gpus: ["8", 8],
  tensorParallel: ["4", 4],
  pipelineParallel: ["2", 2],
  dataParallel: ["1", 1],
  expertParallel: [true, true],
  decodeContextParallel: ["1", 1],
  quantization: ["fp8", "fp8"],
  kvCacheDtype: ["auto", "auto"],
  maxModelLen: ["8192", 8192],
  maxNumSeqs: ["64", 64],
  maxNumBatchedTokens: ["2048", 2048],
  gpuMemoryUtilization: ["92%", 0.92],
  engine: ["tensorrt-llm", "tensorrt-llm"],
  engineVersion: ["~0.10.2 (Sep 2025)", "~0.10.2 (Sep 2025)"],
  cudaTotalGib: ["44.42", 44.42],
  enforceEager: [true, true],
  interconnect: ["pcie", "pcie"],
  loraAdapters: ["4", 4],
  loraRank: ["16", 16],
  draftLayers: ["1", 1],
  concurrency: ["10", 10],
  requestsPerSecond: ["0.5", 0.5],
  inputTokens: ["1000", 1000],
  outputTokens: ["1e3", 1000],
  prefixHit: ["30%", 0.3],
  region: ["eu-west-1", "eu-west-1"],
};

const fromOptions = (options: Readonly<Record<string, string | boolean>>): Read => questionOf(options);

test("every key of a question is an option of the command line, with its kind", () => {
  expect(questionKeys.filter((key) => key !== "config").sort()).toEqual(Object.keys(everything).sort());
  const written = Object.entries(everything).map(([key, [value]]) => [asOption(key).slice(2), value] as const);
  const { question, problems } = fromOptions(Object.fromEntries(written));
  expect(problems).toEqual([]);
  expect(question).toEqual(Object.fromEntries(Object.entries(everything).map(([key, [, value]]) => [key, value])));
});

test("docs/fit.md has a row for every key", () => {
  const rows = readFileSync(join(__dirname, "../../../docs/fit.md"), "utf8").match(/^\| `.*?\|/gm) ?? [];
  expect(questionKeys.filter((key) => !rows.some((row) => row.includes(`\`${key}\``)))).toEqual([]);
});

test.each([
  ["maxModelLen", "--max-model-len"],
  ["gpu", "--gpu"],
  ["kvCacheDtype", "--kv-cache-dtype"],
])("%s is written %s", (key, option) => {
  expect(asOption(key)).toBe(option);
});

describe("formats have the names that engines and tables give them", () => {
  test.each<[written: string, format: string | undefined]>([
    ["awq-int4", "awq"],
    ["AWQ", "awq"],
    ["awq_marlin", "awq"],
    ["gptq-int4", "gptq"],
    ["w8a8-int8", "int8"],
    ["bitsandbytes", "nf4"],
    ["bfloat16", "bf16"],
    ["half", "fp16"],
    ["native", undefined],
    ["none", undefined],
    ...weightFormatIds.map((id): [string, string] => [id, id]),
  ])("%s is %s", (quantization, format) => {
    expect(fromOptions({ quantization }).question.quantization).toBe(format);
  });

  test.each([
    ["auto", "auto"],
    ["auto(bf16)", "auto"],
    ["fp8_e4m3", "fp8"],
    ["bfloat16", "bf16"],
  ])("of the cache, %s is %s", (dtype, format) => {
    expect(fromOptions({ "kv-cache-dtype": dtype }).question.kvCacheDtype).toBe(format);
  });
});

describe("what cannot be read is told with what is allowed, all at once, and the rest is read", () => {
  test.each<[key: string, written: string, expected: string]>([
    ["gpus", "0", "--gpus is 0: expected a whole number from 1 to 1,024"],
    ["tensor-parallel", "1.5", "--tensor-parallel is 1.5: expected a whole number from 1 to 64"],
    ["concurrency", "-5", "--concurrency is -5: expected a whole number from 1 to 1,000,000"],
    ["input-tokens", "many", '--input-tokens is "many": expected a whole number from 1 to 100,000,000'],
    ["max-num-seqs", "", '--max-num-seqs is "": expected a whole number from 1 to 65,536'],
    [
      "gpu-memory-utilization",
      "1.2",
      "--gpu-memory-utilization is 1.2: expected a share of the GPU's memory, above 0 and at most 1",
    ],
    [
      "gpu-memory-utilization",
      "0",
      "--gpu-memory-utilization is 0: expected a share of the GPU's memory, above 0 and at most 1",
    ],
    ["prefix-hit", "120%", "--prefix-hit is 1.2: expected a share from 0 to 1"],
    ["cuda-total-gib", "-1", "--cuda-total-gib is -1: expected GiB of one GPU, above 0"],
    ["requests-per-second", "-1", "--requests-per-second is -1: expected a number above 0"],
    ["engine", "sglang", '--engine is "sglang": expected one of vllm, tensorrt-llm'],
    ["interconnect", "wifi", '--interconnect is "wifi": expected one of none, pcie, nvlink, nvswitch'],
    ["region", " ", '--region is " ": expected a text'],
    [
      "quantization",
      "fp9",
      `--quantization is "fp9": expected one of ${weightFormatIds.join(", ")}. Did you mean "fp8"?`,
    ],
    ["kv-cache-dtype", "int4", '--kv-cache-dtype is "int4": expected one of auto, fp32, bf16, fp16, fp8.'],
  ])("--%s %j", (option, written, problem) => {
    expect(fromOptions({ [option]: written }).problems).toEqual([problem]);
  });

  test("several", () => {
    const { question, problems, misread } = fromOptions({
      model: "Qwen3-14B",
      gpus: "0",
      concurrency: "-1",
      "tensor-parallel": "2",
    });
    expect(problems).toHaveLength(2);
    expect(question).toEqual({ model: "Qwen3-14B", tensorParallel: 2 });
    expect(misread).toEqual(new Set(["gpus", "concurrency"]));
  });
});

describe("a batch", () => {
  const batchOf = (content: unknown, more: Readonly<Record<string, string>> = {}): readonly Read[] =>
    questionsOf(join(folderWith({ "cases.json": JSON.stringify(content), ...more }), "cases.json"));

  test("has the same keys, and null says nothing", () => {
    const [read] = batchOf([{ model: "Qwen3-14B", gpu: "L40S", maxModelLen: 8192, quantization: null }]);
    expect(read).toEqual({
      question: { model: "Qwen3-14B", gpu: "L40S", maxModelLen: 8192 },
      problems: [],
      misread: new Set(),
    });
  });

  test("names its configurations from its own folder, or holds them", () => {
    const config = { architectures: ["LlamaForCausalLM"] };
    const read = batchOf([{ config: "models/config.json" }, { config }], {
      "models/config.json": JSON.stringify(config),
    });
    expect(read.map(({ question }) => question)).toEqual([{ config }, { config }]);
  });

  test.each<[what: string, entry: unknown, problem: string | RegExp]>([
    ["a key that is unknown", { modle: "x" }, 'modle is not known. Did you mean "model"?'],
    ["a number as a text", { gpus: "8" }, 'gpus is "8": expected a whole number from 1 to 1,024'],
    ["a switch as a text", { enforceEager: "yes" }, 'enforceEager is "yes": expected true or false'],
    ["a configuration that is not there", { config: "no.json" }, /^config: no\.json cannot be read as JSON: ENOENT/],
    ["an entry that is no question", 7, '7 is no question: expected { "model": …, "gpu": … }'],
  ])("tells of %s", (_what, entry, problem) => {
    expect(batchOf([entry]).flatMap(({ problems }) => problems)).toEqual([
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    ]);
  });

  test.each([
    ["no JSON", "[", /cases\.json cannot be read as JSON/],
    ["no array", "{}", /cases\.json is not an array of questions: \[\{ "model": …, "gpu": … \}, …\]$/],
  ])("that is %s is refused", (_what, text, message) => {
    const file = join(folderWith({ "cases.json": text }), "cases.json");
    expect(() => questionsOf(file)).toThrow(message);
  });
});
