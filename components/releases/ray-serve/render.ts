import { stringify } from "yaml";
import type { RayServeApplication } from "../../../planning";

/** What Ray Serve runs: YAML of `ray.serve.schema.ServeDeploySchema`, with one application of `ray.serve.llm`. */
export function serveConfig(name: string, serve: RayServeApplication): string {
  const { routePrefix, model, engine, replicas, ongoingRequests, targetRequests, shutdownSeconds } = serve;
  const { min, max } = replicas;
  const count =
    min === max
      ? { num_replicas: max }
      : { autoscaling_config: { min_replicas: min, max_replicas: max, target_ongoing_requests: targetRequests } };
  const llm = {
    model_loading_config: { model_id: model.id, model_source: model.source },
    engine_kwargs: engine,
    deployment_config: {
      ...count,
      max_ongoing_requests: ongoingRequests,
      graceful_shutdown_timeout_s: shutdownSeconds,
    },
  };
  const application = {
    name,
    route_prefix: routePrefix,
    import_path: "ray.serve.llm:build_openai_app",
    args: { llm_configs: [llm] },
  };
  return stringify({ applications: [application] });
}
