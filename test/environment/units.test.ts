import { expect, test } from "vitest";
import fc from "fast-check";
import { durationSeconds, parseDuration, parseGpuHourPrice, parseSize } from "../../environment/units";

test.each([
  ["90s", 90],
  ["5m", 300],
  ["1h", 3600],
  ["1h30m", 5400],
  ["1h1m1s", 3661],
])("the duration %s is %d seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(["", "5", "5 m", "m5", "1m1h", "-5m", "5min", "1.5h"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  ["64GiB", 64],
  ["1TiB", 1024],
  ["512MiB", 0.5],
  ["1.5TiB", 1536],
])("the size %s is %d GiB", (text, gib) => {
  expect(parseSize(text)).toBe(gib);
});

test("decimal units are smaller than binary ones", () => {
  expect(parseSize("1GB")).toBeCloseTo(0.931, 3);
});

test.each(["64", "64 Gi", "64Gi", "64KiB", "GiB"])("%j is no size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test.each([
  ["$0.80/GPU-hour", 0.8],
  ["$2/GPU-hour", 2],
])("the price %s is %d dollars", (text, usd) => {
  expect(parseGpuHourPrice(text)).toBe(usd);
});

test.each(["0.80", "$0.80", "$0.80/hour", "€1/GPU-hour"])("%j is no price per GPU and hour", (text) => {
  expect(parseGpuHourPrice(text)).toBeUndefined();
});

test("every number of hours, minutes and seconds is read back", () => {
  const part = fc.integer({ min: 0, max: 99 });
  fc.assert(
    fc.property(part, part, part, (hours, minutes, seconds) => {
      expect(parseDuration(`${hours}h${minutes}m${seconds}s`)).toBe(hours * 3600 + minutes * 60 + seconds);
    }),
  );
});

test.each([
  [300, "300 has no unit; expected a duration such as 90s, 5m, 1h"],
  ["5 minutes", '"5 minutes" is not a duration; expected for example 90s, 5m, 1h'],
  ["0s", '"0s" is not a duration; expected for example 90s, 5m, 1h'],
])("%j is refused with what to write", (written, message) => {
  expect(durationSeconds.safeParse(written).error?.issues[0]?.message).toBe(message);
});
