import type { Plan } from "../../../planning";
import { arithmeticSection } from "../html/arithmetic";
import { findingsSection, rulesSection } from "../html/findings";
import { html, nothing, type Markup } from "../html/markup";
import { page } from "../html/page";
import { tableSection } from "../html/tables";
import { markLegend, planTables } from "../plan-tables";
import { checkedText, counts, countText, type Report } from "../report";

const titles = { plan: "Plan of", check: "Policies on" } as const;

/** One page for people: what was found, what would be built, and how each number came about. */
export function reportHtml(report: Report, plan?: Plan): string {
  const title = `${titles[report.command]} ${report.environment}`;
  const planned = plan === undefined ? [] : planMarkup(plan);
  const body = html`${head(title, report, plan)}
    <main>${findingsSection(report)}${unplanned(report, plan)}${planned}${rulesSection(report)}</main>`;
  return page(`${title} · Modelyard`, body);
}

function planMarkup(plan: Plan): readonly Markup[] {
  const tables = planTables(plan);
  const legend = markLegend(tables).map((line) => html`<li>${line}</li>`);
  const marks =
    legend.length === 0
      ? []
      : [
          html`<ul class="legend marks" aria-label="Marks">
            ${legend}
          </ul>`,
        ];
  return [...marks, ...tables.map(tableSection), arithmeticSection(plan)];
}

function head(title: string, report: Report, plan: Plan | undefined): Markup {
  const facts: readonly (readonly [string, string])[] = [
    ["Stage", report.stage],
    ...(plan === undefined ? [] : [["Cluster context", plan.context] as const]),
    ["Checked", checkedText(report)],
  ];
  const found = counts(report).map((each) => html`<li class="${each.of}">${countText(each)}</li>`);
  return html`<header>
    <h1>${title}</h1>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <ul class="counts" aria-label="Summary">
      ${found.length === 0 ? html`<li class="good">nothing found</li>` : found}
    </ul>
  </header>`;
}

function unplanned({ command }: Report, plan: Plan | undefined): Markup {
  if (command !== "plan" || plan !== undefined) return nothing;
  return html`<p>Nothing can be built as it is written: there is no plan to show until the errors are mended.</p>`;
}
