import { expect, test } from "vitest";
import { table } from "../../../tools/report/table";

test("columns are as wide as what is in them, and numbers stand on the right", () => {
  const text = table(
    [{ title: "name" }, { title: "$/h", align: "right" }],
    [
      ["chat", "3.72"],
      ["summary", "12.10"],
    ],
  );
  expect(text.split("\n")).toEqual(["  name       $/h", "  chat      3.72", "  summary  12.10"]);
});

test("a mark stands beside its column, whose digits stay below each other", () => {
  const text = table(
    [{ title: "name" }, { title: "GiB", align: "right" }, { title: "left" }],
    [
      ["a", { text: "79.2", mark: "?" }, "x"],
      ["b", { text: "144.0" }, { text: "y", mark: "~" }],
    ],
  );
  expect(text.split("\n").map((line) => line.trimEnd())).toEqual([
    "  name     GiB  left",
    "  a      79.2?  x",
    "  b     144.0   y~",
  ]);
});

test("colour has no width", () => {
  const text = table(
    [{ title: "a" }, { title: "b" }],
    [
      ["\u001b[31mred\u001b[39m", "x"],
      ["plain", "y"],
    ],
  );
  expect(
    text.split("\n").map((line) => line.lastIndexOf(line.at(-1) ?? "") - (line.includes("\u001b") ? 10 : 0)),
  ).toEqual([9, 9, 9]);
});
