import { createHash } from "node:crypto";

/** Twelve hexadecimal digits: two different things of one environment do not meet by chance. */
const digits = 12;

/** A name that says what something is to people, and by its digest that it is exactly this. */
export function digestName(words: string, what: unknown): string {
  const slug = words
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return `${slug}-${digestOf(what)}`;
}

export function digestOf(what: unknown): string {
  return createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, digits);
}
