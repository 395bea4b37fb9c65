import { describe, expect, it } from "vitest";
import { models } from "../../../catalog/models";
import { activeParameters, modelShape, residentParameters, touchedShare } from "../../../planning/memory/index";
import { errorPercent, model, signed } from "./replicas";

const compared = models.map((found) => ({
  id: found.id,
  error: signed(errorPercent(modelShape(found).computed, found.totalParameters)),
}));

describe("parameters from the shape", () => {
  it.each(compared)("$id: $error of the published number", ({ id }) => {
    expect(Math.abs(errorPercent(modelShape(model(id)).computed, model(id).totalParameters))).toBeLessThan(1);
  });

  it("what the shape does not explain is counted too, so nothing is missing", () => {
    for (const found of models) {
      expect(residentParameters(found)).toBeGreaterThanOrEqual(found.totalParameters * 0.9999);
    }
  });

  it("is computed once for each model", () => {
    expect(modelShape(model("Qwen/Qwen3-14B"))).toBe(modelShape(model("Qwen/Qwen3-14B")));
  });
});

describe("parameters that a step reads", () => {
  it("a dense model reads everything but the table of its embedding", () => {
    const llama = model("meta-llama/Llama-3.1-8B-Instruct");
    const table = llama.vocabularySize * llama.hiddenSize;
    expect(activeParameters(llama)).toBeCloseTo(residentParameters(llama) - table, -3);
  });

  it("a tied embedding is read as the output layer", () => {
    const small = model("Qwen/Qwen3-0.6B");
    expect(activeParameters(small) / residentParameters(small)).toBeCloseTo(1, 3);
  });

  it("one token of a mixture reads its experts, many tokens read nearly all", () => {
    const mixture = model("Qwen/Qwen3-30B-A3B");
    const embedding = mixture.vocabularySize * mixture.hiddenSize;
    expect(errorPercent(activeParameters(mixture) + embedding, mixture.activeParameters)).toBeCloseTo(0, 0);
    expect(activeParameters(mixture, 256)).toBeGreaterThan(0.99 * (residentParameters(mixture) - embedding));
  });

  it.each([
    { share: 1, tokens: 1, touched: 1 },
    { share: 0, tokens: 100, touched: 0 },
    { share: 0.25, tokens: 1, touched: 0.25 },
    { share: 0.25, tokens: 2, touched: 0.4375 },
  ])("$tokens tokens touch $touched of a group of which each touches $share", ({ share, tokens, touched }) => {
    expect(touchedShare(share, tokens)).toBeCloseTo(touched, 10);
  });
});
