import { suggestion } from "../../catalog/suggest";
import { answer, replicaOf, type Asked, type FitAnswer, type QuestionProblem } from "../../planning/fit";
import { contradictions, fromLog, tokenNotes, withTokens, type FromLog } from "../fit/measured";
import { asOption, optionName, questionKeys, questionOf, questionOptions, questionsOf, type Read } from "../fit/read";
import { saveMeasurement } from "../fit/save";
import { fitTable, fitText } from "../report/fit-text";
import { UsageError, type Command, type ExitCode, type OptionValues, type Terminal } from "./command";

export const fit: Command = {
  summary: "Does this model fit on that GPU, how many tokens, how fast, at what price. Every option: docs/fit.md.",
  usage: "--model <name> --gpu <name> … | --batch <file>",
  operands: { least: 0, most: 0 },
  options: {
    ...questionOptions,
    batch: { type: "string" },
    "from-log": { type: "string" },
    save: { type: "string" },
    format: { type: "string" },
  },
  run(_first, options, terminal) {
    const format = formatOf(options["format"]);
    const { batch } = options;
    return Promise.resolve(
      typeof batch === "string" ? answerBatch(batch, options, format, terminal) : answerOne(options, format, terminal),
    );
  },
};

type Format = "table" | "json";

function formatOf(asked: string | boolean | undefined): Format {
  if (asked === undefined || asked === "table") return "table";
  if (asked === "json") return asked;
  throw new UsageError(`--format is one of table, json, not ${JSON.stringify(asked)}.`);
}

/** An answer, or what is wrong with the question. */
type Answered = { readonly asked: Asked; readonly answer: FitAnswer } | { readonly problems: readonly string[] };

function answered(read: Read, name: (key: string) => string, log?: FromLog): Answered {
  const { question } = read;
  const understood = replicaOf(question, log?.measured ?? null);
  const misunderstood = "problems" in understood ? understood.problems.filter(({ key }) => !read.misread.has(key)) : [];
  const problems = [...read.problems, ...misunderstood.map((problem) => problemText(problem, name))];
  if ("problems" in understood || problems.length > 0) return { problems };
  if (log === undefined || understood.on === "cpu") return { asked: understood, answer: answer(understood, question) };
  const asked = { ...understood, replica: withTokens(understood.replica, log) };
  const found = answer(asked, question);
  return { asked, answer: { ...found, reasons: [...found.reasons, ...tokenNotes(log, found.kvTokens)] } };
}

function problemText({ key, message, unknown }: QuestionProblem, name: (key: string) => string): string {
  const meant = unknown === undefined ? "" : `. ${suggestion(unknown.written, unknown.known)}`;
  return `${name(key)}: ${message}${meant}`;
}

function answerOne(options: OptionValues, format: Format, terminal: Terminal): ExitCode {
  const file = options["from-log"];
  const today = new Date().toISOString().slice(0, 10);
  const log = typeof file === "string" ? fromLog(file, today) : undefined;
  const read = questionOf(options, log?.settings);
  const against = log === undefined ? [] : contradictions(log, questionOf(options).question);
  const result = answered({ ...read, problems: [...read.problems, ...against] }, asOption, log);
  if ("problems" in result) throw new UsageError(result.problems.join("\n"));
  const { save } = options;
  if (typeof save === "string") {
    if (log === undefined || result.asked.on === "cpu")
      throw new UsageError("--save keeps what --from-log read: name a log too.");
    if (read.question.engineVersion === undefined)
      throw new UsageError(`--save needs --engine-version: ${log.file} does not say which vLLM wrote it.`);
    saveMeasurement(save, result.asked);
    terminal.err(`written: ${save}`);
  }
  terminal.out(format === "json" ? JSON.stringify(result.answer, null, 2) : fitText(result.asked, result.answer));
  return result.answer.fits ? 0 : 1;
}

function answerBatch(file: string, options: OptionValues, format: Format, terminal: Terminal): ExitCode {
  const beside = [...questionKeys.map(optionName), "from-log", "save"].filter((name) => options[name] !== undefined);
  if (beside.length > 0)
    throw new UsageError(`--batch asks what its file says: write --${beside.join(", --")} into its questions.`);
  const results = questionsOf(file).map((read) => answered(read, (key) => key));
  terminal.out(format === "json" ? JSON.stringify(results.map(batchEntry), null, 2) : fitTable(results));
  const wrong = results.flatMap((result, index) =>
    "problems" in result ? result.problems.map((problem) => `${file}[${index}]: ${problem}`) : [],
  );
  if (wrong.length > 0) terminal.err(wrong.join("\n"));
  if (wrong.length > 0) return 2;
  return results.some((result) => "answer" in result && !result.answer.fits) ? 1 : 0;
}

/** The keys of every answer that are numbers, or that numbers decide. */
const nothing: Readonly<Record<Exclude<keyof FitAnswer, "fits" | "reasons">, null>> = {
  weightsGibPerGpu: null,
  overheadGibPerGpu: null,
  kvGibPerGpu: null,
  kvBytesPerTokenPerGpu: null,
  kvTokens: null,
  maxConcurrencyAtFullLength: null,
  concurrencyLimit: null,
  decode: null,
  ttftMs: null,
  offlineCeilingTokensPerSecondPerGpu: null,
  usdPerHour: null,
  usdPerMillionOutputTokens: null,
  confidence: null,
  encode: null,
  resolved: null,
};

/** A question that is wrong has the same keys: it does not fit, for these reasons, and there are no numbers. */
function batchEntry(result: Answered): unknown {
  return "answer" in result ? result.answer : { fits: false, error: true, reasons: result.problems, ...nothing };
}
