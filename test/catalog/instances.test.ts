import { describe, expect, it } from "vitest";
import { findGpu } from "../../catalog/gpus";
import {
  findInstance,
  instances,
  instanceTypes,
  onDemandPrice,
  spotRange,
  type GpuInstance,
} from "../../catalog/instances";
import prices from "../../catalog/data/prices.json";
import { instanceSchema, priceSchema, spotSchema } from "./schemas";

const gpuInstances = instances.filter((instance): instance is GpuInstance => instance.kind === "gpu");
const byType = gpuInstances.map((instance) => [instance.type, instance] as const);
const regions = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"];
const mebibytesPerGib = 1024;

describe("the catalogue of EC2 types", () => {
  it.each(instances.map((instance) => [instance.type, instance] as const))("describes %s completely", (_, instance) => {
    expect(instanceSchema.parse(instance)).toEqual(instance);
  });

  it.each([
    ["gpu", 61],
    ["cpu", 42],
    ["neuron", 8],
  ])("holds the types of kind %s, %d in number", (kind, number) => {
    expect(instances.filter((instance) => instance.kind === kind)).toHaveLength(number);
  });

  it("holds every type once and finds it by name", () => {
    expect(new Set(instanceTypes).size).toBe(instanceTypes.length);
    for (const instance of instances) expect(findInstance(instance.type)).toBe(instance);
    expect(findInstance("g6e.13xlarge")).toBeUndefined();
  });

  it.each(byType)("names a GPU for %s by the id that the catalogue of GPUs has", (_, instance) => {
    expect(findGpu(instance.gpu)?.id).toBe(instance.gpu);
  });

  it.each(byType)("reports GPU memory of %s that matches the GPU", (_, instance) => {
    const share = Math.min(1, instance.gpuCount);
    const cudaTotalGiB = (findGpu(instance.gpu)?.cudaTotalGiB ?? 0) * share;
    const reportedGiB = instance.gpuReportedMiB / mebibytesPerGib;
    expect(cudaTotalGiB / reportedGiB).toBeGreaterThan(0.9);
    expect(cudaTotalGiB / reportedGiB).toBeLessThan(1.01);
  });

  it.each(byType)("links the GPUs of %s only where there are several", (_, instance) => {
    expect(instance.interconnect === "none").toBe(instance.gpuCount <= 1);
    expect(instance.nvswitch).toBe(instance.interconnect === "nvswitch");
    expect(instance.nvlinkGBps).toBe(linked(instance) ? findGpu(instance.gpu)?.nvlinkGBps : null);
  });

  it("derives the family from the type", () => {
    for (const { type, family } of instances) expect(type.split(".")[0]).toBe(family);
  });
});

function linked(instance: GpuInstance): boolean {
  return instance.interconnect === "nvlink" || instance.interconnect === "nvswitch";
}

