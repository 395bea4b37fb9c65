import { join, relative } from "node:path";

/** The root of the repository. */
export const root = join(__dirname, "..", "..");

/** A path as the user can type it: relative to where they are. */
export function fromHere(path: string): string {
  return relative(process.cwd(), path) || ".";
}
