import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../harness/folder";
import { modelyard } from "../../harness/modelyard";

const fit = (line: string) => modelyard("fit", ...line.split(" "));

/** The keys of an answer, which programs rely on: one may be added, none may go or change its meaning. */
const contract = {
  fits: true,
  reasons: expect.any(Array),
  weightsGibPerGpu: expect.any(Number),
  overheadGibPerGpu: expect.any(Number),
  kvGibPerGpu: expect.any(Number),
  kvBytesPerTokenPerGpu: 163_840,
  kvTokens: expect.any(Number),
  maxConcurrencyAtFullLength: expect.any(Number),
  concurrencyLimit: expect.any(Number),
  decode: {
    interTokenMs: expect.any(Number),
    outputTokensPerSecond: expect.any(Number),
    perGpuOutputTokensPerSecond: expect.any(Number),
  },
  ttftMs: expect.any(Number),
  offlineCeilingTokensPerSecondPerGpu: expect.any(Number),
  usdPerHour: expect.any(Number),
  usdPerMillionOutputTokens: expect.any(Number),
  confidence: expect.stringMatching(/^(calibrated|extrapolated|needs-profile-run)$/),
  encode: null,
  resolved: {
    model: "Qwen/Qwen3-14B",
    gpu: "L40S",
    gpus: 1,
    replicas: 1,
    tensorParallel: 1,
    pipelineParallel: 1,
    dataParallel: 1,
    expertParallel: false,
    quantization: "bf16",
    kvCacheDtype: "bf16",
    maxModelLen: 40_960,
    maxNumSeqs: 256,
    maxNumBatchedTokens: 2048,
    gpuMemoryUtilization: 0.92,
    engine: "vllm",
    engineVersion: "0.31.0",
    interconnect: "none",
    cudaTotalGib: 44.42,
    concurrency: 1,
    requestsPerSecond: null,
    inputTokens: 1024,
    outputTokens: 256,
    prefixHit: 0,
    region: "us-east-1",
    instance: "g6e.2xlarge",
  },
};

