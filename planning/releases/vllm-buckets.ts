import { vllmFlags, vllmMetrics, type VllmFlag, type VllmMetric } from "../../catalog/engine-flags";
import type { ObjectiveSettings } from "../../environment";
import { warningAt, type Finding } from "../findings";
import type { ReleaseLoad } from "../load";
import { flag } from "./vllm-flag";

/** A histogram that a promise is read from. */
interface Promised {
  readonly setting: "ttftP95" | "interTokenP95";
  readonly metric: string;
  /** Its key in `--custom-histogram-buckets`. */
  readonly family: string;
}

const promised: readonly Promised[] = [
  { setting: "ttftP95", metric: "vllm:time_to_first_token_seconds", family: "time_to_first_token" },
  { setting: "interTokenP95", metric: "vllm:inter_token_latency_seconds", family: "inter_token_latency" },
];

const option = "--custom-histogram-buckets";

type Parts = readonly { readonly route: string; readonly objectives: ObjectiveSettings }[];

/** What one version of vLLM has. */
interface Tables {
  readonly flags: ReadonlyMap<string, VllmFlag>;
  readonly metrics: ReadonlyMap<string, VllmMetric>;
}

export function tablesOf(version: string): Tables {
  return { flags: vllmFlags(version) ?? new Map(), metrics: vllmMetrics(version) ?? new Map() };
}

/**
 * Buckets of histograms that end where routes promise something: how many requests kept the promise is then counted
 * and not interpolated. Nothing where the version cannot be told, or all ends are there.
 */
export function bucketArgs({ flags, metrics }: Tables, parts: Parts): readonly string[] {
  if (!flags.has(option)) return [];
  const families = promised.flatMap(({ setting, metric, family }) => {
    const usual = metrics.get(metric)?.buckets ?? [];
    const promises = parts.flatMap(({ objectives }) => objectives[setting] ?? []);
    if (promises.every((promise) => usual.includes(promise))) return [];
    return [[family, [...new Set([...usual, ...promises])].toSorted((a, b) => a - b)] as const];
  });
  return families.length === 0 ? [] : flag(option.slice(2), JSON.stringify(Object.fromEntries(families)));
}

/** Promises that lie between two buckets of a version whose buckets are fixed. */
export function bucketFindings(version: string, load: Pick<ReleaseLoad, "parts"> | null): readonly Finding[] {
  const { flags, metrics } = tablesOf(version);
  if (load === null || flags.has(option)) return [];
  return load.parts.flatMap(({ route, objectives }) =>
    promised.flatMap(({ setting, metric }) => {
      const buckets = metrics.get(metric)?.buckets;
      const promise = objectives[setting];
      if (buckets === undefined || promise === undefined || buckets.includes(promise)) return [];
      const below = buckets.findLast((end) => end < promise);
      const above = buckets.find((end) => end > promise);
      const ends = [below, above].filter((end) => end !== undefined).map((end) => `${end}s`);
      const message = `${route} promises ${promise}s, and ${metric} of vLLM ${version} has buckets that end at ${ends.join(" and ")}: how many requests keep the promise cannot be counted`;
      const at = ["routes", route, "slo", ...(objectives.class === undefined ? [setting] : [])];
      return [warningAt(at, "promise-between-buckets", message, `Promise ${ends.join(" or ")}.`)];
    }),
  );
}
