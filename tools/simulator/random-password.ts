import { randomInt } from "node:crypto";

/** The inputs of a RandomPassword with every default filled in. */
export interface PasswordSettings {
  readonly length: number;
  readonly lower: boolean;
  readonly upper: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly minLower: number;
  readonly minUpper: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  /** Used instead of the usual special characters, unless it is empty. */
  readonly overrideSpecial: string;
}

/** Of terraform-provider-random, which Pulumi's provider wraps (internal/random/string.go). */
const usualSpecial = "!@#$%&*()-_=+[]{}<>:?";

/** Each kind of character: whether it may stand anywhere, how many there must be, and which they are. */
function kinds(
  settings: PasswordSettings,
): readonly { allowed: boolean; least: number; characters: readonly string[] }[] {
  const special = settings.overrideSpecial === "" ? usualSpecial : settings.overrideSpecial;
  return [
    { allowed: settings.upper, least: settings.minUpper, characters: Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ") },
    { allowed: settings.lower, least: settings.minLower, characters: Array.from("abcdefghijklmnopqrstuvwxyz") },
    { allowed: settings.numeric, least: settings.minNumeric, characters: Array.from("0123456789") },
    { allowed: settings.special, least: settings.minSpecial, characters: Array.from(special) },
  ];
}

/** What makes a password impossible, by input; empty when it can be made. */
export function passwordProblems(settings: PasswordSettings): readonly { property: string; reason: string }[] {
  const minima = ["minUpper", "minLower", "minNumeric", "minSpecial"] as const;
  const problems = [...minima, "length" as const]
    .filter((property) => !Number.isInteger(settings[property]) || settings[property] < (property === "length" ? 1 : 0))
    .map((property) => ({ property, reason: `must be a whole number of at least ${property === "length" ? 1 : 0}` }));
  if (problems.length > 0) return problems;
  const least = minima.reduce((sum, property) => sum + settings[property], 0);
  if (least > settings.length) {
    return [{ property: "length", reason: `is ${settings.length}, but the minima add up to ${least}` }];
  }
  if (least < settings.length && !kinds(settings).some(({ allowed }) => allowed)) {
    return [{ property: "lower", reason: "lower, upper, numeric and special are all false: no characters are left" }];
  }
  return [];
}

/**
 * Makes a password from the operating system's cryptographic randomness. Every character of a set is
 * equally likely (`randomInt` draws again instead of folding the range), and so is every order.
 * As in the real provider a minimum is kept even of a kind that is not allowed elsewhere.
 *
 * @param settings - without problems
 */
export function makePassword(settings: PasswordSettings): string {
  const all = kinds(settings);
  const required = all.flatMap(({ least, characters }) => draw(characters, least));
  const allowed = all.flatMap(({ allowed: may, characters }) => (may ? characters : []));
  return shuffled([...required, ...draw(allowed, settings.length - required.length)]).join("");
}

function draw(characters: readonly string[], count: number): readonly string[] {
  return Array.from({ length: count }, () => characters[randomInt(characters.length)] ?? "");
}

/** Fisher and Yates. */
function shuffled(characters: readonly string[]): readonly string[] {
  const result = [...characters];
  for (let last = result.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    const [a = "", b = ""] = [result[last], result[other]];
    result[last] = b;
    result[other] = a;
  }
  return result;
}
