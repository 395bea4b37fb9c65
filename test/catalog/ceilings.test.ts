import { describe, expect, it } from "vitest";
import { ceilings, ceilingsOf } from "../../catalog/ceilings";
import { findGpu } from "../../catalog/gpus";
import { findModel, type Model } from "../../catalog/models";

function model(id: string): Model {
  const found = findModel(id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

const llama = model("meta-llama/Llama-3.3-70B-Instruct");

describe("published ceilings", () => {
  it("are of models of the catalogue, and of its GPUs but for Grace superchips", () => {
    for (const { model: id, gpu } of ceilings) {
      expect(findModel(id), id).toBeDefined();
      if (gpu !== "GH200" && gpu !== "GB200") expect(findGpu(gpu), gpu).toBeDefined();
    }
  });

  it("have a source with its day, positive numbers, and fewer tokens per second for longer prompts", () => {
    for (const { source, points, gpus, parallel } of ceilings) {
      expect(source.source).toMatch(/TensorRT-LLM [0-9a-f]{12}/);
      expect(source.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(gpus).toBe(parallel.tensor * parallel.pipeline * parallel.data);
      const by = (input: number, output: number) =>
        points.find((point) => point.inputTokens === input && point.outputTokens === output);
      for (const point of points) expect(point.tokensPerSecondPerGpu).toBeGreaterThan(0);
      const [short, long] = [by(128, 128), by(2048, 128)];
      if (short !== undefined && long !== undefined)
        expect(long.tokensPerSecondPerGpu).toBeLessThan(short.tokensPerSecondPerGpu);
    }
  });

  it("are per GPU, also where the source counts the whole replica", () => {
    const four = ceilings.find(
      ({ model: id, gpu, gpus }) => id === "meta-llama/Llama-3.1-70B-Instruct" && gpu === "L40S" && gpus === 4,
    );
    expect(four?.points[0]).toEqual({ inputTokens: 128, outputTokens: 128, tokensPerSecondPerGpu: 1523.52 / 4 });
    const b200 = ceilings
      .filter(({ model: id, gpu, precision }) => id === llama.id && gpu === "B200" && precision === "nvfp4")
      .at(-1);
    expect(b200?.points[0]).toEqual({ inputTokens: 1000, outputTokens: 1000, tokensPerSecondPerGpu: 6920 });
  });
});

describe("looking ceilings up", () => {
  it("finds those of the same shape under another name, for this number of GPUs", () => {
    const rows = ceilingsOf(llama, "H100-80GB", "fp8", 4);
    expect(rows.map(({ model: id, gpus }) => [id, gpus])).toEqual([["meta-llama/Llama-3.1-70B-Instruct", 4]]);
    expect(ceilingsOf(model("deepseek-ai/DeepSeek-V3"), "H200", "fp8", 8)).toHaveLength(1);
  });

  it("finds every number of GPUs where this one was not measured", () => {
    expect(ceilingsOf(llama, "H100-80GB", "fp8", 3).length).toBeGreaterThan(3);
  });

  it("bounds more bits by fewer, but 4-bit weights not by 16 bits", () => {
    expect(ceilingsOf(llama, "H100-80GB", "bf16", 4)[0]?.precision).toBe("fp8");
    expect(ceilingsOf(llama, "A100-80GB", "bf16", 4)[0]?.precision).toBe("fp16");
    expect(ceilingsOf(llama, "A100-80GB", "awq", 4)).toEqual([]);
  });

  it("finds nothing where nothing was published", () => {
    expect(ceilingsOf(llama, "L4", "fp8", 8)).toEqual([]);
  });
});
