import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSupport, weightFormatIds } from "../../../catalog/formats";
import { gpus } from "../../../catalog/gpus";
import { models } from "../../../catalog/models";
import { explainMemory, overhead, splitMemory } from "../../../planning/memory/index";
import { graphCount } from "../../../planning/memory/overhead";
import type { Replica } from "../../../planning/replica";
import { gpu, replica, type ReplicaChange } from "./replicas";

const decoders = models.filter(({ kind }) => kind === "decoder");

/** Any replica that could be written down, whether it fits or not. */
const anyReplica: fc.Arbitrary<Replica> = fc
  .record({
    model: fc.constantFrom(...decoders),
    onto: fc.constantFrom(...gpus),
    tensor: fc.constantFrom(1, 2, 4, 8),
    pipeline: fc.constantFrom(1, 2, 3),
    version: fc.constantFrom("0.6.6", "0.10.2", "0.19.1", "0.24.0", "0.31.0"),
    share: fc.double({ min: 0.3, max: 0.98, noNaN: true }),
    eager: fc.boolean(),
    context: fc.integer({ min: 256, max: 131_072 }),
    maxSequences: fc.constantFrom(1, 32, 256, 1024),
    batchedTokens: fc.constantFrom(2048, 8192),
  })
  .map(({ model, onto, tensor, pipeline, version, share, eager, ...rest }) =>
    replica({
      model,
      gpu: onto.id,
      parallel: { tensor, pipeline },
      vllm: { version, gpuMemoryUtilization: share, eager },
      rest,
    }),
  );

