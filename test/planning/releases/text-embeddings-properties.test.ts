import fc from "fast-check";
import { expect, test } from "vitest";
import { planEnvironment } from "../../../planning";
import { today } from "../../harness/environments";
import { asked, withEncoder } from "../../harness/processors";
import { parsed } from "../parsed";

test("whatever is written, a pod that is planned fits its machine, starts within its probe and stops within its grace", () => {
  const models = fc.constantFrom("BAAI/bge-m3", "intfloat/multilingual-e5-large", "BAAI/bge-reranker-base");
  const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
  const settings = fc.record({
    model: models,
    autoTruncate: fc.boolean(),
    maxBatchTokens: maybe(fc.integer({ min: 16, max: 131072 })),
    maxConcurrentRequests: maybe(fc.integer({ min: 1, max: 4096 })),
    cpu: maybe(fc.integer({ min: 1, max: 100 })),
    longestRequest: fc.constantFrom("1m", "5m", "1h"),
    replicas: fc.constantFrom("auto", 1, 3),
  });
  const machines = fc.record({
    cpu: fc.integer({ min: 2, max: 128 }),
    memory: fc.constantFrom("12GiB", "32GiB", "256GiB"),
    disk: fc.constantFrom("20GiB", "1TiB"),
  });
  const loads = fc.record({
    requests: fc.constantFrom("1/min", "10/min", "2/s"),
    inputTokens: fc.integer({ min: 1, max: 4000 }),
  });
  let plans = 0;
  fc.assert(
    fc.property(settings, machines, maybe(loads), (changes, machine, load) => {
      const environment = withEncoder(changes, { machine }, load === undefined ? {} : asked(load));
      const { plan } = planEnvironment(parsed(environment), today);
      if (plan === undefined) return;
      plans += 1;
      const { resources, seconds, pod, endpoint } = plan.releases["embed"] ?? {};
      const { allocatable } = plan.pools["epyc"] ?? {};
      expect(resources?.cpu).toBeLessThanOrEqual(allocatable?.cpu ?? NaN);
      expect(resources?.memoryGiB).toBeLessThanOrEqual(allocatable?.memoryGiB ?? NaN);
      expect(resources?.diskGiB).toBeLessThanOrEqual(allocatable?.diskGiB ?? NaN);
      expect(seconds?.grace).toBeGreaterThan((seconds?.preStop ?? NaN) + (seconds?.drain ?? NaN));
      expect(seconds?.startup).toBeGreaterThanOrEqual(seconds?.podStart ?? NaN);
      expect(endpoint?.probes.timeoutSeconds).toBeGreaterThanOrEqual(5);
      const scratch = Object.values(pod?.volumes ?? {}).map((volume) => ("sizeGiB" in volume ? volume.sizeGiB : 0));
      expect(scratch.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(resources?.diskGiB ?? NaN);
    }),
    { numRuns: 300, seed: 7 },
  );
  expect(plans).toBeGreaterThan(30);
});
