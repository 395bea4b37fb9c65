import { sloClass, sloClasses } from "../../../catalog/slo-classes";
import { describe, expect, it } from "vitest";
import { findGpu } from "../../../catalog/gpus";
import { splitMemory } from "../../../planning/memory/split";
import { decodeStep, explainSpeed, prefill, serveClosed, serveEncoder, speedConfidence } from "../../../planning/speed";
import { allReduceSeconds, linkOf } from "../../../planning/speed/communication";
import { replicaOf, type Wanted } from "./replica-of";

const llama8 = "meta-llama/Llama-3.1-8B-Instruct";
const llama70 = "meta-llama/Llama-3.1-70B-Instruct";

function seconds(wanted: Wanted, batch = 1, context = 1000): number {
  return decodeStep(replicaOf(wanted), batch, context).seconds;
}

describe("a decode step", () => {
  it("is the sum of its terms", () => {
    const { seconds: total, terms } = decodeStep(
      replicaOf({ model: "openai/gpt-oss-20b", gpu: "A100-80GB", weights: "mxfp4" }),
      16,
      2000,
    );
    const { weightReading, ...parts } = terms;
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 12);
    expect(weightReading).toBeLessThanOrEqual(terms.weights);
  });

  it("of one sequence reads all weights but the embedding, at four fifths of the bandwidth", () => {
    const { terms } = decodeStep(replicaOf({ model: llama8, gpu: "L40S" }), 1, 1);
    // 8.03 billion parameters less the embedding of 128,256 × 4,096, in two bytes, at 864 GB/s.
    const bytes = (8.030261e9 - 128256 * 4096) * 2;
    expect(terms.weights + terms.output).toBeCloseTo(bytes / (864e9 * 0.8), 4);
  });

  it("takes little longer with a few sequences, and as many times longer with very many", () => {
    const one = seconds({ model: llama8, gpu: "H100-80GB" });
    expect(seconds({ model: llama8, gpu: "H100-80GB" }, 16)).toBeLessThan(1.25 * one);
    const many = seconds({ model: llama8, gpu: "H100-80GB" }, 2000, 1);
    expect(seconds({ model: llama8, gpu: "H100-80GB" }, 4000, 1)).toBeGreaterThan(1.8 * many);
  });

  it("reads the cache of full layers to its end, and of windows no further than those", () => {
    const gemma = (context: number) =>
      decodeStep(replicaOf({ model: "google/gemma-3-27b-it", gpu: "H100-80GB" }), 32, context).terms.attention;
    const llama = (context: number) =>
      decodeStep(replicaOf({ model: llama8, gpu: "H100-80GB" }), 32, context).terms.attention;
    expect(llama(32000) / llama(4000)).toBeCloseTo(8, 6);
    expect(gemma(32000) / gemma(4000)).toBeLessThan(7);
    expect(gemma(32000)).toBeGreaterThan(gemma(4000));
  });

  it("reads only experts that its tokens picked: nearly all of them with many tokens", () => {
    const experts = (batch: number) =>
      decodeStep(replicaOf({ model: "Qwen/Qwen3-30B-A3B", gpu: "H100-80GB" }), batch, 1).terms.experts;
    // 8 of 128 experts for one token; 1 − (1 − 1 ÷ 16)^64 of them for 64.
    expect(experts(64) / experts(1)).toBeGreaterThan(0.95 * (1 - (15 / 16) ** 64) * 16);
    expect(experts(64) / experts(1)).toBeLessThan(1.15 * 16);
    expect(experts(256)).toBeLessThan(1.3 * experts(64));
  });

  it("is faster with fewer bits where memory counts; where arithmetic counts, only with bits that the GPU computes in", () => {
    const few = (weights: "bf16" | "awq" | "fp8") => seconds({ model: llama8, gpu: "L40S", weights });
    expect(few("fp8")).toBeLessThan(0.7 * few("bf16"));
    expect(few("awq")).toBeLessThan(0.5 * few("bf16"));
    const prompt = (weights: "bf16" | "awq" | "fp8", gpu: string) =>
      prefill(replicaOf({ model: llama8, gpu, weights }), 2000).seconds;
    expect(prompt("fp8", "L40S")).toBeLessThan(0.8 * prompt("bf16", "L40S"));
    expect(prompt("awq", "L40S")).toBeGreaterThanOrEqual(0.95 * prompt("bf16", "L40S"));
    expect(prompt("fp8", "A100-80GB")).toBeGreaterThanOrEqual(0.95 * prompt("bf16", "A100-80GB"));
    expect(prompt("bf16", "B200") / prompt("fp8", "B200")).toBeGreaterThan(1.1);
  });

  it("writes weights of bitsandbytes in 16 bits for more than one token", () => {
    const nf4 = (batch: number) =>
      decodeStep(replicaOf({ model: llama8, gpu: "RTX-4090", weights: "nf4" }), batch, 1).terms.weights;
    expect(nf4(2)).toBeGreaterThan(5 * nf4(1));
  });

  it("is shorter on more GPUs, less so over PCIe", () => {
    const on = (tensor: number, interconnect: "nvswitch" | "pcie") =>
      seconds({ model: llama70, gpu: "A100-80GB", parallel: { tensor }, interconnect });
    expect(on(8, "nvswitch")).toBeLessThan(0.75 * on(4, "nvswitch"));
    expect(on(4, "pcie")).toBeGreaterThan(1.3 * on(4, "nvswitch"));
  });

  it("with pipeline stages is no shorter for one sequence, but has more of them at once", () => {
    const stages = (pipeline: number, batch: number) =>
      seconds({ model: llama8, gpu: "L40S", parallel: { pipeline }, interconnect: "pcie" }, batch);
    expect(stages(2, 1)).toBeGreaterThanOrEqual(0.98 * stages(1, 1));
    expect(stages(2, 512)).toBeLessThan(stages(1, 512));
  });

  it("with data parallel ranks spreads sequences, and all their tokens meet the experts", () => {
    const parallel = { data: 4, expert: true };
    const moe = decodeStep(
      replicaOf({ model: "Qwen/Qwen3-30B-A3B", gpu: "H100-80GB", parallel, interconnect: "nvswitch" }),
      64,
      4000,
    ).terms;
    const alone = decodeStep(replicaOf({ model: "Qwen/Qwen3-30B-A3B", gpu: "H100-80GB" }), 64, 4000).terms;
    expect(moe.attention).toBeCloseTo(alone.attention / 4, 8);
    expect(moe.experts).toBeCloseTo(alone.experts / 4, 6);
    expect(moe.communication).toBeGreaterThan(0);
  });

  it("without CUDA graphs takes as long as Python launches its kernels, where that is longer", () => {
    const small: Wanted = { model: "Qwen/Qwen3-0.6B", gpu: "H100-80GB" };
    expect(seconds({ ...small, eager: true })).toBeGreaterThan(4 * seconds(small));
    const long: Wanted = { model: llama70, gpu: "H100-80GB", weights: "fp8" };
    expect(seconds({ ...long, eager: true }, 256, 8000)).toBeCloseTo(seconds(long, 256, 8000), 6);
  });

  it("gains tokens by a draft that is right, and only costs with one that is wrong", () => {
    const withDraft = (acceptance: number) =>
      replicaOf({
        model: llama70,
        gpu: "H100-80GB",
        weights: "fp8",
        draft: { layers: 1, parameters: 1e9, tokens: 3, acceptance },
      });
    const plain = seconds({ model: llama70, gpu: "H100-80GB", weights: "fp8" });
    const right = decodeStep(withDraft(0.7), 1, 1000);
    expect(right.tokensPerSequence).toBeCloseTo(3.1, 10);
    expect(right.seconds / right.tokensPerSequence).toBeLessThan(0.5 * plain);
    const wrong = decodeStep(withDraft(0), 1, 1000);
    expect(wrong.seconds / wrong.tokensPerSequence).toBeGreaterThan(plain);
  });
});

