import { describe, expect, it } from "vitest";
import { applyPatch, Patch } from "../../../../tools/run/parts/json-patch";

const document = { list: ["a", "b"], map: { "x/y": 1, "~": 2 } };

describe("a JSON Patch", () => {
  it.each([
    [
      { op: "add", path: "/list/-", value: "c" },
      { list: ["a", "b", "c"], map: document.map },
    ],
    [
      { op: "add", path: "/list/0", value: "c" },
      { list: ["c", "a", "b"], map: document.map },
    ],
    [
      { op: "replace", path: "/list/1", value: "c" },
      { list: ["a", "c"], map: document.map },
    ],
    [
      { op: "remove", path: "/list/0" },
      { list: ["b"], map: document.map },
    ],
    [
      { op: "add", path: "/map/new", value: 3 },
      { list: document.list, map: { "x/y": 1, "~": 2, new: 3 } },
    ],
    [
      { op: "replace", path: "/map/x~1y", value: 3 },
      { list: document.list, map: { "x/y": 3, "~": 2 } },
    ],
    [
      { op: "remove", path: "/map/~0" },
      { list: document.list, map: { "x/y": 1 } },
    ],
  ])("of %o changes what it says and nothing else", (operation, expected) => {
    expect(applyPatch(document, Patch.parse([operation]))).toEqual(expected);
  });

  it("leaves the document itself as it was", () => {
    const before = structuredClone(document);
    applyPatch(document, Patch.parse([{ op: "remove", path: "/map" }]));
    expect(document).toEqual(before);
  });

  it.each([
    [{ op: "replace", path: "/map/none", value: 1 }],
    [{ op: "remove", path: "/list/7" }],
    [{ op: "add", path: "/none/deeper", value: 1 }],
    [{ op: "add", path: "", value: 1 }],
  ])("of %o is refused, because its path leads nowhere", (operation) => {
    expect(() => applyPatch(document, Patch.parse([operation]))).toThrow(
      `${operation.op} ${operation.path}" leads nowhere`,
    );
  });

  it("with an operation that nobody needs here is refused", () => {
    expect(Patch.safeParse([{ op: "move", path: "/a", from: "/b" }]).success).toBe(false);
  });
});
