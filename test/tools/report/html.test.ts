import { createHash } from "node:crypto";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../../planning";
import { isIdleBound } from "../../../tools/report/arithmetic";
import { reportFormats } from "../../../tools/report/formats";
import { escapeHtml } from "../../../tools/report/html/markup";
import { style } from "../../../tools/report/html/style";
import type { Report } from "../../../tools/report/report";
import { vllmRelease } from "../../harness/releases";
import { richPlan as plan } from "./rich";
import { all, nothing, open } from "./sample";

const planned: Report = { ...all, command: "plan" };
const page = reportFormats.html.write(planned, plan);

const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;\u0000\u202e\`</code>\`](javascript:1)`;

/** The same value with a hostile text behind every text in it. */
function poisoned<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === "string" ? `${inner}${hostile}` : inner,
  ) as Value;
}

/** A plan in which names are hostile, too, by which numbers lead to their arithmetic. */
function poisonedPlan(whole: Plan): Plan {
  const why = Object.entries(poisoned(whole.why)).map(([path, arithmetic]) => {
    const [section = "", name = "", ...rest] = path.split(".");
    return [[section, `${name}${hostile}`, ...rest].join("."), arithmetic] as const;
  });
  return { ...poisoned(whole), why: Object.fromEntries(why) };
}

function isWellFormed(text: string): unknown {
  return XMLValidator.validate(text.replace(/^<!doctype html>\s*/, "").replace(style, ""));
}

