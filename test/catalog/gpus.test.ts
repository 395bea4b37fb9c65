import { describe, expect, it } from "vitest";
import { findGpu, gpuIds, gpuNames, gpus, productLabelSource, resolveGpu, supportSource } from "../../catalog/gpus";
import { AmbiguousNameError } from "../../catalog/ambiguous-name";
import { gpuSchema, sourceSchema } from "./schemas";

describe("the catalogue of GPUs", () => {
  it.each(gpus.map((gpu) => [gpu.id, gpu] as const))("describes %s completely, with its sources", (_, gpu) => {
    expect(gpuSchema.parse(gpu)).toEqual(gpu);
  });

  it("says where product labels and supported formats come from", () => {
    for (const source of [productLabelSource, supportSource]) expect(sourceSchema.parse(source)).toEqual(source);
  });

  it("holds 27 GPUs", () => {
    expect(gpuIds).toHaveLength(27);
  });

  it("gives every name to one GPU only, however it is written", () => {
    const names = gpus.flatMap((gpu) => [gpu.id, ...gpu.aliases]).map((name) => name.toLowerCase());
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("gives every product label to one GPU only", () => {
    const labels = gpus.flatMap((gpu) => gpu.productLabel ?? []);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it.each([
    ["L40S", "L40S"],
    ["A100-40GB", "A100-40GB"],
    ["A100-40GB-SXM", "A100-40GB"],
    ["A100-80GB", "A100-80GB"],
    ["H100-80GB", "H100-80GB"],
    ["H100-SXM", "H100-80GB"],
    ["H200-SXM", "H200"],
    ["B200-SXM", "B200"],
    ["RTX-4090", "RTX-4090"],
  ])("finds %s as %s", (name, id) => {
    expect(findGpu(name)?.id).toBe(id);
  });

  it.each(["A100", "V100", "H100", "l40s", ""])("finds nothing for %j, which no GPU alone is called", (name) => {
    expect(findGpu(name)).toBeUndefined();
  });

  it.each(gpus.map((gpu) => [gpu.id, gpu] as const))(
    "has formats and speeds of %s that follow from its generation",
    (_, gpu) => {
      const capability = gpu.computeCapability;
      expect(gpu.supports).toEqual({
        bf16: capability >= 8,
        fp8Compute: capability >= 8.9,
        fp4Compute: capability >= 10,
        fp8Marlin: capability >= 8 && capability < 8.9,
      });
      expect(gpu.dense.fp8Tflops !== null).toBe(gpu.supports.fp8Compute);
      expect(gpu.dense.fp4Tflops !== null).toBe(gpu.supports.fp4Compute);
    },
  );

  it.each(gpus.map((gpu) => [gpu.id, gpu] as const))(
    "counts less memory of %s for CUDA than its vendor advertises",
    (_, gpu) => {
      expect(gpu.cudaTotalGiB).toBeLessThan(gpu.memoryGB);
      expect(gpu.cudaTotalGiB).toBeGreaterThan(gpu.memoryGB * 0.9);
    },
  );

  it("tells the memory of the RTX 4090 and the L40S as start-up logs show it", () => {
    expect(findGpu("RTX-4090")).toMatchObject({ memoryGB: 24, cudaTotalGiB: 23.55 });
    expect(findGpu("L40S")).toMatchObject({
      memoryGB: 48,
      cudaTotalGiB: 44.42,
      cudaTotalSource: { standing: "exact" },
    });
  });
});

describe("resolving the name of a GPU", () => {
  it.each(gpus.map((gpu) => [gpu.id, gpu] as const))(
    "finds %s by its id, aliases, name and product label",
    (id, gpu) => {
      for (const name of [id, id.toLowerCase(), gpu.name, ...gpu.aliases, gpu.productLabel ?? id])
        expect(resolveGpu(name)).toBe(gpu);
    },
  );

  it.each([
    ["RTX 3090", "RTX-3090"],
    ["geforce rtx4090", "RTX-4090"],
    ["A100-40GB-SXM", "A100-40GB"],
    ["a100-sxm4-80gb", "A100-80GB"],
    ["NVIDIA A100-SXM4-40GB", "A100-40GB"],
    ["NVIDIA L40S", "L40S"],
    ["nvidia-l40s-shared", "L40S"],
    ["H100-SXM", "H100-80GB"],
    ["NVIDIA H100 PCIe", "H100-80GB-PCIe"],
    ["Tesla T4", "T4"],
    ["rtx a6000", "RTX-A6000"],
    ["a10", "A10"],
  ])("takes %s for %s", (name, id) => {
    expect(resolveGpu(name)?.id).toBe(id);
  });

  it.each([
    ["A100", ["A100-40GB", "A100-40GB-PCIe", "A100-80GB", "A100-80GB-PCIe"]],
    ["H100", ["H100-80GB", "H100-80GB-PCIe", "H100-NVL"]],
    ["V100", ["V100-16GB", "V100-32GB"]],
    ["nvidia a100-sxm4", ["A100-40GB", "A100-80GB"]],
  ])("refuses %s, which several are called, and names them", (name, candidates) => {
    try {
      resolveGpu(name);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AmbiguousNameError);
      expect(error).toMatchObject({ candidates: expect.arrayContaining(candidates) });
      expect(String(error)).toContain(
        `${name} is the name of several GPUs: write which one, of ${candidates[0] ?? ""}`,
      );
    }
  });

  it.each(["", "L40", "RTX", "MI300X", "A1", "H20", "NVIDIA-A100-SXM4-40GB-MIG-3g.20gb"])(
    "does not guess what %j is",
    (name) => {
      let found: unknown;
      try {
        found = resolveGpu(name);
      } catch (error) {
        expect(error).toBeInstanceOf(AmbiguousNameError);
      }
      expect(found).toBeUndefined();
    },
  );

  it("offers every name for suggestions", () => {
    expect(gpuNames).toEqual(expect.arrayContaining(["A100-40GB", "H100-SXM"]));
  });
});
