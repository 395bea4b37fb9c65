import { amountText, placeSegments, type Bar } from "../bar";
import type { PlanTable } from "../plan-tables";
import { cellText, type Cell, type Column, type Row } from "../table";
import { html, nothing, type Markup } from "./markup";

/** The id of the place on the page that shows a number's arithmetic. */
export function arithmeticId(path: string): string {
  return `why-${path}`;
}

/** A table with its heading; the first cell of each row names what the row is about. */
export function tableSection(shown: PlanTable): Markup {
  const bars = shown.rows.flatMap((row) => row.filter((cell) => typeof cell === "object" && "segments" in cell));
  const [bar] = bars;
  return html`<section>
    <h2>${shown.caption}</h2>
    ${bar === undefined ? nothing : legend(bar)} ${dataTable(shown.caption, shown.columns, shown.rows)}
    ${shown.note === undefined ? nothing : html`<p>${shown.note}</p>`}
    ${shown.glossary === undefined ? nothing : html`<p class="quiet">${shown.glossary}</p>`}
  </section>`;
}

/** A table that scrolls on its own where the window is too narrow. */
export function dataTable(caption: string, columns: readonly Column[], rows: readonly Row[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" class="${alignment(column)}">${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, index) => dataCell(cell, index, columns[index]))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function dataCell(cell: Cell, index: number, column: Column | undefined): Markup {
  const content = cellMarkup(cell);
  if (index === 0) return html`<th scope="row">${content}</th>`;
  return html`<td class="${alignment(column)}">${content}</td>`;
}

function alignment(column: Column | undefined): string {
  return column?.prose === true ? "left prose" : (column?.align ?? "left");
}

function cellMarkup(cell: Cell): Markup {
  if (typeof cell === "string") return html`${cell}`;
  if ("segments" in cell) return barMarkup(cell);
  const bases = cell.bases ?? [];
  const text = cellText(cell);
  const said = bases.length === 0 ? html`${text}` : html`<span title="${bases.join("\n")}">${text}</span>`;
  return cell.path === undefined ? said : html`<a href="#${encodeURIComponent(arithmeticId(cell.path))}">${said}</a>`;
}

/** Drawn as SVG, because browsers leave backgrounds out when they print. */
function barMarkup(bar: Bar): Markup {
  const said = bar.segments.map(({ name, value }) => `${name} ${amountText(value, bar.unit)}`).join(", ");
  const parts = placeSegments(bar).map(
    ({ name, value, from, to }, index) =>
      html`<rect class="segment-${index}" x="${percent(from)}" width="${percent(to - from)}" height="100%">
        <title>${name} ${amountText(value, bar.unit)}</title>
      </rect>`,
  );
  return html`<svg class="bar" role="img" aria-label="${said}">${parts}</svg>`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

function legend({ segments }: Bar): Markup {
  const entries = segments.map(
    ({ name }, index) =>
      html`<li>
        <svg class="swatch" aria-hidden="true"><rect class="segment-${index}" width="100%" height="100%" /></svg>
        ${name}
      </li>`,
  );
  return html`<ul class="legend">
    ${entries}
  </ul>`;
}