describe("on-demand prices", () => {
  const all = instanceTypes.flatMap((type) =>
    regions.map((region) => [type, region, onDemandPrice(type, region)] as const),
  );
  const known = all.filter(([, , price]) => price !== undefined);

  it.each(known)("gives a complete price with its source for %s in %s", (_type, _region, price) => {
    expect(priceSchema.parse(price)).toEqual(price);
  });

  it("knows every type in us-east-1 but the two that are not sold on demand", () => {
    const unknown = instanceTypes.filter((type) => onDemandPrice(type, "us-east-1") === undefined);
    expect(unknown).toEqual(["p5e.48xlarge", "trn2.48xlarge"]);
  });

  it.each([
    ["g6e.12xlarge", "us-east-1", 10.49264, "exact", "2026-07-20"],
    ["g5.xlarge", "eu-west-1", 1.123, "exact", "2026-01-01"],
    ["p5.48xlarge", "us-west-2", 55.04, "exact", "2026-01-01"],
    ["g6e.12xlarge", "us-west-2", 10.49264, "derived", "2026-01-01"],
    ["g6e.12xlarge", "ap-northeast-1", 15.21748, "derived", "2026-01-01"],
    ["g5.48xlarge", "eu-west-1", 18.18231, "derived", "2026-01-01"],
    ["g4dn.xlarge", "ap-northeast-1", 0.70999, "recalled", "2026-07-20"],
    ["m7i.large", "us-east-1", 0.1008, "exact", "2026-07-20"],
    ["inf2.xlarge", "us-east-1", 0.7582, "exact", "2026-07-20"],
  ])("gives %s in %s as %d dollars, %s, of %s", (type, region, usdPerHour, standing, date) => {
    const price = onDemandPrice(type, region);
    expect(price?.usdPerHour).toBeCloseTo(usdPerHour, 4);
    expect(price).toMatchObject({ standing, date });
  });

  it.each([
    ["p5e.48xlarge", "us-east-1", "is not sold on demand"],
    ["p5.48xlarge", "eu-west-1", "is absent from the region"],
    ["g6e.12xlarge", "eu-west-1", "is absent from the region"],
    ["m7i.large", "ap-northeast-1", "was priced elsewhere only"],
    ["g6e.12xlarge", "moon-south-1", "stands beside a region that nobody knows"],
    ["g99.large", "us-east-1", "does not exist"],
  ])("knows no price of %s in %s, which %s", (type, region) => {
    expect(onDemandPrice(type, region)).toBeUndefined();
  });

  it("gives no price in a region from which the type is absent", () => {
    const contradictions = gpuInstances.flatMap(({ type, absentRegions }) =>
      absentRegions.filter((region) => onDemandPrice(type, region) !== undefined).map((region) => `${type} ${region}`),
    );
    expect(contradictions).toEqual([]);
  });

  it("names known types only, and a ratio for a family and region once", () => {
    const rows = [...prices.onDemand, ...prices.spot].filter(({ type }) => findInstance(type) === undefined);
    expect(rows).toEqual([]);
    const ratios = prices.multipliers.map(({ family, region }) => `${family} ${region}`);
    expect(new Set(ratios).size).toBe(ratios.length);
    const listed = prices.onDemand.map(({ type, region }) => `${type} ${region}`);
    expect(new Set(listed).size).toBe(listed.length);
  });

  it.each(prices.multipliers.filter(({ basis }) => basis === "familyMultiplier"))(
    "multiplies prices of $family in $region by the ratio that prices read there have",
    ({ family, region, multiplier }) => {
      const read = prices.onDemand.filter(
        ({ type, region: where }) => where === region && type.startsWith(`${family}.`),
      );
      const ratios = read.map(
        ({ type, usdPerHour }) => usdPerHour / (onDemandPrice(type, "us-east-1")?.usdPerHour ?? 0),
      );
      expect(ratios).not.toEqual([]);
      for (const ratio of ratios) expect(ratio).toBeCloseTo(multiplier, 3);
    },
  );

  it("prices a larger machine of a family with as many GPUs no lower", () => {
    const cheaperThoughLarger = gpuInstances.filter((large) => {
      const price = onDemandPrice(large.type, "us-east-1")?.usdPerHour ?? Infinity;
      return gpuInstances.some(
        (small) =>
          small.family === large.family &&
          small.gpuCount === large.gpuCount &&
          small.vcpu < large.vcpu &&
          small.memoryGiB <= large.memoryGiB &&
          (onDemandPrice(small.type, "us-east-1")?.usdPerHour ?? 0) > price,
      );
    });
    expect(cheaperThoughLarger.map(({ type }) => type)).toEqual([]);
  });
});

describe("spot ranges", () => {
  const ranges = instanceTypes.flatMap((type) =>
    regions.flatMap((region) => {
      const range = spotRange(type, region);
      return range === undefined ? [] : [[type, region, range] as const];
    }),
  );

  it("holds 52 of them", () => {
    expect(ranges).toHaveLength(52);
  });

  it.each(ranges)("gives a complete, ordered range for %s in %s", (_type, _region, range) => {
    expect(spotSchema.parse(range)).toEqual(range);
    const { minUsdPerHour, medianUsdPerHour, maxUsdPerHour } = range;
    expect([minUsdPerHour, medianUsdPerHour, maxUsdPerHour].toSorted((a, b) => a - b)).toEqual([
      minUsdPerHour,
      medianUsdPerHour,
      maxUsdPerHour,
    ]);
  });

  it("knows none where none was read", () => {
    expect(spotRange("g6e.12xlarge", "us-east-1")).toBeUndefined();
    expect(spotRange("m7i.large", "us-east-1")).toBeUndefined();
  });
});
