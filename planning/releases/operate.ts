/** What releases have beside their engine: an autoscaler, metrics that are collected, a priority. The same for all. */
import type { ReleaseSettings } from "../../environment";
import type { Arithmetic, By, ReleasePlan } from "../plan";
import {
  planMonitor,
  planScaling,
  scalingFindings,
  scrapeFlow,
  spreadFindings,
  wantsScaling,
  whyOfMonitor,
  type Scaled,
} from "../scaling";
import { fixed, prefixed } from "../why";
import type { Chosen, Ground, Planned } from "./ground";
import { hasOperator } from "./operators";

/** What decides how a release is operated, whatever its engine. */
export type OperationGround = Omit<Ground, "version" | "image">;

/** A release of any engine with what all have alike. */
export function operated<Plan extends ReleasePlan>(
  chosen: Chosen<Plan>,
  settings: ReleaseSettings,
  on: OperationGround,
): Chosen<Plan> {
  return { ...chosen, planned: (surge) => withOperation(chosen.planned(surge), settings, on) };
}

function withOperation<Plan extends ReleasePlan>(
  planned: Planned<Plan>,
  settings: ReleaseSettings,
  on: OperationGround,
): Planned<Plan> {
  const { plan, replica } = planned;
  if (plan === undefined) return planned;
  const scaled = scalingOf(plan, settings, on);
  const monitor = planMonitor(plan, on.cluster);
  const flows = [...plan.flows, ...scrapeFlow(plan, on.cluster)];
  return {
    plan: {
      ...plan,
      flows,
      priority: settings.priority,
      spread: settings.spread,
      ...(scaled === null ? {} : { scaling: scaled.scaling }),
      ...(monitor === null ? {} : { monitor }),
    },
    ...(replica === undefined ? {} : { replica }),
    findings: [
      ...planned.findings,
      ...scalingFindings({ plan, settings, on, scaled, monitored: monitor !== null }),
      ...spreadFindings(plan, settings.spread, on.pool),
    ],
    get why() {
      return {
        ...planned.why,
        ...(scaled === null ? {} : prefixed("scaling", scaled.why)),
        ...(monitor === null ? {} : prefixed("monitor", whyOfMonitor(monitor))),
        ...whyOfScrape(plan, flows),
      };
    },
  };
}

function scalingOf(plan: ReleasePlan, settings: ReleaseSettings, on: OperationGround): Scaled | null {
  const { environment, cluster, load = null } = on;
  const prometheus = cluster?.prometheus;
  if (!wantsScaling(plan) || !hasOperator(cluster, "keda") || prometheus === undefined) return null;
  return planScaling({ environment, settings, plan, load, prometheus });
}

function whyOfScrape(plan: ReleasePlan, flows: ReleasePlan["flows"]): By<Arithmetic> {
  const added = flows.slice(plan.flows.length).flatMap((flow, index): [string, Arithmetic][] => {
    if (!("port" in flow)) return [];
    const path = `flows.${plan.flows.length + index}.port`;
    return [
      [path, fixed("the port of the metrics, for the cluster's own Prometheus", flow.port, "the setting `prometheus`")],
    ];
  });
  return Object.fromEntries(added);
}
