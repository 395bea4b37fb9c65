import { describe, expect, it } from "vitest";
import { oneOf, readSource } from "../../catalog/fact";
import * as units from "../../catalog/units";

describe("reading facts out of a table", () => {
  const row = { source: "a log", date: "2026-11-21", standing: "exact" };

  it("leaves out a note that is not there and keeps one that is", () => {
    expect(readSource({ ...row, note: null })).toEqual(row);
    expect(readSource({ ...row, note: "seen once" })).toEqual({ ...row, note: "seen once" });
  });

  it("refuses a standing that does not exist and says which do", () => {
    expect(() => readSource({ ...row, standing: "probable", note: null })).toThrow(
      "standing: probable; allowed are exact, derived, recalled",
    );
  });

  it("gives a word of the list back", () => {
    expect(oneOf(["pcie", "nvlink"], "nvlink", "interconnect")).toBe("nvlink");
  });
});

describe("units", () => {
  it("counts memory in powers of 1024 and disks in powers of 1000", () => {
    expect(units.bytesPerGiB).toBe(2 ** 30);
    expect(units.bytesPerTiB).toBe(2 ** 40);
    expect(units.bytesPerGB).toBe(10 ** 9);
    expect(units.bytesPerTB).toBe(10 ** 12);
  });

  it("counts 86400 seconds a day and 730 hours a month", () => {
    expect(units.secondsPerDay).toBe(86_400);
    expect(units.hoursPerMonth).toBe(730);
  });
});
