import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from "yaml";
import type { Place, Problem } from "./problem";

/** A path into a file's value: map keys and list indexes. */
export type Path = readonly (string | number)[];

/** A YAML file as it stands on disk, with the place of each of its values. */
export interface YamlFile {
  /** Relative to the repository's root. */
  readonly file: string;
  readonly value: unknown;
  /** Where the value, or for `key` the map key, at a path stands; undefined when this file does not have it. */
  locate(path: Path, part?: "key" | "value"): Place | undefined;
}

/** No file that people edit comes near this; a larger one is a mistake, and parsing it would only take time. */
const largestBytes = 1024 * 1024;

/** Reads one YAML file. Everything wrong with it as a file is returned as problems, never thrown. */
export function readYamlFile(root: string, file: string): YamlFile | readonly Problem[] {
  const problem = (message: string, fix: string, line = 1, column = 1): Problem => ({
    place: { file, line, column },
    message,
    fix,
  });
  const text = readText(join(root, file));
  if (typeof text !== "string") return [problem(text.message, text.fix)];

  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const broken = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return problem(yamlMessage(error.code, error.message), yamlFix(error.code), line, col);
  });
  if (broken.length > 0) return broken;

  const alias = firstAlias(document);
  if (alias !== undefined) {
    const { line, col } = lines.linePos(alias);
    return [
      problem(
        "aliases are not used in environment files",
        "Write the value out, or share it through `extends`.",
        line,
        col,
      ),
    ];
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined)
    return [problem("the file is empty", "Describe the environment in it, or begin with `extends: base.yaml`.")];
  if (!isMap(document.contents))
    return [
      problem(
        "the file is not a map of settings",
        "Begin with keys such as `extends`, `clusters`, `pools` and `releases`.",
      ),
    ];
  return { file, value, locate: (path, part = "value") => locate(file, document, lines, path, part) };
}

/** The text of a file of at most a mebibyte, or what is wrong with it. */
export function readText(path: string): string | { readonly message: string; readonly fix: string } {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { message: "this is a directory, not a file", fix: "Name a file." };
    if (stat.size > largestBytes) {
      return {
        message: `the file has ${stat.size} bytes; at most ${largestBytes} are read`,
        fix: "What is written by people is a few hundred lines; check what this file is.",
      };
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError)
      return { message: "the file is not UTF-8 text", fix: "Save it as UTF-8, or check that this is the right file." };
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT") return { message: "there is no such file", fix: "Create it, or correct the name." };
    return { message: `the file cannot be read (${code})`, fix: "Check its permissions." };
  }
}

function yamlMessage(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab is used for indentation";
  if (code === "DUPLICATE_KEY") return "this key is written twice in one map";
  return `this is not valid YAML: ${message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? ""}`;
}

function yamlFix(code: string): string {
  if (code === "TAB_AS_INDENT") return "Indent with spaces.";
  if (code === "DUPLICATE_KEY") return "Keep one of them.";
  return "Correct the syntax here.";
}

/** Aliases let ten lines expand to gigabytes ("billion laughs"), and hide where a value stands. */
function firstAlias(document: Document): number | undefined {
  let position: number | undefined;
  visit(document, {
    Alias: (_, alias) => {
      position = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return position;
}

function locate(
  file: string,
  document: Document,
  lines: LineCounter,
  path: Path,
  part: "key" | "value",
): Place | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) return undefined;
      const atKey = part === "key" && depth === path.length - 1;
      const shown = atKey || !isNode(pair.value) ? pair.key : pair.value;
      offset = isNode(shown) ? shown.range?.[0] : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      if (node === undefined) return undefined;
      offset = isNode(node) ? node.range?.[0] : offset;
    } else return undefined;
  }
  const { line, col } = lines.linePos(offset ?? 0);
  return { file, line, column: col };
}
