import { describe, expect, it } from "vitest";
import { oneOf } from "../../../catalog/fact";
import { weightFormatIds } from "../../../catalog/formats";
import { splitMemory } from "../../../planning/memory/split";
import { serveClosed } from "../../../planning/speed";
import table from "../data/perf-cases.json";
import { replicaOf } from "./replica-of";

type Case = (typeof table.cases)[number];

const interconnects = ["none", "pcie", "nvlink", "nvswitch"] as const;

function estimate(row: Case) {
  const replica = replicaOf({
    ...row,
    weights: oneOf(weightFormatIds, row.weights, "weights"),
    parallel: { tensor: row.tensor },
    interconnect: oneOf(interconnects, row.interconnect, "interconnect"),
  });
  return serveClosed(replica, splitMemory(replica), row);
}

interface Compared {
  readonly what: string;
  readonly estimated: number;
  readonly measured: number;
  readonly low: number;
  readonly high: number;
}

function compared(row: Case): readonly Compared[] {
  const { tokensPerSecond, interToken, firstToken } = estimate(row);
  const of = (what: string, value: number | null, { low, expected, high }: typeof tokensPerSecond, unit: number) =>
    value === null ? [] : [{ what, measured: value, estimated: expected * unit, low: low * unit, high: high * unit }];
  return [
    ...of("tokens per second", row.measured.tokensPerSecond, tokensPerSecond, 1),
    ...of("ms between tokens", row.measured.interTokenMs, interToken.mean, 1000),
    ...of("ms to the first token", row.measured.firstTokenMs, firstToken.mean, 1000),
  ];
}

function describeError({ measured, estimated }: Compared): string {
  const error = (estimated / measured - 1) * 100;
  return `${estimated.toFixed(1)} for ${String(measured)} (${error < 0 ? "" : "+"}${error.toFixed(0)} %)`;
}

function titled(kind: string): readonly (Compared & { readonly title: string })[] {
  return table.cases
    .filter((row) => row.kind === kind)
    .flatMap((row) =>
      compared(row).map((value) => ({ ...value, title: `${row.id}: ${value.what} ${describeError(value)}` })),
    );
}

/** Vitest shortens texts that it takes from an object. */
function named<Row extends { readonly title: string }>(rows: readonly Row[]): [string, Row][] {
  return rows.map((row) => [row.title, row]);
}

const isFirstToken = ({ what }: Compared) => what === "ms to the first token";

describe("few requests at once, dense models: within a fifth of what was measured", () => {
  it.each(named(titled("low-load").filter((value) => !isFirstToken(value))))(
    "%s",
    (_title, { estimated, measured }) => {
      expect(Math.abs(estimated / measured - 1)).toBeLessThan(0.2);
    },
  );
});

describe("time to the first token with few requests: within a factor of two", () => {
  it.each(named(titled("low-load").filter(isFirstToken)))("%s", (_title, { estimated, measured }) => {
    expect(estimated / measured).toBeGreaterThan(0.45);
    expect(estimated / measured).toBeLessThan(2);
  });
});

describe("mixtures of experts, unclear hardware, full servers: what was measured is within a factor of two", () => {
  const rows = [...titled("other"), ...titled("loaded")].filter((value) => !isFirstToken(value));
  it.each(named(rows))("%s", (_title, { estimated, measured }) => {
    expect(estimated / measured).toBeGreaterThan(0.5);
    expect(estimated / measured).toBeLessThan(2);
  });
});

it("keeps four of five measurements of full servers within its own bounds", () => {
  const rows = titled("loaded").filter((value) => !isFirstToken(value));
  const inside = rows.filter(({ low, high, measured }) => measured >= low && measured <= high);
  expect(inside.length / rows.length).toBeGreaterThanOrEqual(0.8);
});

it("keeps four of five measurements with few requests within its own bounds", () => {
  const rows = titled("low-load").filter((value) => !isFirstToken(value));
  const inside = rows.filter(({ low, high, measured }) => measured >= low && measured <= high);
  expect(inside.length / rows.length).toBeGreaterThanOrEqual(0.8);
});
