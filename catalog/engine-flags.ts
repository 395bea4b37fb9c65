import { compareVersions } from "./compare-versions";
import current from "./data/vllm-0.31.0.json";
import history from "./data/vllm-changes.json";
import { oneOf, type Source } from "./fact";

const flagTypes = ["switch", "integer", "size", "number", "text", "choice", "list", "json"] as const;

/**
 * What a flag takes: a switch is `--x` or `--no-x`; a size is an integer that may be written as 1k or 1K; json takes
 * an object as text, or its keys after a dot.
 */
export type FlagType = (typeof flagTypes)[number];

/** A flag of `vllm serve`. */
export interface VllmFlag {
  /** With its dashes, such as `--max-model-len`. */
  readonly name: string;
  readonly type: FlagType;
  /** What holds when it is not given; null where vLLM decides then. See `computedDefault`. */
  readonly default: unknown;
  /** The default as Python computes it, where it is no plain value. */
  readonly computedDefault: string | undefined;
  /** Words that vLLM has names for. Only those are taken where the type is `choice`. */
  readonly choices: readonly (string | number)[];
  /** Other spellings, such as `-tp`. */
  readonly aliases: readonly string[];
}

/** A Prometheus metric of vLLM. */
export interface VllmMetric {
  /** As the code declares it. The endpoint shows counters with `_total` at the end: see `exposed`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** The series' name in Prometheus; of a histogram, without `_bucket`, `_sum` and `_count`. */
  readonly exposed: string;
  /** Undefined where the code computes them. */
  readonly labels: readonly string[] | undefined;
  /** Upper bounds of a histogram; undefined where the code computes them. */
  readonly buckets: readonly number[] | undefined;
}

interface FlagRow {
  readonly type: string;
  readonly default?: unknown;
  readonly computedDefault?: string | undefined;
  readonly choices?: readonly (string | number)[] | undefined;
  readonly aliases?: readonly string[] | undefined;
}
interface MetricRow {
  readonly type: string;
  readonly labels?: readonly string[] | undefined;
  readonly buckets?: readonly number[] | undefined;
}
type Rows<Row> = Readonly<Record<string, Row>>;

/** A step between two versions, with what is needed to walk it back. */
interface Step<Row> {
  readonly added: readonly string[];
  readonly removed: Rows<Row>;
  /** Definitions as they were before the step. */
  readonly before: Rows<Row>;
}
type Words = "toolParsers" | "reasoningParsers" | "speculativeMethods";
interface StepRow extends Readonly<
  Record<Words, { readonly added: readonly string[]; readonly removed: readonly string[] }>
> {
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly flags: Step<FlagRow>;
  readonly metrics: Step<MetricRow>;
  readonly environment: Step<unknown>;
  readonly quantization: Step<number | null>;
}

const steps: readonly StepRow[] = history.steps;

/** Versions whose wheels were read, newest first. */
export const readVllmVersions: readonly string[] = [current.version, ...steps.map(({ from }) => from).toReversed()];

/** Where the tables come from; undefined for a version that was not read. */
export function vllmTablesSource(version: string): Source | undefined {
  const date = version === current.version ? current.date : steps.find(({ from }) => from === version)?.date;
  return date === undefined
    ? undefined
    : { source: `vllm wheel ${version}, read by tools/catalog`, date, standing: "exact" };
}

/** Steps from the newest version back to one; undefined for a version that was not read. */
function backTo(version: string): readonly StepRow[] | undefined {
  if (!readVllmVersions.includes(version)) return undefined;
  return steps.filter(({ from }) => compareVersions(from, version) >= 0).toReversed();
}

function before<Row>(rows: ReadonlyMap<string, Row>, step: Step<Row>): ReadonlyMap<string, Row> {
  const added = new Set(step.added);
  const kept = [...rows].filter(([name]) => !added.has(name));
  return new Map([...kept, ...Object.entries(step.removed), ...Object.entries(step.before)]);
}

function rowsOf<Row>(
  version: string,
  newest: Rows<Row>,
  part: (step: StepRow) => Step<Row>,
): ReadonlyMap<string, Row> | undefined {
  const start: ReadonlyMap<string, Row> = new Map(Object.entries(newest));
  return backTo(version)?.reduce((rows, step) => before(rows, part(step)), start);
}

