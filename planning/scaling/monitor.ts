import type { ClusterSettings } from "../../environment";
import type { Arithmetic, By, Flow, Workload } from "../plan";
import { hasOperator } from "../releases/operators";
import { fixed } from "../why";
import type { MonitorPlan } from "./plan";
import { scrapeInterval } from "./rules";

type Measured = Pick<Workload, "endpoint" | "pod">;

/** How a release's metrics are collected; null where it shows none, or the cluster has no Prometheus operator. */
export function planMonitor(
  { endpoint: { metrics }, pod }: Measured,
  cluster: ClusterSettings | undefined,
): MonitorPlan | null {
  if (metrics === null || cluster === undefined || !hasOperator(cluster, "prometheus-operator")) return null;
  const port = Object.entries(pod.container.ports).find(([, number]) => number === metrics.port)?.[0];
  if (port === undefined) return null;
  return { port, path: metrics.path, interval: scrapeInterval, labels: cluster.monitorLabels };
}

export function whyOfMonitor({ interval }: MonitorPlan): By<Arithmetic> {
  return { interval: { ...fixed("how often engines are read", interval, "a rule of ours"), unit: "s" } };
}

/** Labels that the Prometheus operator gives the pods of every Prometheus. */
const prometheusLabels = { "app.kubernetes.io/name": "prometheus" };

/**
 * The way of the cluster's own Prometheus to the metrics, which the network policy of the release would close: known
 * where its address is that of a Service. Of one outside of the cluster nobody knows who collects for it.
 */
export function scrapeFlow({ endpoint: { metrics } }: Measured, cluster: ClusterSettings | undefined): readonly Flow[] {
  const namespace = /^https?:\/\/[^./:]+\.([^./:]+)\.svc(?:[.:/]|$)/.exec(cluster?.prometheus ?? "")?.[1];
  if (metrics === null || namespace === undefined) return [];
  return [{ direction: "ingress", from: { namespace, labels: prometheusLabels }, port: metrics.port }];
}
