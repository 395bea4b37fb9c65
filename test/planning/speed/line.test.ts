import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answered95, utilizationOf } from "../../../planning/speed/line";
import { percentile, randomNumbers } from "./simulate";

/** Times in the system of requests that arrive by chance at one who answers each in the same time, in their order. */
function simulated(seconds: number, requestsPerSecond: number, requests: number): readonly number[] {
  const random = randomNumbers(42);
  let arrival = 0;
  let free = 0;
  return Array.from({ length: requests }, () => {
    arrival += -Math.log(1 - random()) / requestsPerSecond;
    free = Math.max(free, arrival) + seconds;
    return free - arrival;
  });
}

describe("the time within which 95 of 100 requests are answered", () => {
  test.each([0.2, 0.5, 0.7, 0.9])("is near that of a simulation at a utilisation of %d", (utilization) => {
    const late = percentile(simulated(0.5, utilization / 0.5, 200_000), 0.95);
    const estimate = answered95({ seconds: 0.5, requestsPerSecond: utilization / 0.5 }) ?? NaN;
    expect(Math.abs(estimate / late - 1)).toBeLessThan(0.1);
  });

  test("is that of the request alone where hardly anybody waits", () => {
    expect(answered95({ seconds: 0.5, requestsPerSecond: 0.01 })).toBe(0.5);
  });

  test("is not known where more come than can be answered", () => {
    expect(answered95({ seconds: 0.5, requestsPerSecond: 2 })).toBeNull();
    expect(utilizationOf({ seconds: 0.5, requestsPerSecond: 2 })).toBe(1);
  });

  test("grows with the requests", () => {
    const rate = fc.double({ min: 0, max: 1.99, noNaN: true });
    fc.assert(
      fc.property(rate, rate, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const at = (requestsPerSecond: number) => answered95({ seconds: 0.5, requestsPerSecond }) ?? Infinity;
        expect(at(low)).toBeLessThanOrEqual(at(high) + 1e-9);
      }),
    );
  });
});