/** Every element of a page with the names of its attributes, such as `a href`. */
function elementsOf(text: string): ReadonlySet<string> {
  const tags = text
    .replace(/<style>[^]*?<\/style>/, "")
    .matchAll(/<([a-z!][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)\s*\/?>/gi);
  return new Set(
    Array.from(tags, ([, name = "", attributes = ""]) =>
      [name, ...Array.from(attributes.matchAll(/([a-z-]+)="/g), ([, attribute = ""]) => attribute)].join(" "),
    ),
  );
}

describe("the page", () => {
  test("is one document that needs nothing from elsewhere and runs nothing", () => {
    expect(page).not.toMatch(/\bsrc=|url\(|@import|https?:|<script|<link|<iframe|style="| on[a-z]+=/i);
    expect(Array.from(page.matchAll(/href="(.)/g), ([, first]) => first).every((first) => first === "#")).toBe(true);
    const hash = createHash("sha256")
      .update(/<style>([^]*)<\/style>/.exec(page)?.[1] ?? "")
      .digest("base64");
    expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'"`);
  });

  test("is well-formed, and made of the same elements whatever the texts are", () => {
    const known = elementsOf(page);
    expect(known).toContain("a href");
    for (const text of [
      reportFormats.html.write(poisoned(planned), poisonedPlan(plan)),
      reportFormats.html.write(poisoned(all)),
    ]) {
      expect(isWellFormed(text)).toBe(true);
      expect([...elementsOf(text)].filter((element) => !known.has(element))).toEqual([]);
      expect(text).not.toMatch(/<script|<img|\u0000|\u202e/);
      expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    }
  });

  test("is well-formed whatever anybody writes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const report = {
          ...all,
          environment: text,
          findings: [{ ...open, message: text, advice: text, resource: text }],
        };
        expect(isWellFormed(reportFormats.html.write(report))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test("says environment, stage, context and the sum first", () => {
    expect(textOf(page)).toMatch(
      /Plan of prod Stage production Cluster context here Checked 3 checks of planning 1 error 1 warning 1 overridden 1 waived 1 indeterminate Findings/,
    );
    expect(textOf(reportFormats.html.write(nothing))).toMatch(
      /Policies on prod .* nothing found Findings Nothing found\./,
    );
  });

  test("lists errors first, and of what is allowed why and until when", () => {
    const text = textOf(reportFormats.html.write({ ...all, findings: [...all.findings].reverse() }));
    const labels = Array.from(text.matchAll(/(\w+) stacks\/ prod\.yaml:12:5/g), ([, label]) => label);
    expect(labels).toEqual(["indeterminate", "error", "warning", "overridden", "waived"]);
    expect(text).toContain("Until 2026-12-31 by WVR-2026-001, lead: being rebuilt this month");
    expect(text).toMatch(/pod-no-privileged No privileged containers critical –/);
  });

  test("leads from a number to its arithmetic, and shows the arithmetic of every number", () => {
    const targets = Array.from(page.matchAll(/href="#([^"]+)"/g), ([, id = ""]) => decodeURIComponent(id));
    const ids = new Set(Array.from(page.matchAll(/ id="([^"]+)"/g), ([, id]) => id));
    expect(targets.length).toBeGreaterThan(10);
    expect(targets.filter((id) => !ids.has(id))).toEqual([]);
    const shown = Object.keys(plan.why).filter((path) => !isIdleBound(path, plan.why));
    expect(ids).toEqual(new Set(shown.map((path) => `why-${path}`)));
    expect(shown.length).toBeLessThan(Object.keys(plan.why).length);
    expect(textOf(page)).toMatch(/memory\.kvGiB [\d.]+ GiB budget − weights − overhead/);
  });

  test("says behind a number what its facts are, and what its mark means", () => {
    const [, sources, text] = /<span title="([^"]*)">([\d.]+\?)<\/span>/.exec(page) ?? [];
    expect([sources, text]).toEqual(["GPU memory of H100-80GB: from memory (2026-11-21, recalled)", "79.2?"]);
    expect(textOf(page)).toMatch(/~ derived from other facts[^?]+\? recalled from memory/);
  });

  test("draws the memory of a GPU to scale, with every number in words", () => {
    const { totalGiB, weightsGiB, overheadGiB } = memory(plan);
    const [bar = ""] = /<svg class="bar"[^]*?<\/svg>/.exec(page) ?? [];
    const widths = Array.from(bar.matchAll(/ width="([\d.]+)%"/g), ([, width]) => Number(width));
    expect(widths).toHaveLength(5);
    expect(widths[0]).toBeCloseTo((100 * weightsGiB) / totalGiB, 1);
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100, 1);
    expect(bar).toContain(`weights ${weightsGiB.toFixed(1)} GiB, overhead ${overheadGiB.toFixed(1)} GiB, KV cache`);
  });

  test("names every column and row for those who hear it", () => {
    const tables = Array.from(page.matchAll(/<table[^]*?<\/table>/g), ([text]) => text);
    expect(tables.length).toBeGreaterThan(6);
    for (const text of tables) {
      expect(text).toContain("<caption");
      expect(text.match(/<th scope="row">/g)?.length).toBe((text.match(/<tr>/g)?.length ?? 0) - 1);
      expect(text).not.toMatch(/<th(?! scope)[ >]/);
    }
  });

  test("says that there is no plan where what is written cannot work", () => {
    expect(textOf(reportFormats.html.write(planned))).toContain("Nothing can be built as it is written");
    expect(textOf(reportFormats.html.write(all))).not.toContain("Nothing can be built");
  });
});

test.each([
  ["<a href=\"x\" title='y'>&amp;", "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;"],
  ["a\u0000b\u001bc\u009fd", "a\ufffdb\ufffdc\ufffdd"],
  ["user\u202eexe", "user\ufffdexe"],
  ["two\nlines\tand é, 日本, 👩‍💻", "two\nlines\tand é, 日本, 👩‍💻"],
])("%j is written as %j", (text, escaped) => {
  expect(escapeHtml(text)).toBe(escaped);
});

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test.each([
  ["light", 0],
  ["dark", 1],
])("every colour of text can be read in %s", (_, index) => {
  const [, block = ""] = Array.from(style.matchAll(/:root \{([^}]+)\}/g))[index] ?? [];
  const colours = new Map(Array.from(block.matchAll(/--(\w+): (#\w{6})/g), ([, name, value = ""]) => [name, value]));
  for (const name of ["text", "quiet", "link", "error", "warning", "waived", "good"])
    for (const ground of ["ground", "raised"]) {
      const [dark = 0, light = 0] = [name, ground]
        .map((each) => luminance(colours.get(each) ?? ""))
        .sort((a, b) => a - b);
      expect([name, ground, (light + 0.05) / (dark + 0.05) >= 4.5]).toEqual([name, ground, true]);
    }
});

function memory(plan: Plan) {
  return vllmRelease(plan).memory;
}

/** What a reader sees, in its order. */
function textOf(text: string): string {
  const parser = new XMLParser({ preserveOrder: true, trimValues: true, htmlEntities: true });
  const words = (node: unknown): readonly string[] => {
    if (Array.isArray(node)) return node.flatMap(words);
    if (typeof node !== "object" || node === null) return [String(node)];
    return Object.entries(node).flatMap(([key, inner]) => (key === "style" ? [] : words(inner)));
  };
  return words(parser.parse(text)).join(" ").replace(/\s+/g, " ");
}
