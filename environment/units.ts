import { z } from "zod";

const durationPattern = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const sizePattern = /^(\d+(?:\.\d+)?)\s?(MiB|GiB|TiB|MB|GB|TB)$/;
const gpuHourPricePattern = /^\$(\d+(?:\.\d+)?)\/GPU-hour$/;

/** `90s`, `5m`, `1h`, `1h30m` as seconds. Undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text);
  if (match === null || text === "") return undefined;
  const [, hours = "0", minutes = "0", seconds = "0"] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

const gibPerUnit: Readonly<Record<string, number>> = {
  MiB: 1 / 1024,
  GiB: 1,
  TiB: 1024,
  MB: 1e6 / 2 ** 30,
  GB: 1e9 / 2 ** 30,
  TB: 1e12 / 2 ** 30,
};

/** `64GiB`, `500GB`, `1.5TiB` as GiB. Undefined when the text is not a size. */
export function parseSize(text: string): number | undefined {
  const match = sizePattern.exec(text);
  const factor = gibPerUnit[match?.[2] ?? ""];
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
}

/** `$0.80/GPU-hour` as dollars per GPU and hour. Undefined when the text is not such a price. */
export function parseGpuHourPrice(text: string): number | undefined {
  const match = gpuHourPricePattern.exec(text);
  return match === null ? undefined : Number(match[1]);
}

/**
 * A value written with its unit, read as a number in the unit that the field's name says.
 * A number without a unit is refused: nobody should have to guess seconds from minutes at night.
 */
function withUnit(kind: string, examples: string, pattern: RegExp, parse: (text: string) => number | undefined) {
  return z
    .string({
      error: (issue) =>
        typeof issue.input === "number"
          ? `${issue.input} has no unit; expected ${kind} such as ${examples}`
          : `expected ${kind} such as ${examples}`,
    })
    .meta({ pattern: pattern.source, examples: examples.split(", ") })
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined && Number.isFinite(value) && value > 0) return value;
      context.issues.push({
        code: "custom",
        input: text,
        message: `${JSON.stringify(shorten(text))} is not ${kind}; expected for example ${examples}`,
      });
      return z.NEVER;
    });
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A duration above zero, as seconds. */
export const durationSeconds = withUnit("a duration", "90s, 5m, 1h", durationPattern, parseDuration);
/** A size above zero, as GiB. */
export const sizeGiB = withUnit("a size", "64GiB, 500GB", sizePattern, parseSize);
/** A price above zero, as dollars per GPU and hour. */
export const usdPerGpuHour = withUnit(
  "a price per GPU and hour",
  "$0.80/GPU-hour",
  gpuHourPricePattern,
  parseGpuHourPrice,
);
