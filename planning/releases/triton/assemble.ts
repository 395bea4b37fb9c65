import { tritonServer } from "../../../catalog/triton";
import { openaiFrontEnd } from "../../../catalog/triton-images";
import type { TritonModelSettings, TritonSettings } from "../../../environment";
import { podsUsdPerHour } from "../../cost";
import type { By, Endpoint, Flow, TritonModelPlan, TritonPlan } from "../../plan";
import { rolloutFor, type ReplicaLevels } from "../../room";
import type { TimeBudget } from "../../time";
import { apiKeyOf, dnsFlow, ingressFlows } from "../parts";
import type { VllmWeights } from "../vllm-weights";
import { engineKey } from "./artefact";
import { servedVersions } from "./check-model";
import { ensemblesOf, servedModel } from "./check-release";
import { modelConfig } from "./config";
import type { Demand } from "./demand";
import type { TritonGround } from "./ground";
import { engineArguments, languagePlan, type LanguageChosen } from "./language";
import { tokenizerOf, tritonPod } from "./pod";
import { apiKeyVariable, repositoryPath, serverArgs } from "./server";
import { queueShare, tritonSignals } from "./signals";

/** Everything about a release of Triton but its durations. */
export interface Decided {
  readonly settings: TritonSettings;
  readonly on: TritonGround;
  /** Null where all models are declared. */
  readonly language: LanguageChosen | null;
  readonly weights: VllmWeights | null;
  readonly image: string;
  readonly demand: Demand;
  readonly levels: ReplicaLevels;
}

export function assemble(decided: Decided, surge: boolean, seconds: TimeBudget): TritonPlan {
  const { settings, on, language, weights, image, demand, levels } = decided;
  const served = servedModel(settings) ?? Object.keys(settings.models)[0] ?? on.release;
  const endpoint = endpointOf(settings, on, served);
  const models = modelPlans(decided);
  const { tokenizer, chatTemplate } = tokenizerOf(settings, weights);
  const args = serverArgs({
    settings,
    models: Object.keys(models),
    drainSeconds: seconds.drain,
    tokenizer,
    chatTemplate,
  });
  const { pod, buckets } = tritonPod({
    environment: on.environment,
    release: on.release,
    settings,
    models,
    image,
    demand,
    args,
    weights,
  });
  return {
    kind: "triton",
    name: on.release,
    pool: on.pool.name,
    model: language?.settings.model ?? served,
    version: on.version,
    runs: { kind: "deployment" },
    replicas: levels,
    rollout: rolloutFor(levels.max, surge),
    resources: demand.resources,
    pod,
    seconds,
    placement: on.pool.placement,
    endpoint,
    apiKey: { variable: apiKeyVariable, key: apiKeyOf(settings.apiKey) },
    flows: flows(on, endpoint, weights),
    ...(buckets.length === 0 ? {} : { buckets }),
    usdPerHour: podsUsdPerHour(demand.resources, levels.max, on.pool),
    models,
    queueShare: queueShare({ ...on, models: settings.models, served }),
    ...(language === null || weights === null ? {} : languagePlan(language, weights)),
  };
}

function flows(
  { environment }: TritonGround,
  { port, metrics }: Endpoint,
  weights: VllmWeights | null,
): readonly Flow[] {
  return [...ingressFlows(environment, port, metrics?.port ?? port), dnsFlow, ...(weights?.parts.flows ?? [])];
}

function endpointOf(settings: TritonSettings, on: TritonGround, served: string): Endpoint {
  const { httpPort, metricsPort, openaiPort, livePath, readyPath, metricsPath } = tritonServer;
  const signals = tritonSignals({ ...on, models: settings.models, served });
  const known = { service: on.release, signals, servedModel: served };
  if (settings.openai === undefined)
    return {
      ...known,
      protocol: "kserve-v2",
      port: httpPort,
      probes: { ready: readyPath, live: livePath },
      metrics: { port: metricsPort, path: metricsPath },
    };
  return {
    ...known,
    protocol: "openai",
    port: openaiPort,
    // It has no other path that says how it is.
    probes: { ready: openaiFrontEnd.readyPath, live: openaiFrontEnd.readyPath },
    metrics: { port: openaiPort, path: openaiFrontEnd.metricsPath },
  };
}

function modelPlans({ settings, language, weights }: Decided): By<TritonModelPlan> {
  const orders = new Map(ensemblesOf(settings).map(([name, { order }]) => [name, order]));
  return Object.fromEntries(
    Object.entries(settings.models).map(([name, model]): [string, TritonModelPlan] => [
      name,
      {
        backend: model.backend,
        config: modelConfig({ name, model, parameters: parameters(name, model), order: orders.get(name) ?? [] }),
        versions: servedVersions(model),
        engine: engineKey(model),
        arguments: language?.name === name && weights !== null ? engineArguments(language, weights) : null,
      },
    ]),
  );
}

/** Parameters of TensorRT-LLM's backend that have settings of their own, or follow from where its engine is. */
function parameters(name: string, model: TritonModelSettings): By<string> {
  if (model.backend !== "tensorrtllm") return {};
  const version = servedVersions(model).at(-1) ?? 1;
  return {
    gpt_model_type: "inflight_fused_batching",
    gpt_model_path: `${repositoryPath}/${name}/${version}`,
    executor_worker_path: "/opt/tritonserver/backends/tensorrtllm/trtllmExecutorWorker",
    batch_scheduler_policy: model.schedulerPolicy,
    kv_cache_free_gpu_mem_fraction: String(model.kvCacheShare),
    enable_kv_cache_reuse: String(model.kvCacheReuse),
    enable_chunked_context: String(model.chunkedContext),
    exclude_input_in_output: "true",
  };
}
