import { smallest } from "../../harness/environments";
import { roomy, usualLoad, withRoutes, type Written } from "../parsed";

/** What a cluster has that scales releases. */
export const scalingCluster = {
  ...smallest.clusters.here,
  operators: ["keda", "prometheus-operator"],
  prometheus: "http://prometheus-operated.monitoring.svc:9090",
};

/** An environment on roomy machines whose cluster scales its one release between bounds. */
export function scaledBetween(replicas: Written, changes: Changes = {}): Written {
  const { release = {}, cluster = {}, route = {}, pool = {} } = changes;
  const routes = { large: { targets: [{ release: "chat" }], load: usualLoad, ...route } };
  const releases = { chat: { ...smallest.releases.chat, replicas, ...release } };
  const clusters = { here: { ...scalingCluster, ...cluster } };
  return withRoutes(routes, releases, { clusters, pools: { gpus: { ...roomy, ...pool } } });
}

/** What a test changes. */
export interface Changes {
  readonly release?: Written;
  readonly cluster?: Written;
  readonly route?: Written;
  readonly pool?: Written;
}
