import { expect, test } from "vitest";
import fc from "fast-check";
import {
  durationSeconds,
  latencySeconds,
  parameterCount,
  parseDuration,
  parseMachinePrice,
  parseSize,
  perSecond,
  priceOfMachines,
  share,
  sizeGiB,
  throughputGBps,
  usdPerHour,
  usdPerMillionTokens,
  usdPerMonth,
  vcpus,
} from "../../environment/units";

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
  ["$0.80/GPU-hour", { usdPerHour: 0.8, per: "GPU" }],
  ["$2/machine-hour", { usdPerHour: 2, per: "machine" }],
])("the price %s says of what it is", (text, price) => {
  expect(parseMachinePrice(text)).toEqual(price);
  expect(priceOfMachines.parse(text)).toEqual(price);
});

test.each(["0.80", "$0.80", "$0.80/hour", "€1/GPU-hour", "$1/node-hour"])("%j is no price of machines", (text) => {
  expect(parseMachinePrice(text)).toBeUndefined();
});

test("every number of hours, minutes and seconds is read back", () => {
  const part = fc.integer({ min: 0, max: 99 });
  fc.assert(
    fc.property(part, part, part, (hours, minutes, seconds) => {
      expect(parseDuration(`${hours}h${minutes}m${seconds}s`)).toBe(hours * 3600 + minutes * 60 + seconds);
    }),
  );
});

const units = {
  duration: durationSeconds,
  latency: latencySeconds,
  size: sizeGiB,
  rate: perSecond,
  share,
  throughput: throughputGBps,
  machines: priceOfMachines,
  hour: usdPerHour,
  month: usdPerMonth,
  tokens: usdPerMillionTokens,
  vcpu: vcpus,
  parameters: parameterCount,
} as const;

test.each<[unit: keyof typeof units, written: string, value: number]>([
  ["latency", "200ms", 0.2],
  ["latency", "1.5s", 1.5],
  ["rate", "5/s", 5],
  ["rate", "300/min", 5],
  ["rate", "1800/h", 0.5],
  ["share", "99.9%", 0.999],
  ["share", "100%", 1],
  ["share", "0%", 0],
  ["throughput", "2GB/s", 2],
  ["throughput", "500MB/s", 0.5],
  ["throughput", "1GiB/s", 1.073741824],
  ["hour", "$95/hour", 95],
  ["month", "$42000/month", 42000],
  ["tokens", "$3/1M-tokens", 3],
  ["tokens", "$0.002/1K-tokens", 2],
  ["tokens", "$0/1M-tokens", 0],
  ["vcpu", "192 vCPU", 192],
  ["vcpu", "8vCPU", 8],
  ["parameters", "8.03B", 8_030_000_000],
  ["parameters", "22.7M", 22_700_000],
  ["parameters", "1.03T", 1_030_000_000_000],
])("the %s %s is %d", (unit, written, value) => {
  expect(units[unit].parse(written)).toBe(value);
});

test.each<[unit: keyof typeof units, written: unknown, message: string]>([
  ["duration", 300, "300 has no unit; expected a duration such as 90s, 5m, 1h"],
  ["duration", "5 minutes", '"5 minutes" is not a duration; expected for example 90s, 5m, 1h'],
  ["duration", "0s", '"0s" is not a duration; expected for example 90s, 5m, 1h'],
  ["duration", "200ms", '"200ms" is not a duration; expected for example 90s, 5m, 1h'],
  ["latency", "2m", '"2m" is not a latency; expected for example 200ms, 2s'],
  ["rate", 5, "5 has no unit; expected a rate such as 5/s, 300/min, 1000/h"],
  ["rate", "5 per second", '"5 per second" is not a rate; expected for example 5/s, 300/min, 1000/h'],
  ["rate", "0/s", '"0/s" is not a rate; expected for example 5/s, 300/min, 1000/h'],
  ["share", 0.3, "0.3 has no unit; expected a percentage from 0% to 100% such as 30%, 99.9%"],
  ["share", "100.1%", '"100.1%" is not a percentage from 0% to 100%; expected for example 30%, 99.9%'],
  ["share", "-1%", '"-1%" is not a percentage from 0% to 100%; expected for example 30%, 99.9%'],
  ["throughput", "2Gbit/s", '"2Gbit/s" is not a rate of data; expected for example 2GB/s, 500MB/s'],
  ["hour", "$42000/month", '"$42000/month" is not a price per hour; expected for example $95/hour'],
  ["month", "42000", '"42000" is not a price per month; expected for example $42000/month'],
  ["tokens", "$3/token", '"$3/token" is not a price of tokens; expected for example $3/1M-tokens, $0.003/1K-tokens'],
  ["vcpu", 192, "192 has no unit; expected a number of vCPU such as 192 vCPU"],
  ["parameters", 8e9, "8000000000 has no unit; expected a number of parameters such as 8.03B, 500M"],
  ["rate", `${"9".repeat(400)}/s`, `"${"9".repeat(40)}…" is not a rate; expected for example 5/s, 300/min, 1000/h`],
])("as a %s, %j is refused with what to write", (unit, written, message) => {
  expect(units[unit].safeParse(written).error?.issues[0]?.message).toBe(message);
});
