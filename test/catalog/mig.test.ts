import { describe, expect, it } from "vitest";
import { findGpu, gpus, type Gpu } from "../../catalog/gpus";
import { findGpuOrInstance, migGpus, migProfiles, migResource, migSlice, migSource } from "../../catalog/mig";
import { sourceSchema } from "./schemas";

function gpu(id: string): Gpu {
  const found = findGpu(id);
  if (found === undefined) throw new Error(`no GPU ${id}`);
  return found;
}

describe("MIG", () => {
  it("says where its profiles come from", () => {
    expect(() => sourceSchema.parse(migSource)).not.toThrow();
  });

  it.each([
    ["A30", ["1g.6gb × 4", "2g.12gb × 2", "4g.24gb × 1"]],
    ["A100-40GB", ["1g.5gb × 7", "1g.10gb × 4", "2g.10gb × 3", "3g.20gb × 2", "4g.20gb × 1", "7g.40gb × 1"]],
    ["H100-80GB", ["1g.10gb × 7", "1g.20gb × 4", "2g.20gb × 3", "3g.40gb × 2", "4g.40gb × 1", "7g.80gb × 1"]],
    ["H200", ["1g.18gb × 7", "1g.35gb × 4", "2g.35gb × 3", "3g.71gb × 2", "4g.71gb × 1", "7g.141gb × 1"]],
  ])("partitions %s into %j", (id, profiles) => {
    expect(migProfiles(gpu(id)).map(({ name, perGpu }) => `${name} × ${perGpu}`)).toEqual(profiles);
  });

  it("knows only GPUs of the catalogue, and none of those without MIG", () => {
    for (const id of migGpus) expect(findGpu(id)).toBeDefined();
    for (const id of ["T4", "A10G", "L4", "L40S", "RTX-4090", "RTX-3090"]) expect(migProfiles(gpu(id))).toEqual([]);
  });

  it("never gives instances more than the GPU has", () => {
    for (const each of gpus)
      for (const { name, memoryShare, computeShare, perGpu } of migProfiles(each)) {
        expect([name, memoryShare * perGpu <= 1, computeShare * perGpu <= 1]).toEqual([name, true, true]);
        expect(name).toMatch(/^[1-7]g\.\d+gb$/);
      }
  });

  // What `nvidia-smi mig -lgip` shows on these GPUs.
  it.each([
    ["A100-40GB", "1g.5gb", 4.75],
    ["A100-40GB", "2g.10gb", 9.62],
    ["A100-40GB", "3g.20gb", 19.5],
    ["A100-80GB", "1g.10gb", 9728 / 1024],
    ["A100-80GB", "2g.20gb", 19968 / 1024],
    ["A100-80GB", "3g.40gb", 39936 / 1024],
  ])("counts on no more memory of %s %s than there is", (id, profile, shown) => {
    const counted = migSlice(gpu(id), profile)?.cudaTotalGiB ?? NaN;
    expect(counted).toBeLessThanOrEqual(shown);
    expect(counted).toBeGreaterThan(0.94 * shown);
  });

  it("makes a smaller GPU of a profile, alone and with what the architecture can do", () => {
    const whole = gpu("H100-80GB");
    expect(migSlice(whole, "2g.20gb")).toMatchObject({
      id: "H100-80GB/2g.20gb",
      computeCapability: whole.computeCapability,
      supports: whole.supports,
      memoryBandwidthGBps: whole.memoryBandwidthGBps / 4,
      dense: { fp16Tflops: whole.dense.fp16Tflops / 4, fp4Tflops: null },
      nvlinkGBps: null,
      cudaTotalSource: { standing: "derived" },
    });
    expect(migSlice(whole, "1g.5gb")).toBeUndefined();
    expect(migSlice(gpu("L40S"), "1g.5gb")).toBeUndefined();
  });

  it("finds GPUs and their instances by name", () => {
    expect(findGpuOrInstance("A100-80GB")?.id).toBe("A100-80GB");
    expect(findGpuOrInstance("A100-80GB/1g.10gb")?.id).toBe("A100-80GB/1g.10gb");
    expect(findGpuOrInstance("A100-80GB/1g.1gb")).toBeUndefined();
    expect(findGpuOrInstance("none/1g.10gb")).toBeUndefined();
    expect(migResource("1g.10gb")).toBe("nvidia.com/mig-1g.10gb");
  });
});
