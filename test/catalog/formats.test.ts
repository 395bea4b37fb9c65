import { describe, expect, it } from "vitest";
import {
  formatSupport,
  kvBytesPerElement,
  mxfp4Padding,
  nativeFormat,
  type WeightFormatId,
  weightFormatIds,
  weightFormats,
} from "../../catalog/formats";
import { models } from "../../catalog/models";

describe("formats of weights", () => {
  it.each<{ id: WeightFormatId; bytes: number }>([
    { id: "fp32", bytes: 4 },
    { id: "bf16", bytes: 2 },
    { id: "fp16", bytes: 2 },
    { id: "fp8", bytes: 1.0002 },
    { id: "int8", bytes: 1 },
    { id: "gptq-int8", bytes: 1.0156 },
    { id: "awq", bytes: 0.5195 },
    { id: "gptq", bytes: 0.5195 },
    { id: "nf4", bytes: 0.516 },
    { id: "mxfp4", bytes: 0.53125 },
    { id: "int4", bytes: 0.5625 },
    { id: "nvfp4", bytes: 0.5625 },
  ])("$id takes $bytes bytes of a quantised parameter", ({ id, bytes }) => {
    expect(weightFormats[id].bytesPerParameter).toBeCloseTo(bytes, 4);
  });

  it("each has its own entry with a source", () => {
    expect(Object.keys(weightFormats).sort()).toEqual([...weightFormatIds].sort());
    for (const id of weightFormatIds) {
      expect(weightFormats[id].id).toBe(id);
      expect(weightFormats[id].source.source).not.toBe("");
    }
  });
});

describe("how a GPU runs a format", () => {
  it.each<{ id: WeightFormatId; turing: string; ampere: string; ada: string; hopper: string; blackwell: string }>([
    { id: "bf16", turing: "no", ampere: "native", ada: "native", hopper: "native", blackwell: "native" },
    { id: "fp16", turing: "native", ampere: "native", ada: "native", hopper: "native", blackwell: "native" },
    { id: "fp8", turing: "no", ampere: "weight-only", ada: "native", hopper: "native", blackwell: "native" },
    { id: "int8", turing: "native", ampere: "native", ada: "native", hopper: "native", blackwell: "no" },
    {
      id: "awq",
      turing: "weight-only",
      ampere: "weight-only",
      ada: "weight-only",
      hopper: "weight-only",
      blackwell: "weight-only",
    },
    {
      id: "mxfp4",
      turing: "no",
      ampere: "weight-only",
      ada: "weight-only",
      hopper: "weight-only",
      blackwell: "native",
    },
    {
      id: "nvfp4",
      turing: "weight-only",
      ampere: "weight-only",
      ada: "weight-only",
      hopper: "weight-only",
      blackwell: "native",
    },
  ])("$id: Turing $turing, Ampere $ampere, Ada $ada, Hopper $hopper, Blackwell $blackwell", (row) => {
    const { id, turing, ampere, ada, hopper, blackwell } = row;
    expect([7.5, 8, 8.9, 9, 10].map((capability) => formatSupport(id, capability))).toEqual([
      turing,
      ampere,
      ada,
      hopper,
      blackwell,
    ]);
  });

  it("Volta runs neither bfloat16 nor Marlin's formats", () => {
    expect((["bf16", "awq", "gptq", "fp8", "mxfp4"] as const).map((id) => formatSupport(id, 7))).toEqual(
      Array.from({ length: 5 }, () => "no"),
    );
  });
});

describe("formats in which models are published", () => {
  it("every model has one", () => {
    for (const model of models) expect(weightFormatIds).toContain(nativeFormat(model));
  });

  it("is the format of their data type", () => {
    expect(nativeFormat({ nativeDtype: "float8_e4m3" })).toBe("fp8");
    expect(nativeFormat({ nativeDtype: "mxfp4" })).toBe("mxfp4");
    expect(nativeFormat({ nativeDtype: "bfloat16" })).toBe("bf16");
  });
});

describe("padding of experts in MXFP4", () => {
  it("is by 64 in one direction on Hopper, by more elsewhere", () => {
    expect(mxfp4Padding(9)).toEqual({ hidden: 1, intermediate: 64 });
    expect(mxfp4Padding(8)).toEqual({ hidden: 256, intermediate: 128 });
    expect(mxfp4Padding(12)).toEqual({ hidden: 256, intermediate: 128 });
  });
});

it("a KV cache in fp8 takes half of one in 16 bits", () => {
  expect(kvBytesPerElement).toEqual({ fp32: 4, bf16: 2, fp16: 2, fp8: 1 });
});
