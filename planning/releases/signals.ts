import { namespaceName } from "../names";
import type { Signal, SignalId } from "../plan";

/** The metric that an engine shows a signal by. */
export interface SignalMetric {
  /** As Prometheus shows it. */
  readonly name: string;
  /** Labels of the series that count; all of the release's where there are none. */
  readonly labels?: Readonly<Record<string, string>>;
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
  const own = { namespace: namespaceName(environment, "serving"), [releaseSeriesLabel]: release };
  const ids: readonly SignalId[] = ["waiting", "running", "cache-use"];
  return ids.flatMap((id) => {
    const metric = metrics[id];
    if (metric === undefined) return [];
    const { name, labels, over } = metric;
    return [{ id, query: `${over}(${name}${selector({ ...own, ...labels })})`, metrics: [name] }];
  });
}

function selector(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(",")}}`;
}
