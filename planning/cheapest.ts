import type { Arithmetic, By } from "./plan";

/** One way to do something: what it would cost, or why it is out. */
export interface Option<Thing> {
  readonly thing: Thing;
  /** As people call it. */
  readonly name: string;
  /** Dollars per hour; null where a price is unknown. */
  readonly usdPerHour: number | null;
  /** How those dollars come about. Only asked of options that are not taken, when somebody reads why. */
  readonly price: Price | (() => Price);
  /** GPUs in all, which decide where prices do not. */
  readonly gpus: number;
  /**
   * What of it the dollars and GPUs are, where that alone is no better than another option that works, so that the rest
   * was not computed: `one pod alone`. @default all of it
   */
  readonly part?: string;
  /** Why it cannot be taken; null where it can. */
  readonly out: string | null;
}

/** The arithmetic of a price, without its result. */
export type Price = Pick<Arithmetic, "formula" | "terms">;

/** An option that was not taken, and why. */
export interface RunnerUp {
  readonly name: string;
  /** Of the least that it takes, where the reason says so. */
  readonly usdPerHour: number | null;
  readonly reason: string;
}

/** The option that was taken, if any can be, and what became of the others. */
export interface Decision<Thing> {
  readonly taken: Option<Thing> | undefined;
  /** What was taken, or what is shown where nothing can be. */
  readonly shown: Thing;
  /** All others. */
  readonly runnersUp: readonly RunnerUp[];
  /** The arithmetic of what the others would cost, by path: `runnersUp.0.usdPerHour`. Made when it is read. */
  readonly why: By<Arithmetic>;
}

/**
 * Takes the cheapest option that works. Of equally cheap ones the one with fewer GPUs, and of those the one that comes
 * first. One with an unknown price is only taken where none has a price: unknown is not free.
 *
 * @param nearest - of the options, what is shown where none works
 */
export function cheapest<Thing>(options: readonly Option<Thing>[], nearest: () => Thing): Decision<Thing> {
  const taken = options.reduce<Option<Thing> | undefined>(
    (best, option) => (option.out === null && !isBeaten(option, best) ? option : best),
    undefined,
  );
  const shown = taken === undefined ? nearest() : taken.thing;
  const others = options.filter(({ thing }) => thing !== shown);
  return {
    taken,
    shown,
    runnersUp: others.map((option) => runnerUp(option, taken)),
    get why() {
      return Object.fromEntries(others.flatMap(whyOf));
    },
  };
}

function whyOf({ usdPerHour, price }: Option<unknown>, index: number): readonly [string, Arithmetic][] {
  if (usdPerHour === null) return [];
  const { formula, terms } = typeof price === "function" ? price() : price;
  return [[`runnersUp.${index}.usdPerHour`, { formula, terms, result: usdPerHour, unit: "$/h" }]];
}

/** What an option is compared by. */
export type Measure = Pick<Option<unknown>, "usdPerHour" | "gpus">;

/** Whether an option that comes after another, which works, is not taken instead of it. */
export function isBeaten(later: Measure, best: Measure | undefined): boolean {
  if (best === undefined) return false;
  return ((later.usdPerHour ?? Infinity) - (best.usdPerHour ?? Infinity) || later.gpus - best.gpus) >= 0;
}

function runnerUp(option: Option<unknown>, taken: Option<unknown> | undefined): RunnerUp {
  const { name, usdPerHour, out } = option;
  return { name, usdPerHour, reason: out ?? whyDearer(option, taken) };
}

function whyDearer({ usdPerHour, gpus, part }: Option<unknown>, taken: Option<unknown> | undefined): string {
  const least = taken?.usdPerHour ?? null;
  if (usdPerHour === null) return least === null ? `needs ${gpus} GPUs` : "its price is unknown";
  const dollars = `$${usdPerHour.toFixed(2)}/h`;
  const dearer = least !== null && usdPerHour > least;
  if (part !== undefined) return `${dearer ? "dearer" : "no cheaper"}: ${part} is ${dollars}`;
  if (dearer) return `dearer: ${dollars}`;
  return taken !== undefined && gpus > taken.gpus ? `as dear, on ${gpus} GPUs` : "as dear, and comes later";
}
