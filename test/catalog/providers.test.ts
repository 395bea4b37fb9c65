import { describe, expect, it } from "vitest";
import { cpuIds, cpus, resolveCpu } from "../../catalog/cpus";
import type { Source } from "../../catalog/fact";
import { instances } from "../../catalog/instances";
import { externalModels, findExternalModel, isRetired } from "../../catalog/providers";
import { vcpuQuota, type QuotaPurchase } from "../../catalog/quotas";
import { sourceSchema } from "./schemas";

const sourceOf = ({ source, date, standing, note }: Source): Source =>
  note === undefined ? { source, date, standing } : { source, date, standing, note };

describe("prices of providers", () => {
  it.each(externalModels.map((model) => [model.id, model] as const))("describe %s with its sources", (_, model) => {
    for (const fact of [model, ...(model.retirement ? [model.retirement] : [])]) {
      expect(() => sourceSchema.parse(sourceOf(fact))).not.toThrow();
    }
    expect(model.outputUsdPerMillion).toBeGreaterThan(model.inputUsdPerMillion);
    expect(model.maxInput).toBeGreaterThan(model.maxOutput);
    if (model.dearerAbove) expect(model.dearerAbove.inputUsdPerMillion).toBeGreaterThan(model.inputUsdPerMillion);
    expect(findExternalModel(model.id)).toBe(model);
  });

  it("give every name to one model only", () => {
    const names = externalModels.flatMap(({ id, aliases }) => [id, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ["claude-3-haiku-20240307", "anthropic", 0.25, 1.25, "2026-04-20"],
    ["claude-3.5-sonnet-20241022", "anthropic", 3, 15, "2025-10-28"],
    ["gpt-3.5-turbo-0125", "openai", 0.5, 1.5, "2026-10-23"],
    ["gpt-4-turbo-preview", "openai", 10, 30, "2026-03-26"],
    ["gemini-1.5-pro-latest", "google", 1.25, 5, "2025-09-24"],
  ])("have %s of %s at %d and %d dollars, gone since %s", (name, provider, input, output, day) => {
    const model = findExternalModel(name);
    expect(model).toMatchObject({ provider, inputUsdPerMillion: input, outputUsdPerMillion: output });
    expect(model && isRetired(model, day)).toBe(true);
    expect(model && isRetired(model, "2025-01-01")).toBe(false);
  });

  it("say of a model that is sold that it is, and nothing of one that they do not know", () => {
    const haiku = findExternalModel("claude-haiku-4-5");
    expect(haiku && isRetired(haiku, "2026-11-21")).toBe(false);
    expect(findExternalModel("gpt-9")).toBeUndefined();
  });
});

describe("quotas of vCPUs", () => {
  it.each<[string, QuotaPurchase, string]>([
    ["g6e", "on-demand", "L-DB2E81BA"],
    ["gr6", "on-demand", "L-DB2E81BA"],
    ["g5", "spot", "L-3819A6DF"],
    ["p4d", "on-demand", "L-417A185B"],
    ["p4d", "spot", "L-7212CCBC"],
    ["p5en", "on-demand", "L-417A185B"],
    ["p5", "spot", "L-C4BD4855"],
    ["p6-b200", "on-demand", "L-417A185B"],
    ["inf2", "on-demand", "L-1945791B"],
    ["trn1", "spot", "L-6B0D517C"],
    ["m7i", "on-demand", "L-1216C47A"],
    ["c7g", "spot", "L-34B43A08"],
  ])("count %s bought %s against %s", (family, purchase, code) => {
    const quota = vcpuQuota(family, purchase);
    expect(quota?.code).toBe(code);
    expect(quota && sourceSchema.parse(sourceOf(quota)).standing).toBe("exact");
  });

  it("know none for spot machines of a family that AWS documents none for, and for no family", () => {
    expect(vcpuQuota("p6-b200", "spot")).toBeUndefined();
    expect(vcpuQuota("u-6tb1", "on-demand")).toBeUndefined();
    expect(vcpuQuota("", "on-demand")).toBeUndefined();
  });

  it.each([...new Set(instances.map(({ family }) => family))])(
    "know one for %s, which the catalogue sells",
    (family) => {
      expect(vcpuQuota(family, "on-demand")?.code).toMatch(/^L-[0-9A-F]{8}$/);
    },
  );
});

describe("processors", () => {
  it.each(cpus.map((cpu) => [cpu.id, cpu] as const))(
    "have a bandwidth and a speed of %s that follow from its parts",
    (id, cpu) => {
      expect(cpuIds).toContain(id);
      expect(cpu.memoryBandwidthGBps).toBeCloseTo(cpu.memoryChannels * 25.6, 6);
      expect(cpu.fp32Tflops).toBeCloseTo((cpu.cores * cpu.baseGHz * 32) / 1000, 6);
      for (const source of [cpu.source, cpu.derivation]) expect(sourceSchema.parse(source)).toEqual(source);
    },
  );

  it.each(["EPYC-7763", "AMD EPYC 7763", "amd-epyc-7763", "epyc 7763"])("are found as %s", (name) => {
    expect(resolveCpu(name)).toMatchObject({ id: "EPYC-7763", memoryBandwidthGBps: 204.8 });
    expect(resolveCpu(name)?.fp32Tflops).toBeCloseTo(5.0, 1);
  });

  it("are not guessed", () => {
    expect(resolveCpu("EPYC")).toBeUndefined();
  });
});
