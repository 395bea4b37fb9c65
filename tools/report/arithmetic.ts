import type { Arithmetic, Plan } from "../../planning";
import type { Column, Row } from "./table";

/** `456,838`, or a text as it is. */
export function valueText(value: number | string): string {
  return typeof value === "string" ? value : value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/** `456,838 tokens` */
export function resultText({ result, unit }: Arithmetic): string {
  return unit === undefined ? valueText(result) : `${valueText(result)} ${unit}`;
}

export const termColumns: readonly Column[] = [
  { title: "term" },
  { title: "value", align: "right" },
  { title: "unit" },
  { title: "from" },
];

export function termRows({ terms }: Arithmetic): readonly Row[] {
  return terms.map((term) => [term.name, valueText(term.value), term.unit ?? "", term.source ?? ""]);
}

/** Whether a number is a bound of a range that is no wider than what is expected: it says nothing of its own. */
export function isIdleBound(path: string, why: Plan["why"]): boolean {
  const expected = path.replace(/\.(low|high)$/, ".expected");
  return expected !== path && why[expected]?.result === why[path]?.result;
}
