import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makePassword, passwordProblems, type PasswordSettings } from "../../../tools/simulator/random-password";

const usual: PasswordSettings = {
  length: 32,
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
  overrideSpecial: "",
};

const settings: fc.Arbitrary<PasswordSettings> = fc.record({
  length: fc.integer({ min: -1, max: 40 }),
  lower: fc.boolean(),
  upper: fc.boolean(),
  numeric: fc.boolean(),
  special: fc.boolean(),
  minLower: fc.nat({ max: 6 }),
  minUpper: fc.nat({ max: 6 }),
  minNumeric: fc.nat({ max: 6 }),
  minSpecial: fc.nat({ max: 6 }),
  overrideSpecial: fc.constantFrom("", "!", "äß€", "-_."),
});

function count(password: string, characters: string): number {
  return Array.from(password).filter((each) => characters.includes(each)).length;
}

describe("a password", () => {
  it("has its length, the minima of every kind, and no character of a kind that is not allowed", () => {
    fc.assert(
      fc.property(settings, (each) => {
        fc.pre(passwordProblems(each).length === 0);
        const password = makePassword(each);
        const special = each.overrideSpecial === "" ? "!@#$%&*()-_=+[]{}<>:?" : each.overrideSpecial;
        const kinds = [
          { allowed: each.lower, least: each.minLower, found: count(password, "abcdefghijklmnopqrstuvwxyz") },
          { allowed: each.upper, least: each.minUpper, found: count(password, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") },
          { allowed: each.numeric, least: each.minNumeric, found: count(password, "0123456789") },
          { allowed: each.special, least: each.minSpecial, found: count(password, special) },
        ];
        expect(Array.from(password)).toHaveLength(each.length);
        expect(kinds.reduce((sum, { found }) => sum + found, 0)).toBe(each.length);
        for (const { allowed, least, found } of kinds) {
          expect(found).toBeGreaterThanOrEqual(least);
          if (!allowed) expect(found).toBe(least);
        }
      }),
    );
  });

  it("is another one every time", () => {
    expect(new Set(Array.from({ length: 100 }, () => makePassword(usual))).size).toBe(100);
  });

  it("does not show where its required characters are", () => {
    const one = { ...usual, length: 10, minNumeric: 1, numeric: false };
    const places = Array.from({ length: 400 }, () => makePassword(one).search(/\d/));
    expect(new Set(places).size).toBe(10);
  });

  it("uses every character of a set equally often", () => {
    const password = makePassword({ ...usual, length: 100_000, lower: false, upper: false, special: false });
    for (const digit of "0123456789") {
      // Six standard deviations: fails by chance once in a hundred million runs.
      expect(Math.abs(count(password, digit) - 10_000)).toBeLessThan(6 * Math.sqrt(100_000 * 0.1 * 0.9));
    }
  });
});

describe("settings of a password", () => {
  it("are in order as they usually are", () => {
    expect(passwordProblems(usual)).toEqual([]);
  });

  it.each([
    [{ length: 0 }, ["length: must be a whole number of at least 1"]],
    [{ length: 1.5 }, ["length: must be a whole number of at least 1"]],
    [
      { minLower: -1, minSpecial: 0.5 },
      ["minLower: must be a whole number of at least 0", "minSpecial: must be a whole number of at least 0"],
    ],
    [{ length: 3, minLower: 2, minUpper: 2 }, ["length: is 3, but the minima add up to 4"]],
    [
      { lower: false, upper: false, numeric: false, special: false, minLower: 2 },
      ["lower: lower, upper, numeric and special are all false: no characters are left"],
    ],
  ])("that cannot be met are refused: %j", (changed, problems) => {
    const found = passwordProblems({ ...usual, ...changed });
    expect(found.map(({ property, reason }) => `${property}: ${reason}`)).toEqual(problems);
  });

  it("may be all off when the minima fill the password", () => {
    const none = { lower: false, upper: false, numeric: false, special: false };
    const all = { ...usual, ...none, length: 4, minNumeric: 4 };
    expect(passwordProblems(all)).toEqual([]);
    expect(makePassword(all)).toMatch(/^\d{4}$/);
  });
});
