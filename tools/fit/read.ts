import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { suggestion } from "../../catalog/suggest";
import type { FitQuestion } from "../../planning/fit";
import { UsageError, type OptionValues } from "../cli/command";
import { questionSchema, questionShape } from "./question-schema";

type Key = keyof typeof questionShape;

/** Every key of a question. */
export const questionKeys: readonly string[] = Object.keys(questionShape);
const switches: ReadonlySet<string> = new Set<Key>(["expertParallel", "enforceEager"]);
const texts: ReadonlySet<string> = new Set<Key>([
  "model",
  "config",
  "gpu",
  "quantization",
  "kvCacheDtype",
  "engine",
  "engineVersion",
  "interconnect",
  "region",
]);

/** `maxModelLen` as the command line writes it: `max-model-len`. */
export function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The options of the command line, one for each key of a question. */
export const questionOptions = Object.fromEntries(
  questionKeys.map((key) => [
    optionName(key),
    { type: switches.has(key) ? ("boolean" as const) : ("string" as const) },
  ]),
);

/** What could be read of a question, and what is wrong with the rest of it. */
export interface Read {
  readonly question: FitQuestion;
  readonly problems: readonly string[];
  /** Keys that are written but could not be read: they are not missing. */
  readonly misread: ReadonlySet<string>;
}

/** The question that the options of a command line ask, where a log says what nobody asked for. */
export function questionOf(options: OptionValues, known: FitQuestion = {}): Read {
  const written = questionKeys.flatMap((key): readonly (readonly [string, unknown])[] => {
    const value = options[optionName(key)];
    if (value === undefined) return [];
    return [[key, typeof value === "string" && !texts.has(key) ? numberOf(value) : value]];
  });
  return read({ ...known, ...Object.fromEntries(written) }, ".", asOption);
}

/** `maxModelLen` as a person wrote it on the command line: `--max-model-len`. */
export function asOption(key: string): string {
  return `--${optionName(key)}`;
}

/** A number, or the text where it is none: the schema says what is wrong with it. */
function numberOf(text: string): number | string {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent !== null) return Number(percent[1]) / 100;
  const value = text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : text;
}

/**
 * The questions of a JSON file: an array of objects with the keys of a question.
 *
 * @throws UsageError when the file is no array
 */
export function questionsOf(file: string): readonly Read[] {
  const content = readJson(file);
  if (!("value" in content)) throw new UsageError(content.problem);
  const written = z.array(z.unknown()).safeParse(content.value);
  if (!written.success) throw new UsageError(`${file} is not an array of questions: [{ "model": …, "gpu": … }, …]`);
  return written.data.map((each) => {
    const question = z.record(z.string(), z.unknown()).safeParse(each);
    if (question.success) return read(question.data, dirname(file), (key) => key);
    return {
      question: {},
      problems: [`${JSON.stringify(each)} is no question: expected { "model": …, "gpu": … }`],
      misread: new Set(["model", "gpu"]),
    };
  });
}

type Written = Readonly<Record<string, unknown>>;

function read(written: Written, folder: string, name: (key: string) => string): Read {
  const { config } = written;
  const content = typeof config === "string" ? readJson(resolve(folder, config), config) : { value: config };
  // Who writes null in a batch means that nothing is said.
  const said = Object.entries({ ...written, config: "value" in content ? content.value : undefined }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const problems = "value" in content ? [] : [`${name("config")}: ${content.problem}`];
  const parsed = questionSchema.safeParse(Object.fromEntries(said));
  // Without its configuration a model cannot be asked about by its name.
  const misread = new Set(problems.length > 0 ? ["config", "model"] : []);
  if (parsed.success) return { question: parsed.data, problems, misread };
  const { issues } = parsed.error;
  const wrong = new Set(issues.flatMap(keysOf));
  const rest = questionSchema.safeParse(Object.fromEntries(said.filter(([key]) => !wrong.has(key))));
  const first = issues.filter((issue, index) => issues.findIndex(({ path }) => path[0] === issue.path[0]) === index);
  return {
    question: rest.success ? rest.data : {},
    problems: [...problems, ...first.flatMap((issue) => problemTexts(issue, written, name))],
    misread: new Set([...misread, ...wrong]),
  };
}

/** The keys of a question that an issue is about. */
function keysOf(issue: z.core.$ZodIssue): readonly string[] {
  return issue.code === "unrecognized_keys" ? issue.keys : [String(issue.path[0])];
}

function problemTexts(issue: z.core.$ZodIssue, written: Written, name: (key: string) => string): readonly string[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `${name(key)} is not known. ${suggestion(key, questionKeys)}`);
  return keysOf(issue).map((key) => `${name(key)} is ${JSON.stringify(written[key])}: expected ${issue.message}`);
}

/** @param shown - the file as it was written */
function readJson(file: string, shown = file): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(readFileSync(file, "utf8")) };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { problem: `${shown} cannot be read as JSON: ${reason}` };
  }
}