describe("collectives", () => {
  it("cost nothing alone, and as the measurement of two L4 over PCIe says: about 127 µs for 100 kB", () => {
    const gpu = findGpu("L4");
    if (gpu === undefined) throw new Error("no L4");
    expect(allReduceSeconds(linkOf("pcie", gpu, 1), 1, 1e5)).toBe(0);
    const one = allReduceSeconds(linkOf("pcie", gpu, 2), 2, 1e5);
    expect(one).toBeGreaterThan(90e-6);
    expect(one).toBeLessThan(140e-6);
  });

  it("over NVLink agree with measured kernels of 64 MB within a third: 577 µs on eight H100, 1161 µs on eight A100", () => {
    for (const [id, measured] of [
      ["H100-80GB", 577e-6],
      ["A100-80GB", 1161e-6],
    ] as const) {
      const gpu = findGpu(id);
      if (gpu === undefined) throw new Error(`no ${id}`);
      const ratio = allReduceSeconds(linkOf("nvswitch", gpu, 8), 8, 67108864) / measured;
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(1.35);
    }
  });
});

describe("prefill", () => {
  const replica = replicaOf({ model: llama8, gpu: "H100-80GB", context: 131072 });

  it("computes only what the prefix cache does not have", () => {
    const whole = prefill(replica, 8000);
    const hit = prefill(replica, 8000, 0.75);
    expect([whole.tokens, hit.tokens]).toEqual([8000, 2000]);
    expect([whole.steps, hit.steps]).toEqual([4, 1]);
    expect(hit.seconds).toBeLessThan(0.35 * whole.seconds);
  });

  it("grows faster than the prompt, because every token sees all before it", () => {
    expect(prefill(replica, 64000).seconds).toBeGreaterThan(10 * prefill(replica, 8000).seconds);
  });
});

