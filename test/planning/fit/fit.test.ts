import { describe, expect, it } from "vitest";
import { modelIds } from "../../../catalog/models";
import { answer, replicaOf, type FitAnswer, type FitQuestion } from "../../../planning/fit";

function ask(question: FitQuestion): FitAnswer {
  const asked = replicaOf(question);
  if ("problems" in asked) throw new Error(JSON.stringify(asked.problems));
  return answer(asked, question);
}

const chat = { model: "Qwen3-14B", gpu: "L40S", concurrency: 8 } satisfies FitQuestion;

describe("a decoder", () => {
  it("leaves what is over to the KV cache, which says how many requests it holds", () => {
    const { weightsGibPerGpu, overheadGibPerGpu, kvGibPerGpu, kvTokens, ...rest } = ask(chat);
    expect(weightsGibPerGpu + overheadGibPerGpu + kvGibPerGpu).toBeCloseTo(44.42 * 0.92);
    expect(rest.kvBytesPerTokenPerGpu).toBe(163_840);
    expect(kvTokens).toBe(Math.floor((kvGibPerGpu * 2 ** 30) / 163_840 / 16) * 16);
    expect(rest.maxConcurrencyAtFullLength).toBeCloseTo(kvTokens / 40_960);
    expect(rest.concurrencyLimit).toBe(Math.floor(kvTokens / (1024 + 256 / 2)));
  });

  it("whose cache depends on the request has no bytes of a token, but tokens as its log counts them", () => {
    const { kvBytesPerTokenPerGpu, kvTokens, maxConcurrencyAtFullLength } = ask({
      model: "gemma-3-27b-it",
      gpu: "A100-80GB",
      maxModelLen: 8192,
    });
    expect(kvBytesPerTokenPerGpu).toBeNull();
    expect(kvTokens).toBe(Math.floor((maxConcurrencyAtFullLength ?? 0) * 8192));
  });

  it("in two replicas does twice the work at twice the price, with the memory of one", () => {
    const one = ask({ ...chat, tensorParallel: 2 });
    const two = ask({ ...chat, tensorParallel: 2, gpus: 4, concurrency: 16 });
    expect(two.resolved).toMatchObject({ gpus: 4, replicas: 2, tensorParallel: 2, dataParallel: 1 });
    for (const key of ["kvGibPerGpu", "kvTokens", "maxConcurrencyAtFullLength", "ttftMs"] as const)
      expect(two[key]).toEqual(one[key]);
    expect(two.decode?.interTokenMs).toBe(one.decode?.interTokenMs);
    expect(two.decode?.outputTokensPerSecond).toBeCloseTo(2 * (one.decode?.outputTokensPerSecond ?? 0));
    expect(two.decode?.perGpuOutputTokensPerSecond).toBeCloseTo(one.decode?.perGpuOutputTokensPerSecond ?? 0);
    expect(two.concurrencyLimit).toBe(2 * one.concurrencyLimit);
    expect(two.usdPerHour).toBeCloseTo(2 * (one.usdPerHour ?? 0));
    expect(two.usdPerMillionOutputTokens).toBeCloseTo(one.usdPerMillionOutputTokens ?? 0);
  });

  it("alone in two replicas leaves one of them idle", () => {
    const one = ask({ ...chat, concurrency: 1 });
    const two = ask({ ...chat, concurrency: 1, dataParallel: 2 });
    expect(two.decode?.outputTokensPerSecond).toBe(one.decode?.outputTokensPerSecond);
    expect(two.decode?.perGpuOutputTokensPerSecond).toBeCloseTo((one.decode?.outputTokensPerSecond ?? 0) / 2);
  });

  it("with more requests than it holds says how many wait", () => {
    const { reasons, concurrencyLimit } = ask({ ...chat, concurrency: 400, maxNumSeqs: 100, maxModelLen: 4096 });
    expect(concurrencyLimit).toBeLessThanOrEqual(100);
    expect(reasons).toContain(`${400 - concurrencyLimit} of 400 requests wait for others to end`);
  });

  it("is answered for requests that arrive by themselves, until they are more than it does", () => {
    const open: FitQuestion = { model: "Qwen3-14B", gpu: "L40S", inputTokens: 220, outputTokens: 200 };
    const some = ask({ ...open, requestsPerSecond: 1 });
    expect(some.decode?.outputTokensPerSecond).toBe(200);
    expect(some.decode?.interTokenMs).toBeGreaterThan(30);
    expect(some.resolved).toMatchObject({ concurrency: null, requestsPerSecond: 1 });
    const many = ask({ ...open, requestsPerSecond: 100 });
    expect(many).toMatchObject({ fits: true, decode: null, ttftMs: null, usdPerMillionOutputTokens: null });
    expect(many.reasons[0]).toMatch(/^100 requests per second are more than it answers: at most [\d.]+$/);
  });

  it("whose prompts are found in the prefix cache answers sooner", () => {
    const long = { ...chat, inputTokens: 8000, outputTokens: 100 };
    expect(ask({ ...long, prefixHit: 0.9 }).ttftMs).toBeLessThan((ask(long).ttftMs ?? 0) / 3);
  });

  it("that fits by a hair says so", () => {
    const { fits, reasons } = ask({ ...chat, model: "Qwen3-8B", gpu: "L4", maxModelLen: 22_528 });
    expect(fits).toBe(true);
    expect(reasons[0]).toMatch(
      /^it fits by less than the estimate may be wrong: 1\.\d\d requests of full length, 0\.\d\d with/,
    );
  });

  it("of TensorRT-LLM gets a share of what is free after loading", () => {
    const { weightsGibPerGpu, overheadGibPerGpu, kvGibPerGpu, decode, reasons, confidence } = ask({
      ...chat,
      engine: "tensorrt-llm",
      gpuMemoryUtilization: 0.8,
    });
    expect(kvGibPerGpu).toBeCloseTo(0.8 * (44.42 - weightsGibPerGpu - overheadGibPerGpu));
    expect(decode?.outputTokensPerSecond).toBeGreaterThan(100);
    expect(confidence).toBe("needs-profile-run");
    expect(reasons).toContain("no log of this engine was compared: what it takes beside weights is an estimate");
  });

  it("of a version that nobody read says so", () => {
    expect(ask({ ...chat, engineVersion: "0.40.0" }).reasons).toEqual([
      "vLLM 0.40.0 was not read: it is taken to behave as 0.31.0",
    ]);
  });

  it("over several machines says that their network is left out", () => {
    const { reasons } = ask({ model: "DeepSeek-V3", gpu: "H100-SXM", gpus: 16, maxModelLen: 8192 });
    expect(reasons).toContain(
      "it takes several machines: the network between them is not in the estimate of the speed",
    );
  });
});

