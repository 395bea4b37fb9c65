import { expect, test } from "vitest";
import fc from "fast-check";
import { editDistance, nearest, suggestion } from "../../catalog/suggest";

const gpus = ["L4", "L40S", "A100-80GB", "H100-80GB", "RTX-4090"];

test.each([
  ["L40", "L40S"],
  ["l40s", "L40S"],
  ["A100-80G", "A100-80GB"],
  ["A100-80GB-SXM", "A100-80GB"],
  ["4090", "RTX-4090"],
  ["H100_80GB", "H100-80GB"],
])("who writes %s most probably meant %s", (written, meant) => {
  expect(nearest(written, gpus)).toBe(meant);
});

test.each(["", "TPU-v5e", "x".repeat(5000)])("nothing is near %j", (written) => {
  expect(nearest(written, gpus)).toBeUndefined();
});

test("what is known is listed when nothing is near", () => {
  expect(suggestion("Gaudi3", gpus)).toBe("Known are: L4, L40S, A100-80GB, H100-80GB, RTX-4090.");
});

test("neighbours in the wrong order count as one edit", () => {
  expect(editDistance("relaese", "release")).toBe(1);
});

test("the distance is zero for equal words only, and the same both ways", () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});
