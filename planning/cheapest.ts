import type { Arithmetic, By, Term } from "./plan";

/** One way to do something: what it would cost, or why it is out. */
export interface Option<Thing> {
  readonly thing: Thing;
  /** As people call it. */
  readonly name: string;
  /** Dollars per hour; null where a price is unknown. */
  readonly usdPerHour: number | null;
  /** How those dollars come about. */
  readonly price: { readonly formula: string; readonly terms: readonly Term[] };
  /** GPUs in all, which decide where prices do not. */
  readonly gpus: number;
  /** Why it cannot be taken; null where it can. */
  readonly out: string | null;
}

/** An option that was not taken, and why. */
export interface RunnerUp {
  readonly name: string;
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
  /** The arithmetic of what the others would cost, by path: `runnersUp.0.usdPerHour`. */
  readonly why: By<Arithmetic>;
}

/**
 * Takes the cheapest option that works. Of equally cheap ones the one with fewer GPUs, and of those the one that comes
 * first. One with an unknown price is only taken where none has a price: unknown is not free.
 *
 * @param nearest - of the options, what is shown where none works
 */
export function cheapest<Thing>(options: readonly Option<Thing>[], nearest: () => Thing): Decision<Thing> {
  const taken = options.reduce<Option<Thing> | undefined>((best, option) => {
    if (option.out !== null) return best;
    return best === undefined || compare(option, best) < 0 ? option : best;
  }, undefined);
  const shown = taken === undefined ? nearest() : taken.thing;
  const others = options.filter(({ thing }) => thing !== shown);
  const why = others.flatMap(({ usdPerHour, price }, index): [string, Arithmetic][] =>
    usdPerHour === null ? [] : [[`runnersUp.${index}.usdPerHour`, { ...price, result: usdPerHour, unit: "$/h" }]],
  );
  return { taken, shown, runnersUp: others.map((option) => runnerUp(option, taken)), why: Object.fromEntries(why) };
}

function compare(a: Option<unknown>, b: Option<unknown>): number {
  return (a.usdPerHour ?? Infinity) - (b.usdPerHour ?? Infinity) || a.gpus - b.gpus;
}

function runnerUp<Thing>(option: Option<Thing>, taken: Option<Thing> | undefined): RunnerUp {
  const { name, usdPerHour, gpus, out } = option;
  return { name, usdPerHour, reason: out ?? whyDearer(usdPerHour, gpus, taken) };
}

function whyDearer(usdPerHour: number | null, gpus: number, taken: Option<unknown> | undefined): string {
  const least = taken?.usdPerHour ?? null;
  if (usdPerHour === null) return least === null ? `needs ${gpus} GPUs` : "its price is unknown";
  const dollars = usdPerHour.toFixed(2);
  if (least !== null && usdPerHour > least) return `dearer: $${dollars}/h`;
  return taken !== undefined && gpus > taken.gpus ? `as dear, on ${gpus} GPUs` : "as dear, and comes later";
}
