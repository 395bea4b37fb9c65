import { createHash } from "node:crypto";
import { html, Markup } from "./markup";
import { style } from "./style";

/**
 * One page that needs nothing else. Its policy lets a browser load nothing and run nothing, so that even text that
 * slipped through the escaping could do no harm.
 */
export function page(title: string, body: Markup): string {
  const hash = createHash("sha256").update(style).digest("base64");
  // The hash is of every character between the tags.
  const sheet = new Markup(`<style>${style}</style>`);
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${sheet}
      </head>
      <body>
        ${body}
      </body>
    </html>`;
  return document.text;
}
