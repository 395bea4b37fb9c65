/** A piece of a page that may be put into another one as it stands. Everything else comes in through `html`. */
export class Markup {
  constructor(readonly text: string) {}
}

type Content = Markup | string | number | readonly Markup[];

/** Markup as a template: whatever is put in is escaped, except other markup. */
export function html(literals: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const filled = contents.map((content, index) => `${textOf(content)}${literals[index + 1] ?? ""}`);
  return new Markup([literals[0] ?? "", ...filled].join(""));
}

export const nothing = html``;

/** A sentence in which code stands between backticks. */
export function prose(text: string): Markup {
  const pieces = text.split(/`([^`]+)`/);
  return html`${pieces.map((piece, index) => (index % 2 === 0 ? html`${piece}` : html`<code>${piece}</code>`))}`;
}

function textOf(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map(({ text }) => text).join("");
  return escapeHtml(String(content));
}

const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text for an element's content or an attribute in quotes. Control characters, which HTML cannot hold, and those
 * that turn the direction of writing, by which a name can look like another, become visible.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => references[character] ?? "")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}
