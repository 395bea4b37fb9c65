import { namespaceName } from "../names";
import type { Signal, SignalId } from "../plan";

/** Labels by their names, each with its value or those of which it has one. */
type Labels = Readonly<Record<string, string | readonly string[]>>;

/** The metric that an engine shows a signal by. */
export interface SignalMetric {
  /** As Prometheus shows it. */
  readonly name: string;
  /** Labels of the series that count, of several values any; all of the release's where there are none. */
  readonly labels?: Labels;
  /** How the pods' numbers become one. */
  readonly over: "sum" | "avg";
}

/** The label by which scraped series say their release: `podTargetLabels` makes it of the pod's label. */
export const releaseSeriesLabel = "app_kubernetes_io_instance";

/** The signals of a release as PromQL. Each selects its own release: one busy model must not scale another. */
export function loadSignals(
  environment: string,
  release: string,
  metrics: Readonly<Partial<Record<SignalId, SignalMetric>>>,
): readonly Signal[] {
  const own = ownSeries(environment, release);
  const ids: readonly SignalId[] = ["waiting", "running", "cache-use"];
  return ids.flatMap((id) => {
    const metric = metrics[id];
    if (metric === undefined) return [];
    const { name, labels, over } = metric;
    return [{ id, query: `${over}(${name}${selector({ ...own, ...labels })})`, metrics: [name] }];
  });
}

/** The series of a release's pods, and of them those with these labels. */
export function ownSelector(environment: string, release: string, labels: Labels): string {
  return selector({ ...ownSeries(environment, release), ...labels });
}

function selector(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([label, value]) =>
      typeof value === "string" ? `${label}=${JSON.stringify(value)}` : `${label}=~${JSON.stringify(value.join("|"))}`,
    )
    .join(",")}}`;
}

/**
 * The same signal for a release that may have no pod: 0 where Prometheus has no target of it, and still nothing where
 * a target is there and does not answer, so that a lost metric is never taken for idleness.
 */
export function orNoPods(environment: string, release: string, query: string): string {
  return `${query} or sum(absent(up${selector(ownSeries(environment, release))}) - 1)`;
}

function ownSeries(environment: string, release: string): Readonly<Record<string, string>> {
  return { namespace: namespaceName(environment, "serving"), [releaseSeriesLabel]: release };
}
