import type { Plan } from "../../planning";
import { markLegend, planTables, type PlanTable } from "./plan-tables";
import { table } from "./table";

export { usd } from "./quantities";

/** A plan as people read it in a terminal. */
export function planText(plan: Plan): string {
  const tables = planTables(plan);
  const shown = tables.filter(({ inTerminal }) => inTerminal === undefined);
  const legend = markLegend(shown).map((line) => `  ${line}`);
  return [planHeading(plan), ...tables.flatMap(tableTexts), ...(legend.length === 0 ? [] : [legend.join("\n")])].join(
    "\n\n",
  );
}

/** `prod: production, cluster context prod-tokyo` */
function planHeading(plan: Plan): string {
  return `${plan.environment}: ${plan.stage}, cluster context ${plan.context}`;
}

function tableTexts({ columns, rows, note, inTerminal }: PlanTable): readonly string[] {
  const lines = inTerminal?.map((line) => `  ${line}`) ?? [table(columns, rows)];
  const text = [...(lines.length === 0 ? [] : [lines.join("\n")]), ...(note === undefined ? [] : [`  ${note}`])];
  return text;
}
