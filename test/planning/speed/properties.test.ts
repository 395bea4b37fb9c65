import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitMemory } from "../../../planning/memory/split";
import type { Range } from "../../../planning/replica";
import { type OpenSpeed, replicasNeeded, saturation, serveClosed, serveOpen, type Slo } from "../../../planning/speed";
import { replicaOf, type Wanted } from "./replica-of";

const wanted: readonly Wanted[] = [
  { model: "meta-llama/Llama-3.1-8B-Instruct", gpu: "L40S" },
  {
    model: "meta-llama/Llama-3.1-8B-Instruct",
    gpu: "H100-80GB",
    weights: "fp8",
    kv: "fp8",
    batchedTokens: 8192,
    maxSequences: 1024,
  },
  { model: "Qwen/Qwen3-14B", gpu: "L4", weights: "awq", parallel: { tensor: 2 }, interconnect: "pcie" },
  { model: "openai/gpt-oss-20b", gpu: "A100-80GB", weights: "mxfp4" },
  {
    model: "meta-llama/Llama-3.1-70B-Instruct",
    gpu: "A100-80GB",
    parallel: { tensor: 4 },
    interconnect: "nvswitch",
    version: "0.10.0",
  },
  {
    model: "meta-llama/Llama-3.1-70B-Instruct",
    gpu: "L40S",
    weights: "awq",
    parallel: { pipeline: 2 },
    interconnect: "pcie",
  },
];
const stations = wanted.map((each) => {
  const replica = replicaOf(each);
  return { replica, kv: splitMemory(replica) };
});

const station = fc.constantFrom(...stations);
const lengths = fc.record({
  inputTokens: fc.integer({ min: 1, max: 6000 }),
  outputTokens: fc.integer({ min: 1, max: 2000 }),
  prefixHit: fc.constantFrom(0, 0.5, 0.95),
});
const share = fc.double({ min: 0.01, max: 0.97, noNaN: true });
const runs = { numRuns: 150, seed: 11 };
/** Interpolation and bisection end within this of each other. */
const tolerance = 1 + 1e-3;

function latencies({ firstToken, interToken, endToEnd }: OpenSpeed): readonly Range[] {
  return [firstToken.p50, firstToken.p95, interToken.p50, interToken.p95, endToEnd.p50, endToEnd.p95];
}

describe("requests that arrive by themselves", () => {
  it("are never answered faster when more of them come", () => {
    fc.assert(
      fc.property(station, lengths, share, share, ({ replica, kv }, load, one, other) => {
        const { unstableAt } = saturation(replica, kv, load, {});
        fc.pre(unstableAt > 0);
        const at = (part: number) => serveOpen(replica, kv, { ...load, requestsPerSecond: part * unstableAt });
        const [few, many] = [at(Math.min(one, other)), at(Math.max(one, other))];
        if (few === null || many === null) throw new Error("below its capacity a replica keeps up");
        const before = latencies(few);
        latencies(many).forEach(({ expected }, index) => {
          expect(expected * tolerance).toBeGreaterThanOrEqual(before[index]?.expected ?? Infinity);
        });
      }),
      runs,
    );
  });

  it("are never answered slower by more replicas", () => {
    fc.assert(
      fc.property(station, lengths, share, fc.integer({ min: 1, max: 9 }), ({ replica, kv }, load, part, replicas) => {
        const { unstableAt } = saturation(replica, kv, load, {});
        fc.pre(unstableAt > 0);
        const open = { ...load, requestsPerSecond: part * unstableAt * replicas };
        const [few, many] = [serveOpen(replica, kv, open, replicas), serveOpen(replica, kv, open, replicas + 1)];
        if (few === null || many === null) throw new Error("below its capacity a replica keeps up");
        const before = latencies(few);
        latencies(many).forEach(({ expected }, index) => {
          expect(expected).toBeLessThanOrEqual((before[index]?.expected ?? 0) * tolerance);
        });
      }),
      runs,
    );
  });

  it("have a 95th percentile no smaller than the median, and bounds around what is expected", () => {
    fc.assert(
      fc.property(station, lengths, share, ({ replica, kv }, load, part) => {
        const { unstableAt } = saturation(replica, kv, load, {});
        fc.pre(unstableAt > 0);
        const speed = serveOpen(replica, kv, { ...load, requestsPerSecond: part * unstableAt });
        if (speed === null) throw new Error("below its capacity a replica keeps up");
        for (const { p50, p95 } of [speed.firstToken, speed.interToken, speed.endToEnd]) {
          expect(p95.expected * tolerance).toBeGreaterThanOrEqual(p50.expected);
          for (const { low, expected, high } of [p50, p95]) {
            expect(low).toBeLessThanOrEqual(expected * tolerance);
            expect(high * tolerance).toBeGreaterThanOrEqual(expected);
          }
        }
      }),
      runs,
    );
  });
});

