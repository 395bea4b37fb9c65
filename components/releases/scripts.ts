import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { By } from "../../planning";

const folder = join(__dirname, "scripts");

let read: By<string> | undefined;

/** The scripts that bring and check weights, by file name: they come with the program. */
export function weightScripts(): By<string> {
  return (read ??= Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith(".py"))
      .toSorted()
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  ));
}