describe("an encoder", () => {
  const { kvGibPerGpu, kvTokens, kvBytesPerTokenPerGpu, ...rest } = ask({
    model: "bge-m3",
    gpu: "L4",
    inputTokens: 512,
    concurrency: 64,
  });

  it("keeps nothing, and so has no number of requests of full length", () => {
    expect({ kvGibPerGpu, kvTokens, kvBytesPerTokenPerGpu }).toEqual({
      kvGibPerGpu: 0,
      kvTokens: 0,
      kvBytesPerTokenPerGpu: 0,
    });
    expect(rest).toMatchObject({
      fits: true,
      maxConcurrencyAtFullLength: null,
      decode: null,
      usdPerMillionOutputTokens: null,
    });
  });

  it("takes as many texts at once as a step holds", () => {
    expect(rest.concurrencyLimit).toBe(16);
    const alone = ask({ model: "bge-m3", gpu: "L4", inputTokens: 512 });
    expect(rest.encode?.textsPerSecond).toBeGreaterThan(alone.encode?.textsPerSecond ?? Infinity);
    expect(rest.encode?.inputTokensPerSecond).toBeCloseTo(512 * (rest.encode?.textsPerSecond ?? 0));
    expect(rest.ttftMs).toBeGreaterThan(alone.ttftMs ?? Infinity);
  });

  it("does not fit where its weights do not", () => {
    const { fits, reasons, encode } = ask({ model: "bge-m3", gpu: "L4", cudaTotalGib: 1 });
    expect({ fits, encode }).toEqual({ fits: false, encode: null });
    expect(reasons[0]).toMatch(/^BAAI\/bge-m3 does not fit on one L4: /);
  });
});

