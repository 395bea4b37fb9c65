/** Multiples of Kubernetes' quantities, by suffix. */
const multiples: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number behind a quantity such as `8Gi`, `1500M`, `0.5`, `1e9`; undefined for what is none. */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const [, number, exponent = "", suffix = ""] = /^([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+)?(\D*)$/.exec(value) ?? [];
  const multiple = multiples[suffix];
  return number === undefined || multiple === undefined ? undefined : Number(`${number}${exponent}`) * multiple;
}