describe("the number of replicas", () => {
  const slo = fc.record({
    ttftP95Seconds: fc.double({ min: 0.05, max: 5, noNaN: true }),
    interTokenP95Seconds: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
  });

  function keeps(
    speed: OpenSpeed | null,
    { ttftP95Seconds = Infinity, interTokenP95Seconds = Infinity }: Slo,
  ): boolean {
    if (speed === null) return false;
    return speed.firstToken.p95.expected <= ttftP95Seconds && speed.interToken.p95.expected <= interTokenP95Seconds;
  }

  it("is the smallest that keeps the objective with headroom", () => {
    fc.assert(
      fc.property(
        station,
        lengths,
        slo,
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        ({ replica, kv }, load, limits, requestsPerSecond) => {
          const open = { ...load, requestsPerSecond };
          const needed = replicasNeeded(replica, kv, open, limits, { most: 100_000 });
          if (needed.replicas === null) {
            expect(keeps(serveOpen(replica, kv, { ...load, requestsPerSecond: 1e-6 }), limits)).toBe(false);
            return;
          }
          const { replicas, headroom } = needed;
          const grown = { ...load, requestsPerSecond: requestsPerSecond * (1 + headroom) };
          expect(keeps(needed.speed, limits)).toBe(true);
          expect(
            keeps(
              serveOpen(replica, kv, { ...grown, requestsPerSecond: grown.requestsPerSecond * 0.999 }, replicas),
              limits,
            ),
          ).toBe(true);
          if (replicas > 1)
            expect(
              keeps(
                serveOpen(replica, kv, { ...grown, requestsPerSecond: grown.requestsPerSecond * 1.001 }, replicas - 1),
                limits,
              ),
            ).toBe(false);
        },
      ),
      runs,
    );
  });

  it("agrees with saturation: just below it the objective holds, just above it does not", () => {
    fc.assert(
      fc.property(station, lengths, slo, ({ replica, kv }, load, limits) => {
        const { unstableAt, withinSlo } = saturation(replica, kv, load, limits);
        expect(withinSlo).toBeLessThanOrEqual(unstableAt);
        fc.pre(withinSlo > 0);
        expect(keeps(serveOpen(replica, kv, { ...load, requestsPerSecond: withinSlo * 0.999 }), limits)).toBe(true);
        expect(keeps(serveOpen(replica, kv, { ...load, requestsPerSecond: withinSlo * 1.001 }), limits)).toBe(false);
      }),
      runs,
    );
  });

  it("is refused with the reason where a single request is too slow, or a replica delivers too little", () => {
    const [first] = stations;
    if (first === undefined) throw new Error("no station");
    const load = { inputTokens: 2000, outputTokens: 200, requestsPerSecond: 1 };
    const slow = replicasNeeded(first.replica, first.kv, load, { ttftP95Seconds: 0.05 });
    expect(slow).toMatchObject({
      replicas: null,
      reason: expect.stringMatching(/first token takes \d+ ms where 50 ms are promised.*faster GPU/),
    });
    const little = replicasNeeded(first.replica, first.kv, load, { tokensPerSecondPerReplica: 1e6 });
    expect(little).toMatchObject({
      replicas: null,
      reason: expect.stringMatching(/delivers \d+ output tokens per second.*1000000 are wanted/),
    });
  });
});

describe("requests that are always in flight", () => {
  it("get no faster when there are more of them, and all together are no slower", () => {
    fc.assert(
      fc.property(
        station,
        lengths,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        ({ replica, kv }, load, one, more) => {
          const few = serveClosed(replica, kv, { ...load, concurrency: one });
          fc.pre(few.running > 0);
          const many = serveClosed(replica, kv, { ...load, concurrency: one + more });
          const slack = 1.01;
          expect(many.endToEnd.mean.expected * slack).toBeGreaterThanOrEqual(few.endToEnd.mean.expected);
          expect(many.tokensPerSecond.expected * slack).toBeGreaterThanOrEqual(few.tokensPerSecond.expected);
          expect(many.firstToken.p95.expected).toBeGreaterThanOrEqual(many.firstToken.mean.expected);
        },
      ),
      runs,
    );
  });

  it("obey Little's law: requests in flight are requests per second × time of one", () => {
    fc.assert(
      fc.property(station, lengths, fc.integer({ min: 1, max: 600 }), ({ replica, kv }, load, concurrency) => {
        const speed = serveClosed(replica, kv, { ...load, concurrency });
        fc.pre(speed.running > 0);
        expect((speed.requestsPerSecond * speed.endToEnd.mean.expected) / concurrency).toBeCloseTo(1, 2);
      }),
      runs,
    );
  });

  it("wait for a slot beyond the engine's limit, and their first token takes that much longer", () => {
    const replica = replicaOf({
      model: "meta-llama/Llama-3.1-8B-Instruct",
      gpu: "H100-80GB",
      maxSequences: 8,
      batchedTokens: 8192,
    });
    const load = { inputTokens: 500, outputTokens: 200, concurrency: 64 };
    const narrow = serveClosed(replica, splitMemory(replica), load);
    const wide = serveClosed({ ...replica, maxSequences: 64 }, splitMemory(replica), load);
    expect(narrow).toMatchObject({ running: 8, waiting: 56, limitedBy: "sequences" });
    expect(narrow.firstToken.mean.expected).toBeGreaterThan(10 * wide.firstToken.mean.expected);
  });
});