describe("an encoder on a processor", () => {
  const asked: FitQuestion = { model: "bert-base-japanese-v3", gpu: "AMD EPYC 7763", inputTokens: 128 };

  it("takes the longer of reading its weights and of computing", () => {
    const one = ask(asked);
    expect(one).toMatchObject({
      fits: true,
      kvGibPerGpu: 0,
      maxConcurrencyAtFullLength: null,
      usdPerHour: null,
      confidence: "needs-profile-run",
    });
    expect(one.resolved).toMatchObject({ gpu: "EPYC-7763", quantization: "fp32", engine: "cpu" });
    // 86 million parameters of the layers, two operations each, half of 5.0 TFLOPS.
    expect(one.ttftMs).toBeGreaterThan(8);
    expect(one.ttftMs).toBeLessThan(12);
    // A few tokens take as long as reading the weights: 342 MB at 70 % of 204.8 GB/s.
    expect(ask({ ...asked, inputTokens: 1 }).ttftMs).toBeCloseTo(2.4, 0);
  });

  it.each<[what: string, question: FitQuestion, message: RegExp]>([
    [
      "a decoder",
      { model: "Qwen3-0.6B" },
      /generates text, which on a processor is not computed; allowed: a GPU, or an encoder/,
    ],
    ["several", { gpus: 2 }, /EPYC-7763 is one processor; allowed: 1/],
    ["another format", { quantization: "int8" }, /weights in int8 are not computed; allowed: fp32/],
    ["a longer text than it takes", { inputTokens: 600 }, /600 input tokens exceed the context of 512/],
  ])("%s is refused", (_what, question, message) => {
    expect(() => ask({ ...asked, ...question })).toThrow(message);
  });
});

describe("a price", () => {
  it("is that of the GPUs alone, of the machine that sells them cheapest and can load the weights", () => {
    expect(ask(chat)).toMatchObject({
      usdPerHour: 2.24208,
      resolved: { instance: "g6e.2xlarge", region: "us-east-1" },
    });
    const { usdPerHour, decode, usdPerMillionOutputTokens } = ask(chat);
    expect(usdPerMillionOutputTokens).toBeCloseTo(
      (((usdPerHour ?? 0) / 3600) * 1e6) / (decode?.outputTokensPerSecond ?? 0),
    );
  });

  it("of some GPUs of a machine is their share, and of several machines that of all", () => {
    const h200 = (gpus: number) =>
      ask({ model: "Llama-3.3-70B", gpu: "H200", gpus, quantization: "fp8", maxModelLen: 8192 }).usdPerHour ?? 0;
    expect(h200(1)).toBeCloseTo(h200(8) / 8);
    expect(ask({ model: "DeepSeek-V3", gpu: "H200", gpus: 16, maxModelLen: 8192 }).usdPerHour).toBeCloseTo(2 * h200(8));
  });

  it.each<[what: string, question: FitQuestion]>([
    ["of a GPU that nobody rents out", { gpu: "RTX-4090", quantization: "awq", maxModelLen: 8192 }],
    ["in a region without prices", { region: "xx-nowhere-1" }],
  ])("%s is unknown, not nothing", (_what, question) => {
    expect(ask({ ...chat, ...question })).toMatchObject({
      fits: true,
      usdPerHour: null,
      usdPerMillionOutputTokens: null,
    });
  });
});

/** Whether every number in a value is one that JSON can hold. */
function isFinite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isFinite);
}

it("every model on GPUs of every generation gets an answer of finite numbers, with reasons where it does not fit, and never a price of 0", () => {
  const asked = modelIds.flatMap((model) =>
    ["V100-32GB", "T4", "L4", "A100-80GB", "H100-NVL", "B200"].flatMap((gpu) => {
      const question = {
        model,
        gpu,
        gpus: 8,
        maxModelLen: 512,
        engineVersion: "0.19.1",
        inputTokens: 200,
        outputTokens: 100,
      };
      const understood = replicaOf(question);
      return "problems" in understood ? [] : [answer(understood, question)];
    }),
  );
  expect(asked.filter((found) => !isFinite(found))).toEqual([]);
  expect(asked.filter(({ usdPerHour, usdPerMillionOutputTokens: each }) => usdPerHour === 0 || each === 0)).toEqual([]);
  expect(asked.filter(({ fits, reasons }) => !fits && reasons.length === 0)).toEqual([]);
  expect(asked.filter(({ fits }) => fits).length).toBeGreaterThan(300);
  expect(asked.filter(({ fits }) => !fits).length).toBeGreaterThan(20);
});