describe("encoders", () => {
  it("encode more texts per second in larger batches, up to what the GPU computes", () => {
    const replica = replicaOf({
      model: "tohoku-nlp/bert-base-japanese-v3",
      gpu: "L4",
      weights: "fp16",
      kv: "fp16",
      context: 512,
    });
    const rate = (batch: number) => serveEncoder(replica, { batch, inputTokens: 128 }).textsPerSecond.expected;
    expect(rate(16)).toBeGreaterThan(2 * rate(1));
    expect(rate(4096)).toBeLessThan(1.2 * rate(1024));
    // 2 × 86 million parameters × 128 tokens at no more than 121 TFLOPS.
    expect(rate(1024)).toBeLessThan(121e12 / (2 * 86e6 * 128));
  });
});

describe("confidence", () => {
  it.each([
    ["calibrated", { model: llama8, gpu: "L40S" }],
    ["calibrated", { model: llama70, gpu: "H100-80GB", parallel: { tensor: 4 }, interconnect: "nvswitch" }],
    ["extrapolated", { model: llama70, gpu: "L40S", parallel: { tensor: 4 }, interconnect: "pcie" }],
    ["extrapolated", { model: "Qwen/Qwen3-30B-A3B", gpu: "H100-80GB" }],
    [
      "needs-profile-run",
      { model: "Qwen/Qwen3-235B-A22B", gpu: "H100-80GB", parallel: { tensor: 8 }, interconnect: "nvswitch" },
    ],
  ] as const satisfies readonly (readonly [string, Wanted])[])("is %s", (confidence, wanted) => {
    expect(speedConfidence(replicaOf(wanted))).toBe(confidence);
  });
});

describe("objectives", () => {
  it("have a name, a source and at least one limit each", () => {
    for (const slo of sloClasses) {
      expect(sloClass(slo.id)).toBe(slo);
      expect(slo.source.source).not.toBe("");
      expect(
        [slo.ttftP95Seconds, slo.interTokenP95Seconds, slo.tokensPerSecondPerReplica].some((limit) => (limit ?? 0) > 0),
      ).toBe(true);
    }
    expect(sloClass("interactive")).toMatchObject({ ttftP95Seconds: 0.2, tokensPerSecondPerReplica: 100 });
  });
});

describe("the arithmetic of a speed", () => {
  const replica = replicaOf({
    model: "Qwen/Qwen3-14B",
    gpu: "L4",
    weights: "awq",
    parallel: { tensor: 2 },
    interconnect: "pcie",
  });
  const kv = splitMemory(replica);
  const load = { concurrency: 10, inputTokens: 220, outputTokens: 200 };
  const why = explainSpeed(replica, kv, load);
  const speed = serveClosed(replica, kv, load);

  it("ends in the numbers of the estimate", () => {
    expect(why["interToken"]?.result).toBeCloseTo(speed.interToken.mean.expected * 1000, 1);
    expect(why["firstToken"]?.result).toBeCloseTo(speed.firstToken.mean.expected * 1000, 0);
    expect(why["tokensPerSecond"]?.result).toBeCloseTo(speed.tokensPerSecond.expected, 0);
    expect(why["confidence"]?.result).toBe("calibrated");
  });

  it("says where time goes and where constants come from", () => {
    const terms = why["decodeStep"]?.terms ?? [];
    const shown = terms
      .filter(({ unit, name }) => unit === "ms" && !name.startsWith("of that"))
      .map(({ value }) => Number(value));
    expect(shown.reduce((sum, value) => sum + value, 0)).toBeCloseTo(Number(why["decodeStep"]?.result), 1);
    expect(terms.find(({ name }) => name.startsWith("collectives"))?.source).toMatch(/two L4|aiconfigurator/);
    for (const { terms: parts, formula } of Object.values(why)) {
      expect(formula).not.toBe("");
      for (const { value } of parts) expect(typeof value === "string" || Number.isFinite(value)).toBe(true);
    }
  });
});
