import type { Arithmetic, Plan } from "../../../planning";
import { isIdleBound, resultText, termColumns, termRows } from "../arithmetic";
import { html, nothing, type Markup } from "./markup";
import { arithmeticId, dataTable } from "./tables";

/** A number by its path in the plan. */
type Explained = readonly [path: string, arithmetic: Arithmetic];

/** How each number of the plan came about, closed until somebody asks; bounds that are what is expected say nothing. */
export function arithmeticSection({ why }: Plan): Markup {
  const groups = new Map<string, Explained[]>();
  for (const entry of Object.entries(why)) {
    const [path] = entry;
    if (!isIdleBound(path, why)) groups.set(groupOf(path), [...(groups.get(groupOf(path)) ?? []), entry]);
  }
  return html`<section>
    <h2>Arithmetic</h2>
    ${[...groups].map(([group, entries]) => groupMarkup(group, entries))}
  </section>`;
}

/** `releases.chat` of `releases.chat.memory.kvGiB`; `cost` of `cost.usdPerHour`. */
function groupOf(path: string): string {
  const steps = path.split(".");
  return steps.slice(0, Math.min(2, steps.length - 1)).join(".");
}

function groupMarkup(group: string, entries: readonly Explained[]): Markup {
  return html`<details class="group">
    <summary>
      <h3>${group}</h3>
      <small>${entries.length} ${entries.length === 1 ? "number" : "numbers"}</small>
    </summary>
    ${entries.map(([path, arithmetic]) => numberMarkup(path, path.slice(group.length + 1), arithmetic))}
  </details>`;
}

function numberMarkup(path: string, name: string, arithmetic: Arithmetic): Markup {
  const terms = termRows(arithmetic);
  return html`<details class="number" id="${arithmeticId(path)}">
    <summary>
      <span class="name">${name}</span> <b>${resultText(arithmetic)}</b>
      <span class="formula">${arithmetic.formula}</span>
    </summary>
    ${terms.length === 0 ? nothing : dataTable(`Terms of ${path}`, termColumns, terms)}
  </details>`;
}
