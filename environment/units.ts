import { z } from "zod";

/** A number with a unit: the word of the unit, and what it makes of the number. */
type Units = Readonly<Record<string, (value: number) => number>>;

/** How a value is written, and what it means. */
interface Notation<Value = number> {
  /** With its article, for messages. */
  readonly kind: string;
  readonly examples: readonly [string, ...string[]];
  readonly pattern: RegExp;
  /** Undefined when the text is not such a value. */
  readonly parse: (text: string) => Value | undefined;
  /** Whether zero makes sense. @default false */
  readonly zero?: boolean;
}

/** A number and one of the units, with or without a space where the unit is a word. */
function numberWith(units: Units, before = "", space = ""): Pick<Notation, "pattern" | "parse"> {
  const { pattern, parse } = numberAndWord(Object.keys(units), before, space);
  return {
    pattern,
    parse: (text) => {
      const read = parse(text);
      return read && units[read.word]?.(read.number);
    },
  };
}

/** The same where the word is part of what the value means. */
function numberAndWord<Word extends string>(words: readonly Word[], before: string, space = "") {
  const pattern = new RegExp(`^${before}(\\d+(?:\\.\\d+)?)${space}(${words.join("|")})$`);
  const parse = (text: string): { readonly number: number; readonly word: Word } | undefined => {
    const [, digits, written] = pattern.exec(text) ?? [];
    const word = words.find((each) => each === written);
    return word === undefined ? undefined : { number: Number(digits), word };
  };
  return { pattern, parse };
}

/** 99.9 is 0.999, and not the 0.9990000000000001 that binary fractions make of it. */
function hundredth(value: number): number {
  return Number((value / 100).toPrecision(12));
}

const durationPattern = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** `90s`, `5m`, `1h`, `1h30m` as seconds. Undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text);
  if (match === null || text === "") return undefined;
  const [, hours = "0", minutes = "0", seconds = "0"] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

const latency = numberWith({ ms: (value) => value / 1000, s: (value) => value });
const size = numberWith(
  {
    MiB: (value) => value / 1024,
    GiB: (value) => value,
    TiB: (value) => value * 1024,
    MB: (value) => (value * 1e6) / 2 ** 30,
    GB: (value) => (value * 1e9) / 2 ** 30,
    TB: (value) => (value * 1e12) / 2 ** 30,
  },
  "",
  "\\s?",
);
const rate = numberWith({
  "/s": (value) => value,
  "/min": (value) => value / 60,
  "/h": (value) => value / 3600,
});
const percentage = numberWith({ "%": (value) => (value <= 100 ? hundredth(value) : NaN) });
const throughput = numberWith({
  "MB/s": (value) => value / 1000,
  "GB/s": (value) => value,
  "MiB/s": (value) => (value * 2 ** 20) / 1e9,
  "GiB/s": (value) => (value * 2 ** 30) / 1e9,
});
const machinePrice = numberAndWord(["/GPU-hour", "/machine-hour"], "\\$");
const bandwidth = numberWith({ Gbps: (value) => value, Tbps: (value) => value * 1000 });
const hourPrice = numberWith({ "/hour": (value) => value }, "\\$");
const monthPrice = numberWith({ "/month": (value) => value }, "\\$");
const tokenPrice = numberWith({ "/1K-tokens": (value) => value * 1000, "/1M-tokens": (value) => value }, "\\$");
const vcpu = numberWith({ vCPU: (value) => value }, "", "\\s?");
const parameters = numberWith({
  M: (value) => Math.round(value * 1e6),
  B: (value) => Math.round(value * 1e9),
  T: (value) => Math.round(value * 1e12),
});

/** `64GiB`, `500GB`, `1.5TiB` as GiB. Undefined when the text is not a size. */
export const parseSize = size.parse;

/** What machines cost: dollars an hour for each GPU, or for each machine where machines have none. */
export interface MachinePrice {
  readonly usdPerHour: number;
  readonly per: "GPU" | "machine";
}

