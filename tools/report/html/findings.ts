import { formatPlace } from "../../../environment";
import { inOrderOfLevel, labelOf, resourceName, type Report, type ReportFinding } from "../report";
import type { Row } from "../table";
import { html, nothing, prose, type Markup } from "./markup";
import { dataTable } from "./tables";

/** What was found, errors first; of what is allowed for a time, why and until when. */
export function findingsSection(report: Report): Markup {
  return html`<section>
    <h2>Findings</h2>
    ${report.findings.length === 0 ? html`<p>Nothing found.</p>` : findingsTable(report.findings)}
  </section>`;
}

function findingsTable(findings: readonly ReportFinding[]): Markup {
  return html`<table class="findings">
    <caption class="unseen">
      Findings
    </caption>
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col">Where</th>
        <th scope="col">Finding</th>
        <th scope="col">What to do, or why it is allowed</th>
      </tr>
    </thead>
    <tbody>
      ${inOrderOfLevel(findings).map(findingRow)}
    </tbody>
  </table>`;
}

function findingRow(finding: ReportFinding): Markup {
  const label = labelOf(finding);
  return html`<tr>
    <th scope="row"><span class="label ${label}">${label}</span></th>
    <td><code>${breakable(formatPlace(finding.place))}</code></td>
    <td>${prose(finding.message)}<br /><small>${finding.rule}${resource(finding)}</small></td>
    <td>${prose(finding.advice)}</td>
  </tr>`;
}

/** A path that may go on in the next line after each slash, and nowhere else. */
function breakable(path: string): readonly Markup[] {
  return path.split(/(?<=\/)/).map((part, index) => (index === 0 ? html`${part}` : html`<wbr />${part}`));
}

function resource({ resource: urn, field }: ReportFinding): Markup {
  if (urn === undefined) return nothing;
  return html` · ${resourceName(urn)}${field === undefined ? nothing : html`<br /><code>${field}</code>`}`;
}

/** Everything that was looked for, found or not: what a page without findings says is worth knowing. */
export function rulesSection({ command, rules, findings }: Report): Markup {
  const columns = [{ title: "name" }, { title: "what is demanded" }, { title: "severity" }, { title: "found" }];
  const rows = rules.map((rule): Row => {
    const found = findings.filter((finding) => finding.rule === rule.name);
    const labels = [...new Set(found.map(labelOf))];
    const said = labels.map((label) => `${found.filter((finding) => labelOf(finding) === label).length} ${label}`);
    return [rule.name, rule.title, rule.severity ?? "", said.join(", ") || "–"];
  });
  const shown = command === "plan" ? columns.filter(({ title }) => title !== "severity") : columns;
  const cells = command === "plan" ? rows.map((row) => row.filter((_, index) => index !== 2)) : rows;
  const caption = command === "plan" ? "What planning looks for" : "Rules";
  return html`<section>
    <h2>${caption}</h2>
    <details>
      <summary>${rules.length} looked for</summary>
      ${dataTable(caption, shown, cells)}
    </details>
  </section>`;
}
