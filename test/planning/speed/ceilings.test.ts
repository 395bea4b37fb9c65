import { describe, expect, it } from "vitest";
import { type Ceiling, ceilings } from "../../../catalog/ceilings";
import { findGpu } from "../../../catalog/gpus";
import { splitMemory } from "../../../planning/memory/split";
import { gpusOf, type Replica } from "../../../planning/replica";
import { offlineCeiling, serveClosed, serveOpen } from "../../../planning/speed";
import { replicaOf } from "./replica-of";

const rows = ceilings.filter(({ gpu }) => findGpu(gpu) !== undefined);

function replicaFor(row: Ceiling, engine: "vllm" | "tensorrt-llm"): Replica {
  const several = row.gpus > 1;
  return replicaOf({
    model: row.model,
    gpu: row.gpu,
    weights: row.precision,
    kv: row.precision === "fp16" ? "fp16" : "fp8",
    parallel: row.parallel,
    interconnect: !several ? "none" : ["L40S", "RTX-PRO-6000"].includes(row.gpu) ? "pcie" : "nvswitch",
    ...(engine === "tensorrt-llm"
      ? { engine: { kind: "tensorrt-llm", version: "1.0", freeMemoryFraction: 0.95 } }
      : {}),
    maxSequences: 4096,
    batchedTokens: 8192,
    context: 40000,
  });
}

const slack = 1 + 1e-9;

describe.each(["vllm", "tensorrt-llm"] as const)("with %s no estimate is above what was published", (engine) => {
  it.each(
    rows.map((row): [string, Ceiling] => [`${row.model}, ${String(row.gpus)} × ${row.gpu}, ${row.precision}`, row]),
  )("%s", (_title, row) => {
    const replica = replicaFor(row, engine);
    const kv = splitMemory(replica);
    for (const point of row.points) {
      const most = point.tokensPerSecondPerGpu * slack;
      expect(offlineCeiling(replica, kv, point).high).toBeLessThanOrEqual(most);
      const closed = serveClosed(replica, kv, { ...point, concurrency: 8192 });
      expect(closed.tokensPerSecondPerGpu.high).toBeLessThanOrEqual(most);
      expect((closed.requestsPerSecond * point.outputTokens) / gpusOf(replica.parallel)).toBeLessThanOrEqual(most);
      const above = (point.tokensPerSecondPerGpu * row.gpus * 1.0001) / point.outputTokens;
      expect(serveOpen(replica, kv, { ...point, requestsPerSecond: above })).toBeNull();
    }
  });
});

it("bounds 16 bits by what was published for 8 bits, and the same model under another name", () => {
  const bf16 = replicaOf({
    model: "meta-llama/Llama-3.3-70B-Instruct",
    gpu: "H100-80GB",
    parallel: { tensor: 4 },
    interconnect: "nvswitch",
    maxSequences: 4096,
  });
  const limit = ceilings.find(({ model, gpu, gpus }) => model.includes("3.1-70B") && gpu === "H100-80GB" && gpus === 4);
  const point = limit?.points[0];
  if (point === undefined) throw new Error("the catalogue has no ceiling of Llama 3.1 70B on four H100");
  expect(offlineCeiling(bf16, splitMemory(bf16), point).high).toBeLessThanOrEqual(point.tokensPerSecondPerGpu * slack);
});

/**
 * Dense rows against the estimate without its clamp. Arithmetic comes from measured kernels, not from these rows; two
 * constants were chosen with a look at them: NVLink's share, and whole requests in TensorRT-LLM's cache.
 */
function unclampedRatios(): readonly number[] {
  const dense = rows.filter(({ model }) => /Llama-3|Mistral-7B/.test(model));
  return dense.flatMap((row) => {
    const replica = replicaFor(row, "tensorrt-llm");
    // A name that the catalogue of ceilings does not have: nothing is clamped.
    const unknown = { ...replica, gpu: { ...replica.gpu, id: `${replica.gpu.id} (unpublished)` } };
    return row.points.map(
      (point) => offlineCeiling(unknown, splitMemory(replica), point).expected / point.tokensPerSecondPerGpu,
    );
  });
}

const ratios = [...unclampedRatios()].sort((a, b) => a - b);
const at = (share: number) => ratios[Math.floor(share * (ratios.length - 1))] ?? 0;

it(`predicts dense offline throughput without the published numbers: median ${at(0.5).toFixed(2)} of them, half between ${at(0.25).toFixed(2)} and ${at(0.75).toFixed(2)}`, () => {
  expect(at(0.5)).toBeGreaterThan(0.8);
  expect(at(0.5)).toBeLessThan(1.1);
  expect(at(0.25)).toBeGreaterThan(0.7);
  expect(at(0.75)).toBeLessThan(1.2);
});
