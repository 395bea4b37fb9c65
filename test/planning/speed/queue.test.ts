import { describe, expect, it } from "vitest";
import { splitMemory } from "../../../planning/memory/split";
import { occupancy, waitQuantile } from "../../../planning/speed/birth-death";
import { frontendSeconds } from "../../../planning/speed/constants";
import { flowOf } from "../../../planning/speed/flow";
import { operate, stationOf } from "../../../planning/speed/queue";
import { replicaOf } from "./replica-of";
import { mean, percentile, simulate } from "./simulate";

describe("the chain of births and deaths", () => {
  it("is Erlang's M/M/c where speed grows with every request", () => {
    // Three servers of one request per second each, two arrivals per second: Erlang C gives 4 ÷ 9.
    const state = occupancy(2, Float64Array.from([0, 1, 2, 3]));
    expect(state?.waitingShare).toBeCloseTo(4 / 9, 10);
    expect(state?.meanWait).toBeCloseTo(4 / 9, 10);
  });

  it("is M/M/1 with one slot: 0.8 of the time busy, four times the service in line", () => {
    const state = occupancy(0.8, Float64Array.from([0, 1]));
    expect(state?.waitingShare).toBeCloseTo(0.8, 10);
    expect(state?.meanWait).toBeCloseTo(4, 10);
    expect(state === null ? 0 : waitQuantile(state, 0.95)).toBeCloseTo(Math.log(0.8 / 0.05) / 0.2, 10);
  });

  it("has no steady state where as much arrives as can end", () => {
    expect(occupancy(1, Float64Array.from([0, 1]))).toBeNull();
  });

  it("keeps its digits with thousands of slots", () => {
    const departures = Float64Array.from({ length: 4097 }, (_, n) => n);
    expect(occupancy(4000, departures)?.meanInside).toBeCloseTo(4000, -1);
  });
});

const lengths = { inputTokens: 800, outputTokens: 120 };
const usual = { mean: 0.2, p95: 0.25 };
const stations: readonly {
  name: string;
  maxSequences: number;
  version: string;
  lengths: typeof lengths;
  within?: typeof usual;
}[] = [
  { name: "many slots", maxSequences: 256, version: "0.28.0", lengths },
  // Where slots are few the line is taken as that of exponential service; prompts, which all take the same, make it shorter.
  { name: "16 slots", maxSequences: 16, version: "0.28.0", lengths, within: { mean: 0.4, p95: 0.55 } },
  { name: "synchronous scheduling", maxSequences: 64, version: "0.10.0", lengths },
  {
    name: "prompts of several steps",
    maxSequences: 64,
    version: "0.28.0",
    lengths: { inputTokens: 4000, outputTokens: 200 },
  },
];

const compared = stations.flatMap(({ name, maxSequences, version, lengths: load, within = usual }) => {
  const replica = replicaOf({ model: "meta-llama/Llama-3.1-8B-Instruct", gpu: "L40S", maxSequences, version });
  const kv = splitMemory(replica);
  const flow = flowOf(replica, kv, load);
  const station = stationOf(replica, kv, load);
  if (station === null) throw new Error("the station has no slot");
  return [0.3, 0.6, 0.8].map((share) => {
    const rate = share * station.curve.capacity;
    const simulated = simulate(flow, rate, 4000, 7);
    const point = operate(station, rate, 1);
    if (point === null) throw new Error("the station cannot keep up");
    const { p50, p95, mean: average } = point;
    const errors = {
      "mean first token": (average.firstToken - frontendSeconds) / mean(simulated.firstToken),
      "p95 first token": (p95.firstToken - frontendSeconds) / percentile(simulated.firstToken, 0.95),
      "median first token": (p50.firstToken - frontendSeconds) / percentile(simulated.firstToken, 0.5),
      "mean end to end": (average.endToEnd - frontendSeconds) / mean(simulated.endToEnd),
    };
    const texts = Object.entries(errors).map(([what, ratio]) => `${what} ${((ratio - 1) * 100).toFixed(0)} %`);
    return [`${name} at ${String(share * 100)} % of capacity: ${texts.join(", ")}`, errors, within] as const;
  });
});

describe("the queueing formula against a simulation of the engine's steps", () => {
  it.each(compared)("%s", (_title, errors, within) => {
    expect(Math.abs(errors["mean end to end"] - 1)).toBeLessThan(0.08);
    expect(Math.abs(errors["mean first token"] - 1)).toBeLessThan(within.mean);
    expect(Math.abs(errors["p95 first token"] - 1)).toBeLessThan(within.p95);
  });
});