describe("modelyard fit", () => {
  test("answers as JSON whose keys are stable, and ends with 0 where it fits", async () => {
    const { code, out, err } = await fit("--model Qwen3-14B --gpu L40S --format json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toEqual(contract);
  });

  test("answers in words: memory as a bar, numbers, price, the standing of the facts, confidence", async () => {
    const { out } = await fit("--model bge-m3 --gpu L4");
    expect(out).toMatch(/^BAAI\/bge-m3 in fp16 on one L4, vllm 0\.31\.0: fits\n/);
    expect(out).toMatch(/\n {2}\[WW·+\] {2}22\.0 GiB {2}1\.1 GiB /);
    expect(out).toMatch(/\n {2}memory of L4, 22 GiB +recalled +\d{4}-\d\d-\d\d +\S/);
    expect(out).toMatch(/\n {2}price in us-east-1 +exact +\d{4}-\d\d-\d\d +\S/);
    expect(out).toMatch(/\n {2}confidence: extrapolated/);
    expect(out).not.toContain("\u001b");
  });

  test("of replicas, of loads and of unknown prices in words", async () => {
    const { out } = await fit(
      "--model Qwen3-14B-AWQ --gpu RTX-4090 --gpus 2 --tensor-parallel 1 --max-model-len 8192 --requests-per-second 1 --prefix-hit 30%",
    );
    expect(out).toContain("Qwen/Qwen3-14B in awq on 2 × RTX-4090 (2 independent replicas), vllm 0.31.0: fits");
    expect(out).toMatch(/to the first token, with 1 requests\/s, 30 % of prompts cached +[\d.]+ {2}ms/);
    expect(out).toMatch(/price +\$unknown {2}no known price in us-east-1/);
  });

  test("ends with 1 where it does not fit, with the arithmetic and what would", async () => {
    const { code, out, err } = await fit("--model Qwen3-14B --gpu L4 --format json");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(JSON.parse(out)).toMatchObject({
      fits: false,
      decode: null,
      ttftMs: null,
      concurrencyLimit: 0,
      reasons: [
        "Qwen/Qwen3-14B does not fit on one L4: per GPU 20.24 GiB − 27.52 GiB weights − 1.77 GiB overhead = -9.05 GiB for the KV cache",
        "weights in awq would fit",
        "2 × L4 (tensor parallel 2) would fit",
        "one A100-40GB would fit",
      ],
    });
    const words = await fit("--model Qwen3-14B --gpu L4");
    expect(words.code).toBe(1);
    expect(words.out).toMatch(/^Qwen\/Qwen3-14B in bf16 on one L4, vllm 0\.31\.0: does not fit\n/);
    expect(words.out).toContain("  - 2 × L4 (tensor parallel 2) would fit");
  });
});

describe("a wrong question ends with 2, and says what is wrong and what is allowed", () => {
  const qwen = "--model Qwen3-14B --gpu L40S";
  test.each<[line: string, said: string]>([
    ["--model Qwen3-14B", "--gpu: is missing"],
    ["--gpu L4", "--model: is missing"],
    ["--model Qwenn3-14B --gpu L4", '--model: "Qwenn3-14B" is not in the catalogue. Did you mean "Qwen3-14B"?'],
    ["--model Qwen3-14B --gpu L40X", '--gpu: "L40X" is not in the catalogue. Did you mean "L40S"?'],
    [
      "--model Qwen3-14B --gpu V100",
      "--gpu: V100 is the name of several GPUs: write which one, of V100-16GB, V100-32GB",
    ],
    [
      `${qwen} --tensor-parallel 3`,
      "--tensor-parallel: 40 attention heads do not divide by tensor 3; allowed: 1, 2, 4, 8",
    ],
    [`${qwen} --gpus 3`, "--gpus: 40 attention heads do not divide by tensor 3; allowed: 1, 2, 4, 8"],
    [`${qwen} --gpus 8 --tensor-parallel 3`, "--gpus: 8 GPUs cannot be 3 tensor parallel; allowed: multiples of 3"],
    [
      "--model Qwen3-14B --gpu T4 --quantization fp8",
      "--quantization: T4 (compute capability 7.5) cannot run weights in fp8; allowed: fp32, fp16, int8, gptq-int8, awq, gptq, int4, nf4, nvfp4",
    ],
    [
      "--model Qwen3-14B --gpu T4 --kv-cache-dtype fp8",
      "--kv-cache-dtype: T4 (compute capability 7.5) has no FP8 for the KV cache of this model, which starts at 8; allowed: fp16",
    ],
    [
      "--model Qwen3-14B --gpu V100-32GB --quantization bf16 --engine-version 0.11.0",
      "--quantization: V100-32GB (compute capability 7) cannot run weights in bf16; allowed: fp32, fp16, nf4",
    ],
    [
      `${qwen} --gpu-memory-utilization 1.5`,
      "--gpu-memory-utilization is 1.5: expected a share of the GPU's memory, above 0 and at most 1",
    ],
    [`${qwen} --concurrency -5`, "--concurrency is -5: expected a whole number from 1 to 1,000,000"],
    [`${qwen} --requests-per-second -0.5`, "--requests-per-second is -0.5: expected a number above 0"],
    [
      `${qwen} --requests-per-second 2 --concurrency 3`,
      "--requests-per-second: say either requests per second or concurrency, not both",
    ],
    [
      `${qwen} --input-tokens 40000 --output-tokens 2000`,
      "--input-tokens: 40000 input and 2000 output tokens exceed the context of 40960; allowed: 40960 together",
    ],
    [
      `${qwen} --max-model-len 50000`,
      "--max-model-len: a context of 50000 tokens is beyond the 40960 that Qwen/Qwen3-14B allows; allowed: 1 to 40960",
    ],
    [
      `${qwen} --max-num-seqs 4096`,
      "--max-num-seqs: a step of 2048 tokens cannot hold one token of each of 4096 sequences; allowed: 1 to 2048",
    ],
    [
      "--model bge-m3 --gpu L4 --max-num-batched-tokens 512",
      "--max-num-batched-tokens: an encoder takes each text in one step, so a step of 512 tokens cannot hold a text of 8192; allowed: from 8192",
    ],
    [
      `${qwen} --engine-version recent`,
      '--engine-version: "recent" names no version; allowed: major.minor.patch, such as 0.31.0',
    ],
    [
      `${qwen} --expert-parallel`,
      "--expert-parallel: Qwen/Qwen3-14B has no experts to spread over GPUs; allowed: false",
    ],
    [
      "--model Qwen3-14B --gpu EPYC-7763",
      "--gpu: Qwen/Qwen3-14B generates text, which on a processor is not computed; allowed: a GPU, or an encoder",
    ],
    [`${qwen} --format xml`, '--format is one of table, json, not "xml".'],
    [`${qwen} --save x.json`, "--save keeps what --from-log read: name a log too."],
    [
      "--batch no.json --model x --save y",
      "--batch asks what its file says: write --model, --save into its questions.",
    ],
  ])("%s", async (line, said) => {
    expect(await fit(line)).toEqual({ code: 2, out: "", err: said });
  });

  test("all at once", async () => {
    const line =
      "--model Qwenn3-14B --gpu T4 --quantization fp8 --gpu-memory-utilization 2 --concurrency -1 --engine-version new";
    const { code, err } = await fit(line);
    expect(code).toBe(2);
    expect(err.split("\n").map((problem) => problem.split(/[ :]/)[0])).toEqual([
      "--gpu-memory-utilization",
      "--concurrency",
      "--model",
      "--engine-version",
      "--quantization",
    ]);
  });

  test("a configuration that cannot be read, not also a model that is missing", async () => {
    const { code, err } = await fit("--config no-such.json --gpu L4");
    expect(code).toBe(2);
    expect(err).toMatch(/^--config: no-such\.json cannot be read as JSON: ENOENT[^\n]*$/);
  });
});

test("a config.json that nobody published is asked about by its path", async () => {
  const config = {
    architectures: ["Qwen3ForCausalLM"],
    hidden_size: 2048,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 128,
    num_hidden_layers: 28,
    intermediate_size: 6144,
    vocab_size: 151936,
    max_position_embeddings: 40960,
    tie_word_embeddings: true,
    torch_dtype: "bfloat16",
  };
  const file = join(folderWith({ "config.json": JSON.stringify(config) }), "config.json");
  const own = await fit(`--config ${file} --model ours --gpu L4 --format json`);
  const known = await fit("--model Qwen3-1.7B --gpu L4 --format json");
  expect(own).toEqual({ ...known, out: known.out.replace("Qwen/Qwen3-1.7B", "ours") });
});

describe("modelyard fit --batch", () => {
  const batch = async (questions: readonly unknown[], ...more: readonly string[]) => {
    const file = join(folderWith({ "cases.json": JSON.stringify(questions) }), "cases.json");
    const { code, out, err } = await modelyard("fit", "--batch", file, ...more);
    return { code, out, err: err.replaceAll(file, "cases.json") };
  };
  const good = { model: "Qwen3-14B", gpu: "L40S" };
  const large = { model: "Qwen3-14B", gpu: "L4" };
  const wrong = { model: "Qwenn3-14B", gpu: "T4", quantization: "fp8" };

  test.each([
    ["0 where all fit", [good, good], 0],
    ["1 where one does not", [good, large, good], 1],
    ["2 where one is wrong", [good, large, wrong], 2],
    ["0 where nothing is asked", [], 0],
  ])("ends with %s", async (_what, questions, code) => {
    expect((await batch(questions, "--format", "json")).code).toBe(code);
    expect((await batch(questions)).code).toBe(code);
  });

  test("gives answers in the order of the questions, each as if it was asked alone", async () => {
    const { out } = await batch([large, good], "--format", "json");
    const alone = await Promise.all(
      [large, good].map(async ({ model, gpu }) => (await fit(`--model ${model} --gpu ${gpu} --format json`)).out),
    );
    expect(JSON.parse(out)).toEqual(alone.map((text): unknown => JSON.parse(text)));
  });

  test("gives a wrong question the keys of an answer, without numbers, and says on standard error what is wrong", async () => {
    const { out, err } = await batch([good, wrong], "--format", "json");
    const [, entry] = JSON.parse(out) as readonly Record<string, unknown>[];
    const problems = [
      'model: "Qwenn3-14B" is not in the catalogue. Did you mean "Qwen3-14B"?',
      expect.stringMatching(/^quantization: T4 .* cannot run weights in fp8; allowed: /),
    ];
    const nothing = Object.fromEntries(Object.keys(contract).map((key) => [key, null]));
    expect(entry).toEqual({ ...nothing, fits: false, error: true, reasons: problems });
    expect(err.split("\n").map((line) => line.split(" ")[0])).toEqual(["cases.json[1]:", "cases.json[1]:"]);
  });

  test("is one aligned table for people", async () => {
    const { out } = await batch([good, large, wrong]);
    const [titles, ...rows] = out.split("\n\n")[0]?.split("\n") ?? [];
    expect(titles).toMatch(/^ {2}# {2}model +GPUs +answer +weights GiB +KV GiB +KV tokens/);
    expect(rows.map((row) => row.slice(0, titles?.indexOf("weights GiB")).trim().split(/ {2,}/))).toEqual([
      ["0", "Qwen/Qwen3-14B", "1 × L40S", "fits"],
      ["1", "Qwen/Qwen3-14B", "1 × L4", "does not fit"],
      ["2", "wrong"],
    ]);
    expect(out).toContain("  1: 2 × L4 (tensor parallel 2) would fit");
  });
});
