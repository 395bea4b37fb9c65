import { posix } from "node:path";
import { readYamlFile, type Path, type YamlFile } from "./file";
import type { Place, Problem } from "./problem";

/** The value that a file and all that it extends make together, and where each part of it stands. */
export interface Merged {
  readonly value: Record<string, unknown>;
  /**
   * The place of the value at a path; when nobody wrote it, the place of the nearest thing around it that
   * somebody did write.
   */
  locate(path: Path, part?: "key" | "value"): Place;
  /** The place of exactly this value; undefined when nobody wrote it. */
  written(path: Path): Place | undefined;
}

/** Follows `extends` from a file to its last base. Maps merge key by key; lists and single values replace. */
export function readChain(root: string, file: string): Merged | readonly Problem[] {
  const files: YamlFile[] = [];
  let next: { file: string; from: Place } | undefined = { file, from: { file, line: 1, column: 1 } };
  while (next !== undefined) {
    const current: { file: string; from: Place } = next;
    if (files.some((seen) => seen.file === current.file)) {
      const circle = [...files.map((seen) => seen.file), current.file].join(" → ");
      return [
        {
          place: current.from,
          message: `\`extends\` goes in a circle: ${circle}`,
          fix: "Remove one of these `extends`.",
        },
      ];
    }
    const read = readYamlFile(root, current.file);
    if (!("value" in read)) return files.length === 0 ? read : read.map((problem) => fromExtends(problem, current));
    files.push(read);
    const base = baseOf(read);
    if (base !== undefined && "message" in base) return [base];
    next = base;
  }
  return merge(files);
}

/** A missing base is a mistake in the line that names it; any other problem stands in the base itself. */
function fromExtends(problem: Problem, base: { file: string; from: Place }): Problem {
  if (problem.message !== "there is no such file") return problem;
  return {
    place: base.from,
    message: `${base.file}, which this extends, does not exist`,
    fix: "Create it, or correct the name.",
  };
}

function baseOf(file: YamlFile): { file: string; from: Place } | Problem | undefined {
  if (!isRecord(file.value) || !("extends" in file.value)) return undefined;
  const place = file.locate(["extends"]) ?? { file: file.file, line: 1, column: 1 };
  const written = file.value["extends"];
  const plain = typeof written === "string" && /^[\w-][\w.-]*\.yaml$/.test(written);
  if (!plain)
    return {
      place,
      message: "`extends` names another file of this folder",
      fix: "Write for example `extends: base.yaml`.",
    };
  return { file: posix.join(posix.dirname(file.file), written), from: place };
}

function merge(files: readonly YamlFile[]): Merged {
  const value: Record<string, unknown> = {};
  for (const file of files.toReversed()) mergeInto(value, file.value);
  delete value["extends"];
  const [first] = files;
  const start: Place = { file: first?.file ?? "", line: 1, column: 1 };
  const locate = (path: Path, part: "key" | "value" = "value"): Place => {
    for (let length = path.length; length > 0; length--) {
      for (const file of files) {
        const place = file.locate(path.slice(0, length), length < path.length ? "key" : part);
        if (place !== undefined) return place;
      }
    }
    return start;
  };
  const written = (path: Path): Place | undefined =>
    files.map((file) => file.locate(path)).find((place) => place !== undefined);
  return { value, locate, written };
}

function mergeInto(target: Record<string, unknown>, source: unknown): void {
  if (!isRecord(source)) return;
  for (const [key, value] of Object.entries(source)) {
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    const merged = isRecord(present) && isRecord(value) ? present : isRecord(value) ? {} : value;
    Object.defineProperty(target, key, { value: merged, writable: true, enumerable: true, configurable: true });
    if (isRecord(merged)) mergeInto(merged, value);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