describe("the split of a GPU's memory", () => {
  it("adds up to the budget, and with the spare part to the whole", () => {
    fc.assert(
      fc.property(anyReplica, (any) => {
        const { budgetGiB, weightsGiB, overheadGiB, kvGiB, spareGiB, totalGiB } = splitMemory(any);
        expect(weightsGiB + overheadGiB + kvGiB).toBeCloseTo(budgetGiB, 6);
        expect(budgetGiB + spareGiB).toBeCloseTo(totalGiB, 6);
      }),
    );
  });

  it("more GPU memory never fits less", () => {
    fc.assert(
      fc.property(anyReplica, fc.double({ min: 0, max: 200, noNaN: true }), (any, more) => {
        const larger = { ...any, cudaTotalGiB: any.cudaTotalGiB + more };
        expect(splitMemory(larger).kvGiB).toBeGreaterThanOrEqual(splitMemory(any).kvGiB);
        expect(splitMemory(larger).fullLengthRequests).toBeGreaterThanOrEqual(splitMemory(any).fullLengthRequests);
      }),
    );
  });

  it("a longer context never gives more requests of full length", () => {
    fc.assert(
      fc.property(anyReplica, fc.nat(100_000), (any, more) => {
        const longer = { ...any, context: any.context + more };
        expect(splitMemory(longer).fullLengthRequests).toBeLessThanOrEqual(splitMemory(any).fullLengthRequests);
      }),
    );
  });

  it("fp8 weights never need more than bf16", () => {
    fc.assert(
      fc.property(anyReplica, (any) => {
        const weightsGiB = (weights: "fp8" | "bf16") => splitMemory({ ...any, weights }).weightsGiB;
        expect(weightsGiB("fp8")).toBeLessThanOrEqual(weightsGiB("bf16") + 1e-9);
      }),
    );
  });

  it("more tensor-parallel GPUs never hold more weights each", () => {
    fc.assert(
      fc.property(anyReplica, (any) => {
        const doubled = { ...any, parallel: { ...any.parallel, tensor: any.parallel.tensor * 2 } };
        expect(splitMemory(doubled).weightsGiB).toBeLessThanOrEqual(splitMemory(any).weightsGiB);
      }),
    );
  });

  it("tokens counted on are never more than those expected in the log", () => {
    fc.assert(
      fc.property(anyReplica, (any) => {
        const { kvTokens, expectedKvTokens } = splitMemory(any);
        expect(kvTokens ?? 0).toBeLessThanOrEqual(expectedKvTokens ?? 0);
        expect(kvTokens ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("a model too large for its GPU has no KV cache and no request", () => {
    const split = splitMemory(replica({ model: "meta-llama/Llama-3.1-70B-Instruct", gpu: "L4" }));
    expect(split.kvGiB).toBeLessThan(0);
    expect(split).toMatchObject({ kvTokens: 0, expectedKvTokens: 0, fullLengthRequests: 0 });
  });

  it("TensorRT-LLM takes a fraction of what is free after loading", () => {
    const engine = { kind: "tensorrt-llm", version: "1.2.0", freeMemoryFraction: 0.9 } as const;
    const split = splitMemory(replica({ rest: { engine } }));
    expect(split.kvGiB).toBeCloseTo(0.9 * (split.totalGiB - split.weightsGiB - split.overheadGiB), 9);
    expect(split.confidence).toBe("needs-profile-run");
  });
});

describe("what was measured", () => {
  const source = { source: "start-up log", date: "2026-10-06" };

  it("replaces the estimate, is named, and needs no margin", () => {
    const split = splitMemory(replica({ rest: { measured: { kvGiB: 11.57, weightsGiB: 27.52, ...source } } }));
    expect(split).toMatchObject({ kvGiB: 11.57, weightsGiB: 27.52, marginGiB: 0, confidence: "calibrated" });
    expect(split.measured).toEqual(["weightsGiB", "kvGiB"]);
    expect(split.kvTokens).toBe(split.expectedKvTokens);
  });

  it("weights alone leave the KV cache an estimate with its margin", () => {
    const split = splitMemory(replica({ rest: { measured: { weightsGiB: 20, ...source } } }));
    expect(split.measured).toEqual(["weightsGiB"]);
    expect(split.marginGiB).toBeGreaterThanOrEqual(0.5);
  });
});

describe("overhead", () => {
  const graphs = (vllm: NonNullable<ReplicaChange["vllm"]>) => overhead(replica({ vllm })).graphsGiB;

  it("has CUDA graphs from 0.20 on, and none when eager", () => {
    expect(graphs({ version: "0.19.1" })).toBe(0);
    expect(graphs({ version: "0.20.0" })).toBeGreaterThan(0);
    expect(graphs({ version: "0.31.0", eager: true })).toBe(0);
  });

  it.each([
    { maxSequences: 256, onto: "L40S", count: 51 + 35 },
    { maxSequences: 1024, onto: "H100-80GB", count: 51 + 51 },
    { maxSequences: 8, onto: "L40S", count: 5 + 4 },
    { maxSequences: 1, onto: "L40S", count: 2 + 1 },
    { maxSequences: 1024, onto: "B200", count: 83 + 83 },
  ])("$maxSequences sequences on $onto capture $count graphs", ({ maxSequences, onto, count }) => {
    expect(graphCount({ maxSequences, gpu: gpu(onto) })).toBe(count);
  });

  it("counts the larger of step and sampling, because they do not happen at once", () => {
    const large = overhead(replica({ rest: { maxSequences: 1024, batchedTokens: 2048 } }));
    expect(large.samplingGiB).toBeGreaterThan(large.forwardGiB);
    expect(large.totalGiB).toBeCloseTo(large.nonTorchGiB + large.samplingGiB + large.graphsGiB, 9);
  });

  it("models with encoders of images profile one large image, or several", () => {
    const towers = overhead(replica({ model: "Qwen/Qwen3.5-27B" }));
    expect(towers.towersGiB).toBeGreaterThan(towers.samplingGiB);
    expect(towers.totalGiB).toBeCloseTo(towers.nonTorchGiB + towers.towersGiB + towers.graphsGiB, 9);
    expect(overhead(replica()).towersGiB).toBe(0);
  });

  it("old samplers sort, which takes nearly three times as much", () => {
    const sampling = (version: string) => overhead(replica({ vllm: { version } })).samplingGiB;
    expect(sampling("0.10.2") / sampling("0.31.0")).toBeGreaterThan(2.4);
  });

  it("communication takes more from Hopper on, and most over NVLink", () => {
    const beside = (onto: string, interconnect: "pcie" | "nvswitch", tensor: number) =>
      overhead(replica({ gpu: onto, parallel: { tensor }, rest: { interconnect } })).nonTorchGiB;
    expect(beside("L40S", "pcie", 2)).toBeGreaterThan(beside("L40S", "pcie", 1));
    expect(beside("H100-80GB", "pcie", 2)).toBeGreaterThan(beside("L40S", "pcie", 2));
    expect(beside("H100-80GB", "nvswitch", 2)).toBeGreaterThan(beside("H100-80GB", "pcie", 2));
  });
});

describe("confidence", () => {
  it.each<{ change: ReplicaChange; expected: string }>([
    { change: {}, expected: "calibrated" },
    { change: { vllm: { version: "0.10.2" } }, expected: "extrapolated" },
    { change: { model: "google/gemma-3-27b-it" }, expected: "extrapolated" },
    { change: { model: "Qwen/Qwen3-30B-A3B" }, expected: "extrapolated" },
    { change: { parallel: { tensor: 8 } }, expected: "extrapolated" },
    { change: { model: "deepseek-ai/DeepSeek-V3", parallel: { tensor: 8 } }, expected: "needs-profile-run" },
    { change: { model: "openai/gpt-oss-120b" }, expected: "extrapolated" },
  ])("$change: $expected", ({ change, expected }) => {
    expect(splitMemory(replica(change)).confidence).toBe(expected);
  });
});

describe("the arithmetic", () => {
  it("of every number ends in that number", () => {
    fc.assert(
      fc.property(anyReplica, (any) => {
        const split = splitMemory(any);
        const why = explainMemory(any);
        for (const name of ["totalGiB", "budgetGiB", "weightsGiB", "overheadGiB", "kvGiB", "marginGiB"] as const) {
          expect(why[name]?.result).toBe(split[name]);
        }
        expect(why["kvTokens"]?.result).toBe(split.kvTokens);
        expect(why["fullLengthRequests"]?.result).toBe(split.fullLengthRequests);
      }),
    );
  });

  it("of the weights has every part, with its source, and they add up", () => {
    const { terms, result } = explainMemory(replica({ model: "Qwen/Qwen3-30B-A3B" }))["weightsGiB"] ?? {};
    expect(terms?.map(({ name }) => name)).toContain("experts");
    expect(terms?.every(({ source }) => source !== undefined)).toBe(true);
    expect(terms?.reduce((sum, { value }) => sum + Number(value), 0)).toBeCloseTo(Number(result), 9);
  });

  it("of a measured number names the measurement", () => {
    const measured = { kvGiB: 11.57, source: "start-up log of 6 October", date: "2026-10-06" };
    const why = explainMemory(replica({ rest: { measured } }))["kvGiB"];
    expect(why).toMatchObject({ formula: "measured", terms: [{ source: "start-up log of 6 October (2026-10-06)" }] });
  });

  it("of hybrids has no bytes of a token, but the bytes of a request", () => {
    const why = explainMemory(replica({ model: "Qwen/Qwen3.5-27B" }));
    expect(why["kvBytesPerToken"]).toBeUndefined();
    expect(why["kvBytesPerRequest"]?.result).toBeGreaterThan(0);
  });
});

describe("every format on every GPU that runs it", () => {
  it("gives a finite split for every model", () => {
    for (const model of models) {
      for (const weights of weightFormatIds.filter((id) => formatSupport(id, 9) !== "no")) {
        const { weightsGiB, overheadGiB, kvGiB } = splitMemory(replica({ model, weights, gpu: "H100-80GB" }));
        expect([weightsGiB, overheadGiB, kvGiB].every(Number.isFinite)).toBe(true);
        expect(weightsGiB).toBeGreaterThan(0);
      }
    }
  });
});