function once<Value>(compute: (version: string) => Value): (version: string) => Value {
  const known = new Map<string, Value>();
  return (version) => {
    const value = known.get(version) ?? compute(version);
    known.set(version, value);
    return value;
  };
}

function readFlag(name: string, row: FlagRow): VllmFlag {
  const type = oneOf(flagTypes, row.type, "type");
  const { computedDefault, choices = [], aliases = [] } = row;
  return { name, type, default: row.default ?? null, computedDefault, choices, aliases };
}

/** Every flag of `vllm serve` in a version, by its name with dashes; undefined for a version that was not read. */
export const vllmFlags = once((version: string): ReadonlyMap<string, VllmFlag> | undefined => {
  const rows = rowsOf<FlagRow>(version, current.flags, (step) => step.flags);
  return rows && new Map([...rows].map(([name, row]) => [name, readFlag(name, row)]));
});

/** Every way to write a flag of a version in full: its name, its aliases, `--no-…` of a switch. Empty for a version that was not read. */
export const vllmSpellings = once((version: string): ReadonlyMap<string, VllmFlag> => {
  const flags = [...(vllmFlags(version)?.values() ?? [])];
  const negations = flags
    .filter(({ type }) => type === "switch")
    .map((flag) => [flag.name.replace(/^--/, "--no-"), flag] as const);
  const aliases = flags.flatMap((flag) => flag.aliases.map((alias) => [alias, flag] as const));
  return new Map([...negations, ...aliases, ...flags.map((flag) => [flag.name, flag] as const)]);
});

/**
 * A flag of a version, however it is written: by an alias (`-tp`), negated (`--no-enable-prefix-caching`), with
 * underscores, with a value (`--seed=1`) or with a key after a dot (`--compilation-config.level`).
 *
 * @returns undefined where that version has no such flag, or was not read
 */
export function vllmFlag(version: string, written: string): VllmFlag | undefined {
  const known = vllmSpellings(version);
  const name = written.replace(/=.*$/s, "");
  const dashed = name.startsWith("--") ? `--${name.slice(2).replaceAll("_", "-")}` : name;
  const found = known.get(name) ?? known.get(dashed);
  if (found !== undefined) return found;
  const owner = known.get(dashed.replace(/\..*$/s, ""));
  return owner?.type === "json" ? owner : undefined;
}

const metricTypes = ["counter", "gauge", "histogram"] as const;

function readMetric(name: string, row: MetricRow): VllmMetric {
  const type = oneOf(metricTypes, row.type, "type");
  const exposed = type === "counter" && !name.endsWith("_total") ? `${name}_total` : name;
  return { name, type, exposed, labels: row.labels, buckets: row.buckets };
}

/** Metrics of a version by the name that its code declares; undefined for a version that was not read. */
export const vllmMetrics = once((version: string): ReadonlyMap<string, VllmMetric> | undefined => {
  const rows = rowsOf<MetricRow>(version, current.metrics, (step) => step.metrics);
  return rows && new Map([...rows].map(([name, row]) => [name, readMetric(name, row)]));
});

/** Environment variables that a version reads; undefined for a version that was not read. */
export function vllmEnvironment(version: string): ReadonlySet<string> | undefined {
  const rows = rowsOf<unknown>(version, current.environment, (step) => step.environment);
  return rows && new Set(rows.keys());
}

/**
 * Words that `--quantization` takes in a version, with the least compute capability that their code asks for, such
 * as 7.5; null where the code asks for none by itself.
 */
export function vllmQuantizationMethods(version: string): ReadonlyMap<string, number | null> | undefined {
  const rows = rowsOf<number | null>(version, current.quantization, (step) => step.quantization);
  return rows && new Map([...rows].map(([name, least]) => [name, least === null ? null : least / 10]));
}

/** Words of `--tool-call-parser`, of `--reasoning-parser` or of `--spec-method` in a version. */
export function vllmWords(version: string, kind: Words): readonly string[] | undefined {
  const back = backTo(version);
  return back?.reduce<readonly string[]>((words, step) => {
    const { added, removed } = step[kind];
    return [...words.filter((word) => !added.includes(word)), ...removed].toSorted();
  }, current[kind]);
}
