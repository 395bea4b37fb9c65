/** Colours keep a contrast of 4.5 to 1 for text in light and dark; parts of a bar differ in lightness, not only in hue. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f5f6f8; --line: #dcdfe4; --text: #1c2128; --quiet: #58606b; --link: #0b57b0;
  --error: #b3261e; --warning: #8a5300; --waived: #5b4b9a; --good: #1f6f43;
  --s0: #2f6db5; --s1: #e0952f; --s2: #2a9d7c; --s3: #9ad4c0; --s4: #e3e6ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --raised: #1d2126; --line: #363c44; --text: #e4e7eb; --quiet: #a2aab4; --link: #8ab8f5;
    --error: #ff9a90; --warning: #f2bd6b; --waived: #c3b5f7; --good: #7fd3a4;
    --s0: #4f8fdc; --s1: #d98f2b; --s2: #2f9b7b; --s3: #1d5f4c; --s4: #2c3138;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 84rem; padding: 1.5rem 1.25rem 3rem;
  background: var(--ground); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
header { border-bottom: 1px solid var(--line); padding-bottom: 0.9rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 0.35rem; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.8rem 0 0.5rem; font-weight: 650; }
h3 { font-size: 0.9rem; margin: 1.1rem 0 0.3rem; font-weight: 600; color: var(--quiet); overflow-wrap: anywhere; }
p { margin: 0.4rem 0; }
a { color: inherit; text-decoration: underline dotted var(--quiet); text-underline-offset: 0.2em; }
a:hover { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code { font: 0.92em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
small, .quiet { color: var(--quiet); font-size: 0.86rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.1rem 1.4rem; margin: 0; color: var(--quiet); }
.facts div { display: flex; gap: 0.4rem; min-width: 0; }
.facts dt::after { content: ":"; }
.facts dd { margin: 0; color: var(--text); overflow-wrap: anywhere; }
.counts { display: flex; flex-wrap: wrap; gap: 0.4rem; list-style: none; margin: 0.7rem 0 0; padding: 0; }
.label, .counts li {
  display: inline-block; border: 1px solid; border-radius: 4px; padding: 0 0.45em;
  font-size: 0.86rem; font-weight: 600; white-space: nowrap; color: var(--quiet);
}
.label.error, .counts .error { color: var(--error); }
.label.warning, .counts .warning, .label.indeterminate, .counts .indeterminate { color: var(--warning); }
.label.waived, .label.overridden, .counts .waived, .counts .overridden { color: var(--waived); }
.counts .good { color: var(--good); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.32rem 0.85rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:first-child { padding-left: 0; }
td:last-child, thead th:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-weight: 500; font-size: 0.86rem; vertical-align: bottom; }
tbody th { font-weight: 600; }
.right { text-align: right; }
.scroll th, .scroll td { white-space: nowrap; }
.scroll td.prose { white-space: normal; min-width: 18rem; overflow-wrap: anywhere; }
.findings { width: 100%; }
.findings td { overflow-wrap: anywhere; }
.findings td:nth-child(2) { overflow-wrap: normal; }
.findings td:nth-child(2) code { overflow-wrap: inherit; }
.findings td:nth-child(3) { width: 48%; }
.findings td:nth-child(4) { width: 36%; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; list-style: none; margin: 0 0 0.35rem; padding: 0; color: var(--quiet); }
.marks { margin-top: 1.2rem; }
.swatch { width: 0.8em; height: 0.8em; border-radius: 2px; vertical-align: -0.05em; }
table:has(.bar) { width: 100%; }
.bar { display: block; width: 100%; min-width: 14rem; height: 1.05rem; margin-top: 0.12rem; border-radius: 3px; }
.bar rect { stroke: var(--ground); stroke-width: 1px; }
.segment-0 { fill: var(--s0); } .segment-1 { fill: var(--s1); } .segment-2 { fill: var(--s2); }
.segment-3 { fill: var(--s3); } .segment-4 { fill: var(--s4); }
summary { cursor: pointer; padding: 0.15rem 0; }
.group > summary h3 { display: inline; }
.group[open] { margin-bottom: 0.8rem; }
.number { border-bottom: 1px solid var(--line); }
.number summary { overflow-wrap: anywhere; }
.number .name { display: inline-block; min-width: 15rem; }
.number b { display: inline-block; min-width: 9rem; font-variant-numeric: tabular-nums; }
.number .formula { color: var(--quiet); }
.number .scroll { padding: 0 0 0.6rem 1.1rem; }
.number td { white-space: normal; }
.number td:last-child { color: var(--quiet); }
.number:target > summary { background: var(--raised); box-shadow: -0.4rem 0 0 var(--raised), -0.6rem 0 0 var(--link); }
@media (max-width: 45rem) {
  body { padding: 1rem 0.8rem 2rem; }
  .number .name, .number b { min-width: 0; margin-right: 0.6rem; }
  .findings th, .findings td { padding-left: 0.35rem; padding-right: 0.35rem; }
}
@media print {
  :root { --ground: #fff; --raised: #fff; --line: #bbb; --text: #000; --quiet: #333; }
  @page { size: landscape; margin: 12mm; }
  html { font-size: 12px; }
  body { max-width: none; padding: 0; font-size: 10.5px; }
  .scroll { overflow: visible; }
  .bar { min-width: 8rem; }
  tr, summary { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; display: block; }
}
`;