/** `$0.80/GPU-hour`, `$0.80/machine-hour`. Undefined when the text is not such a price. */
export function parseMachinePrice(text: string): MachinePrice | undefined {
  const read = machinePrice.parse(text);
  return read && { usdPerHour: read.number, per: read.word === "/GPU-hour" ? "GPU" : "machine" };
}

/**
 * A value written with its unit, read as a number in the unit that the setting's description says.
 * A number without a unit is refused: nobody should have to guess seconds from minutes at night.
 */
function withUnit(notation: Notation) {
  return written(notation, (value) => value);
}

/** @param amount - the number of a value, which has to be above zero */
function written<Value>(
  { kind, examples, pattern, parse, zero = false }: Notation<Value>,
  amount: (value: Value) => number,
) {
  const shown = examples.join(", ");
  return z
    .string({
      error: (issue) =>
        typeof issue.input === "number"
          ? `${issue.input} has no unit; expected ${kind} such as ${shown}`
          : `expected ${kind} such as ${shown}`,
    })
    .meta({ pattern: pattern.source, examples: [...examples] })
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined && isAllowed(amount(value), zero)) return value;
      context.issues.push({
        code: "custom",
        input: text,
        message: `${JSON.stringify(shorten(text))} is not ${kind}; expected for example ${shown}`,
      });
      return z.NEVER;
    });
}

function isAllowed(amount: number, zero: boolean): boolean {
  return Number.isFinite(amount) && (amount > 0 || (zero && amount === 0));
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A duration above zero, as seconds. */
export const durationSeconds = withUnit({
  kind: "a duration",
  examples: ["90s", "5m", "1h"],
  pattern: durationPattern,
  parse: parseDuration,
});
/** A time above zero that a client waits, to the millisecond, as seconds. */
export const latencySeconds = withUnit({ kind: "a latency", examples: ["200ms", "2s"], ...latency });
/** A size above zero, as GiB. */
export const sizeGiB = withUnit({ kind: "a size", examples: ["64GiB", "500GB"], ...size });
/** A rate above zero, as so many a second. */
export const perSecond = withUnit({ kind: "a rate", examples: ["5/s", "300/min", "1000/h"], ...rate });
/** A share from 0 % to 100 %, as a number from 0 to 1. */
export const share = withUnit({
  kind: "a percentage from 0% to 100%",
  examples: ["30%", "99.9%"],
  zero: true,
  ...percentage,
});
/** A rate of data above zero, as gigabytes (10⁹ bytes) per second. */
export const throughputGBps = withUnit({
  kind: "a rate of data",
  examples: ["2GB/s", "500MB/s"],
  ...throughput,
});
/** A price above zero of what machines are counted by. */
export const priceOfMachines = written<MachinePrice>(
  {
    kind: "a price per GPU or machine and hour",
    examples: ["$0.80/GPU-hour", "$0.80/machine-hour"],
    pattern: machinePrice.pattern,
    parse: parseMachinePrice,
  },
  ({ usdPerHour }) => usdPerHour,
);
/** A rate of a network above zero, as gigabits (10⁹ bits) per second. */
export const bandwidthGbps = withUnit({ kind: "a bandwidth", examples: ["100Gbps", "3.2Tbps"], ...bandwidth });
/** A price above zero, as dollars per hour. */
export const usdPerHour = withUnit({ kind: "a price per hour", examples: ["$95/hour"], ...hourPrice });
/** A price above zero, as dollars per month. */
export const usdPerMonth = withUnit({ kind: "a price per month", examples: ["$42000/month"], ...monthPrice });
/** A price from zero, as dollars per million tokens. */
export const usdPerMillionTokens = withUnit({
  kind: "a price of tokens",
  examples: ["$3/1M-tokens", "$0.003/1K-tokens"],
  zero: true,
  ...tokenPrice,
});
/** A number of virtual CPUs above zero. */
export const vcpus = withUnit({ kind: "a number of vCPU", examples: ["192 vCPU"], ...vcpu });
/** A number of parameters above zero. */
export const parameterCount = withUnit({
  kind: "a number of parameters",
  examples: ["8.03B", "500M"],
  ...parameters,
});
