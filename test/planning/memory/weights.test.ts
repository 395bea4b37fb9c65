import { describe, expect, it } from "vitest";
import { weightFormatIds } from "../../../catalog/formats";
import { bytesPerGiB } from "../../../catalog/units";
import { loraBytes, weightBytesPerGpu, weightsGiB } from "../../../planning/memory/index";
import { stageLayers } from "../../../planning/memory/weights";
import { replica } from "./replicas";

describe("weights on one GPU", () => {
  it("formats rank by their bytes", () => {
    const sizes = ["fp32", "bf16", "fp8", "nvfp4", "awq"].map((id) =>
      weightsGiB(replica({ weights: weightFormatIds.find((known) => known === id) ?? "bf16" })),
    );
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it("embedding and output layer stay in 16 bits under quantisation", () => {
    const bytes = (weights: "bf16" | "awq") =>
      weightBytesPerGpu(replica({ weights }))
        .filter(({ group }) => group === "embedding" || group === "output")
        .map((part) => part.bytes);
    expect(bytes("awq")).toEqual(bytes("bf16"));
  });

  it("a tied embedding is held once, and on the first and last pipeline stage", () => {
    const groups = (pipeline: number) =>
      weightBytesPerGpu(replica({ model: "Qwen/Qwen3-0.6B", parallel: { pipeline } })).map(({ group }) => group);
    expect(groups(1).filter((group) => group === "embedding" || group === "output")).toEqual(["embedding"]);
    expect(groups(2)).toContain("embedding");
  });

  it("KV heads are repeated where there are fewer than GPUs", () => {
    const keys = (tensor: number) =>
      weightBytesPerGpu(replica({ model: "Qwen/Qwen3-30B-A3B", parallel: { tensor } })).find(
        ({ group }) => group === "keyValue",
      )?.bytes;
    expect(keys(8)).toBe(keys(4));
    expect(keys(4)).toBe((keys(1) ?? 0) / 4);
  });

  it("experts divide by tensor × data, attention by tensor only", () => {
    const part = (data: number, group: string) =>
      weightBytesPerGpu(replica({ model: "Qwen/Qwen3-30B-A3B", parallel: { tensor: 2, data, expert: true } })).find(
        (found) => found.group === group,
      )?.bytes ?? 0;
    expect(part(4, "experts")).toBe(part(1, "experts") / 4);
    expect(part(4, "attention")).toBe(part(1, "attention"));
  });

  it("whole experts that do not divide leave the fullest GPU one more", () => {
    const experts = (tensor: number) =>
      weightBytesPerGpu(replica({ model: "Qwen/Qwen3-30B-A3B", parallel: { tensor, expert: true } })).find(
        ({ group }) => group === "experts",
      )?.bytes ?? 0;
    expect(experts(3) / experts(1)).toBeCloseTo(43 / 128, 10);
  });

  it("latent down-projections are on every GPU", () => {
    const down = (tensor: number) =>
      weightBytesPerGpu(
        replica({ model: "deepseek-ai/DeepSeek-V3", gpu: "H200", weights: "fp8", parallel: { tensor } }),
      ).find(({ group }) => group === "latentDown")?.bytes;
    expect(down(8)).toBe(down(1));
  });

  it("the lookup table of an untied embedding is not read to decode", () => {
    const shares = weightBytesPerGpu(replica()).map(({ group, activeShare }) => [group, activeShare]);
    expect(shares).toContainEqual(["embedding", 0]);
    expect(shares).toContainEqual(["output", 1]);
  });

  it("Marlin pads the experts of gpt-oss, Hopper does not", () => {
    const on = (gpu: string) => weightsGiB(replica({ model: "openai/gpt-oss-20b", gpu, weights: "mxfp4" }));
    expect(on("A100-80GB")).toBeGreaterThan(1.05 * on("H100-80GB"));
  });
});

describe("pipeline stages", () => {
  it.each([
    { layers: 40, stages: 1, expected: { first: 40, middle: 0, last: 40 } },
    { layers: 40, stages: 4, expected: { first: 10, middle: 10, last: 10 } },
    { layers: 61, stages: 2, expected: { first: 31, middle: 0, last: 30 } },
    { layers: 61, stages: 4, expected: { first: 15, middle: 16, last: 15 } },
    { layers: 63, stages: 4, expected: { first: 16, middle: 16, last: 15 } },
  ])("$layers layers on $stages stages: the rest goes before the last", ({ layers, stages, expected }) => {
    expect(stageLayers(layers, stages)).toEqual(expected);
  });

  it("the fullest stage has more than its share, for the embedding", () => {
    const whole = weightsGiB(replica({ model: "meta-llama/Llama-3.1-70B-Instruct" }));
    const half = weightsGiB(replica({ model: "meta-llama/Llama-3.1-70B-Instruct", parallel: { pipeline: 2 } }));
    expect(half).toBeGreaterThan(whole / 2);
    expect(half).toBeLessThan(whole / 2 + 2);
  });
});

describe("adapters and drafts", () => {
  const lora = (slots: number, rank: number, tensor = 1) =>
    loraBytes(
      replica({
        model: "meta-llama/Llama-3.1-8B-Instruct",
        parallel: { tensor },
        rest: { lora: { slots, rank } },
      }),
    );

  it("a slot of rank 16 for Llama-3.1-8B takes rank × both widths of every linear layer", () => {
    const attention = 3 * 4096 + 4096 + 2 * 1024 + 4096 + 4096;
    const feedForward = 3 * (4096 + 14336);
    expect(lora(1, 16)).toBe(32 * 16 * (attention + feedForward) * 2);
  });

  it("slots count whether used or not, ranks count linearly, splitting does not halve the inputs", () => {
    expect(lora(4, 16)).toBe(4 * lora(1, 16));
    expect(lora(1, 64)).toBe(4 * lora(1, 16));
    expect(lora(1, 16, 2)).toBeGreaterThan(lora(1, 16) / 2);
  });

  it("a draft adds its parameters in 16 bits", () => {
    const draft = { layers: 1, parameters: 0.25e9, tokens: 3, acceptance: 0.7 };
    const added = weightsGiB(replica({ rest: { draft } })) - weightsGiB(replica());
    expect(added * bytesPerGiB).toBeCloseTo(0.5e9, -2);
  });
});
