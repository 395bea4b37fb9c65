import { describe, expect, test } from "vitest";
import { barText, placeSegments, type Bar } from "../../../tools/report/bar";

function bar(...values: readonly number[]): Bar {
  const segments = values.map((value, index) => ({ name: `part ${index}`, mark: "abcd"[index] ?? "", value }));
  return { unit: "GiB", segments };
}

describe("a bar", () => {
  test.each<[what: string, of: Bar, ends: readonly number[], text: string]>([
    ["is divided by the shares of its parts", bar(8, 4, 4), [0.5, 0.75, 1], "[aaaaaaaaaaaaaaaabbbbbbbbcccccccc]"],
    ["is cut off where parts take more than there is", bar(12, -4), [1, 1], `[${"a".repeat(32)}]`],
    ["gives no room to what is negative", bar(-2, 4, 2), [0, 1, 1], `[${"b".repeat(32)}]`],
    ["is empty when there is nothing", bar(0, 0), [0, 0], `[${" ".repeat(32)}]`],
  ])("%s", (_, of, ends, text) => {
    expect(placeSegments(of).map(({ to }) => to)).toEqual(ends);
    expect(barText(of)).toBe(text);
  });

  test("leaves no gap between parts, however they are rounded", () => {
    const placed = placeSegments(bar(0.3, 0.3, 0.3, 31.1));
    expect(placed.map(({ from }) => from).slice(1)).toEqual(placed.map(({ to }) => to).slice(0, -1));
    expect(barText(bar(0.3, 0.3, 0.3, 31.1))).toBe(`[b${"d".repeat(31)}]`);
  });
});
