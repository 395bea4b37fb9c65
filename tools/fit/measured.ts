import { readFileSync } from "node:fs";
import type { FitQuestion } from "../../planning/fit";
import { kvTokens } from "../../planning/memory";
import type { Measured, Replica } from "../../planning/replica";
import { bytesPerGiB } from "../../catalog/units";
import { UsageError } from "../cli/command";
import { loggedFormats } from "./question-schema";
import { asOption } from "./read";
import { readStartUpLog, type StartUpLog } from "./start-up-log";

/** What a log says of the engine that wrote it, and what that engine was asked to do. */
export interface FromLog {
  readonly file: string;
  readonly measured: Measured;
  /** Tokens that the KV cache holds, as the engine counted them. */
  readonly kvTokens: number | undefined;
  /** What the log says of the settings. */
  readonly settings: FitQuestion;
}

/**
 * Reads a start-up log or a metrics page.
 *
 * @param today - as 2026-11-21: the day of what carries none
 * @throws UsageError when there is nothing in it
 */
export function fromLog(file: string, today: string): FromLog {
  const log = readStartUpLog(readText(file));
  const { weightsGiB, kvGiB, loadSeconds, engineStartSeconds } = log;
  const numbers = defined({ weightsGiB, kvGiB, loadSeconds, engineStartSeconds });
  if (Object.keys(numbers).length === 0 && log.kvTokens === undefined)
    throw new UsageError(
      `${file} has no line that vLLM writes about its memory: expected one such as "Available KV cache memory: 29.63 GiB", or its metrics page.`,
    );
  const measured = { ...numbers, source: file, date: dayOf(log.monthDay, today) };
  return { file, measured, kvTokens: log.kvTokens, settings: settingsOf(log) };
}

/** The last day of this month and day that is not in the future. */
function dayOf(monthDay: string | undefined, today: string): string {
  if (monthDay === undefined) return today;
  const year = Number(today.slice(0, 4));
  const days = [year, year - 1].map((each) => `${each}-${monthDay}`);
  const isDay = (day: string): boolean => !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  return days.find((day) => isDay(day) && day <= today) ?? today;
}

function settingsOf(log: StartUpLog): FitQuestion {
  return defined({
    model: log.model,
    engineVersion: log.version,
    tensorParallel: log.tensorParallel,
    pipelineParallel: log.pipelineParallel,
    dataParallel: log.dataParallel,
    decodeContextParallel: log.decodeContextParallel,
    maxModelLen: log.maxModelLen,
    maxNumSeqs: log.maxNumSeqs,
    maxNumBatchedTokens: log.maxNumBatchedTokens,
    enforceEager: log.enforceEager,
    gpuMemoryUtilization: log.gpuMemoryUtilization,
    ...loggedFormats(log),
  });
}

/** Settings on which the memory of an engine depends; a longer or shorter context hardly changes it. */
const decisive = [
  "tensorParallel",
  "pipelineParallel",
  "dataParallel",
  "decodeContextParallel",
  "quantization",
  "enforceEager",
  "gpuMemoryUtilization",
] as const satisfies readonly (keyof FitQuestion)[];

/** Where a question asks for another engine than the one that wrote the log, whose numbers then do not hold. */
export function contradictions({ file, settings }: FromLog, question: FitQuestion): readonly string[] {
  return decisive.flatMap((key) => {
    const [logged, asked] = [settings[key], question[key]];
    if (logged === undefined || asked === undefined || logged === asked) return [];
    return [`${asOption(key)} is ${asked}, but ${file} is of an engine with ${logged}: leave the option out`];
  });
}

/** The replica with what was measured; where a page tells tokens alone, with the memory that holds them. */
export function withTokens(replica: Replica, { measured, kvTokens: tokens }: FromLog): Replica {
  if (tokens === undefined || measured.kvGiB !== undefined) return replica;
  return { ...replica, measured: { ...measured, kvGiB: gibOf(replica, tokens) } };
}

/** The least memory that holds so many tokens, counted as the engine counts them. */
function gibOf(replica: Replica, tokens: number): number {
  let [low, high] = [0, 2 * replica.cudaTotalGiB];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if ((kvTokens(replica, middle * bytesPerGiB) ?? 0) >= tokens) high = middle;
    else low = middle;
  }
  return high;
}

/** A share by which tokens of the same memory may differ: logs round memory to a hundredth of a GiB. */
const tolerated = 0.01;

/** What to know where the tokens of a log are not those that its memory holds of this model. */
export function tokenNotes({ file, measured, kvTokens: logged }: FromLog, computed: number): readonly string[] {
  if (logged === undefined || measured.kvGiB === undefined) return [];
  if (Math.abs(computed / logged - 1) <= tolerated) return [];
  const text = (count: number): string => count.toLocaleString("en-US");
  return [
    `${file} says that its KV cache holds ${text(logged)} tokens, but of this model and format it would hold ${text(computed)}: is it another model?`,
  ];
}

function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> };
function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
