import { findGpu } from "../../catalog/gpus";
import { vllmMetrics } from "../../catalog/engine-flags";
import { vllmBehaviour, vllmServer, vllmUser } from "../../catalog/engines";
import { vllmImage, vllmImageDigest } from "../../catalog/images";
import { resolveModel, type ResolvedModel } from "../../catalog/model-names";
import type { DescribedModel, Path, VllmSettings } from "../../environment";
import { gpusUsdPerHour, priceOfGpus } from "../cost";
import { explainSize } from "../explain-size";
import { errorAt, warningAt, type Finding } from "../findings";
import { explainHost, explainMemory } from "../memory";
import type { Arithmetic, By, Flow, PoolPlan, SignalId, VllmPlan, WeightsPlan } from "../plan";
import { explainRollout, rolloutFor } from "../room";
import { explainTime, planTime, timeFindings, type TimeBudget, type TimeQuestion } from "../time";
import { choose, type Choice } from "../vllm-choice";
import { fixed, prefixed, setting } from "../why";
import type { Chosen, Ground, Planned } from "./ground";
import { apiKeyOf, dnsFlow, imageReference, ingressFlows } from "./parts";
import { planWeights, vllmPod } from "./vllm-container";
import { loadSignals, type SignalMetric } from "./signals";

/** Plans one vLLM release on one pool: everything about it that is a number or a choice. */
export function planVllm(settings: VllmSettings, on: Ground & { readonly surge: boolean }): Planned<VllmPlan> {
  return chooseVllm(settings, on).planned(on.surge);
}

/** The part of a release's plan that takes time. */
export function chooseVllm(settings: VllmSettings, on: Ground): Chosen<VllmPlan> {
  const at: Path = ["releases", on.release];
  const model = modelNamed(settings.model, on.models ?? {});
  const gpu = findGpu(on.pool.accelerator);
  if (gpu === undefined) throw new RangeError(`not in the catalogue: ${on.pool.accelerator}`);

  const { load = null, measured = [] } = on;
  const { pool, version } = on;
  const { choice, findings: chosen } = choose({ settings, model, gpu, pool, version, load, measured, at });
  const findings = [...chosen, ...missingToken(settings, model, at)];
  return {
    release: on.release,
    planned: (surge) =>
      choice === undefined ? { findings, why: {} } : planned({ settings, on, choice }, surge, findings),
  };
}

interface Decided {
  readonly settings: VllmSettings;
  readonly on: Ground;
  readonly choice: Choice;
}

/** The plan of a release whose layout is chosen. */
function planned(decided: Decided, surge: boolean, findings: readonly Finding[]): Planned<VllmPlan> {
  const { on } = decided;
  const at: Path = ["releases", on.release];
  const question = timeQuestion(decided, surge);
  const seconds = planTime(question);
  const plan = assemble({ ...decided, surge, seconds });
  const spot = on.pool.rented?.purchase[0] === "spot";
  return {
    plan,
    findings: [...findings, ...notScaled(plan, at), ...timeFindings(on.release, question, seconds, { spot })],
    get why() {
      return whyOf(plan, { ...decided, surge, seconds }, question);
    },
  };
}

/** A model of the environment's own, or the one that the catalogue knows by this name. */
function modelNamed(name: string, models: By<DescribedModel>): ResolvedModel {
  const described = Object.hasOwn(models, name) ? models[name] : undefined;
  if (described !== undefined) return { model: described, format: described.format };
  const found = resolveModel(name);
  if (found === undefined) throw new RangeError(`not in the catalogue: ${name}`);
  return found;
}

function timeQuestion({ settings, on, choice: { replica, size, host } }: Decided, surge: boolean): TimeQuestion {
  const { weights, longestRequest, enforceEager: eager } = settings;
  const { model, measured } = replica;
  const { max } = size.levels;
  const byLog = (value: number | undefined) =>
    value === undefined || measured === null ? undefined : { value, source: `${measured.source} (${measured.date})` };
  const measuredLoad = byLog(measured?.loadSeconds);
  const measuredEngineStart = byLog(measured?.engineStartSeconds);
  const owned = on.pool.provisioningSeconds === 0;
  return {
    weights: {
      gigabytes: host.weightsGB,
      from: weights.from,
      // After an outage all pods read the shared volume at once.
      ...(weights.from === "pvc" ? { readersAtOnce: max } : {}),
      networkMbps: on.pool.rented?.networkMbps ?? null,
      ...(weights.throughput === undefined
        ? {}
        : { measured: { value: weights.throughput, source: "the setting `weights.throughput`" } }),
    },
    image: { gigabytes: null, pull: "layers" },
    node: owned
      ? { kind: "existing" }
      : { kind: "cloud", measured: { value: on.pool.provisioningSeconds, source: "the setting `provisioning`" } },
    engine: {
      kind: "vllm",
      drains: vllmBehaviour(on.version)?.shutdownTimeoutFlag ?? true,
      layers: model.layers.full + model.layers.sliding + model.layers.linear,
      eager,
      // The cache lies in a volume that goes with the pod.
      compileCache: false,
    },
    ...(measuredEngineStart === undefined ? {} : { measuredEngineStart }),
    ...(measuredLoad === undefined ? {} : { measuredLoad }),
    longestRequest,
    replicas: max,
    rollout: rolloutFor(max, surge),
  };
}

interface Pieces extends Decided {
  readonly surge: boolean;
  readonly seconds: TimeBudget;
}

function assemble({ settings, on, choice, surge, seconds }: Pieces): VllmPlan {
  const { port, healthPath, metricsPath } = vllmServer;
  const { replica, published, size, host, speed, split, dataType, runnersUp } = choice;
  const weights = planWeights(settings);
  const { levels } = size;
  const image = on.image ?? publicImage(on.version);
  return {
    kind: "vllm",
    name: on.release,
    pool: on.pool.name,
    model: settings.model,
    modelSource: replica.model.source,
    context: settings.context,
    version: on.version,
    runs: { kind: "deployment" },
    replicas: levels,
    rollout: rolloutFor(levels.max, surge),
    tensorParallel: replica.parallel.tensor,
    pipelineParallel: replica.parallel.pipeline,
    dataParallel: replica.parallel.data,
    expertParallel: replica.parallel.expert,
    dataType,
    quantization: replica.weights,
    weights,
    resources: { cpu: host.cpu, memoryGiB: host.memoryGiB, diskGiB: host.diskGiB, gpus: host.gpus },
    pod: vllmPod({
      ...on,
      settings,
      replica,
      published,
      dataType,
      host,
      weights,
      image,
      port,
      drainSeconds: seconds.drain,
    }),
    seconds,
    placement: on.pool.placement,
    endpoint: {
      service: on.release,
      protocol: "openai",
      port,
      probes: { ready: healthPath, live: healthPath },
      metrics: { port, path: metricsPath },
      signals: loadSignals(on.environment, on.release, vllmSignals(on.version)),
      servedModel: on.release,
    },
    apiKey: { variable: "VLLM_API_KEY", key: apiKeyOf(settings.apiKey) },
    flows: flows(on.environment, port, weights),
    memory: split,
    speed,
    runnersUp,
    usdPerHour: gpusUsdPerHour(host.gpus * levels.max, on.pool),
  };
}

function whyOf(plan: VllmPlan, { settings, on, choice, surge, seconds }: Pieces, time: TimeQuestion): By<Arithmetic> {
  const load = on.load ?? null;
  return {
    ...whyOfFixed(plan),
    ...choice.why,
    ...prefixed("rollout", explainRollout(plan.replicas.max, surge ? "certain" : "none")),
    ...prefixed("memory", explainMemory(choice.replica)),
    ...explainHost(choice.host, settings.weights.from === "hub"),
    ...prefixed("seconds", explainTime(time, seconds)),
    ...explainSize(choice.replica, choice.split, plan.replicas, plan.speed, settings.replicas, load),
    ...(plan.usdPerHour === null ? {} : { usdPerHour: costWhy(plan, plan.usdPerHour, on.pool) }),
  };
}

/** Bounds that nothing moves between: an autoscaler is not declared yet. */
function notScaled({ replicas, name }: VllmPlan, at: Path): readonly Finding[] {
  if (replicas.min === replicas.max) return [];
  const message = `nothing scales ${name} between ${replicas.min} and ${replicas.max} pods yet: ${replicas.min} run`;
  return [warningAt([...at, "replicas"], "not-scaled", message, "Write the number that is to run.")];
}

function publicImage(version: string): string {
  return imageReference(vllmImage.repository, vllmImage.tag(version), vllmImageDigest(version)?.digest);
}

/** Beside its clients the pod talks to the resolver, and to the hub where it fetches its weights there. */
function flows(environment: string, port: number, weights: WeightsPlan): readonly Flow[] {
  const hub: Flow = {
    direction: "egress",
    to: "internet",
    port: 443,
    reason: "weights are downloaded from the Hugging Face hub",
  };
  return [...ingressFlows(environment, port), dnsFlow, ...(weights.from === "hub" ? [hub] : [])];
}

/** Of the requests that wait only those count that wait for room, where the version tells them apart. */
export function vllmSignals(version: string): Readonly<Record<SignalId, SignalMetric>> {
  const byReason = "vllm:num_requests_waiting_by_reason";
  const waiting: SignalMetric =
    vllmMetrics(version)?.has(byReason) === true
      ? { name: byReason, labels: { reason: "capacity" }, over: "sum" }
      : { name: "vllm:num_requests_waiting", over: "sum" };
  return {
    waiting,
    running: { name: "vllm:num_requests_running", over: "sum" },
    "cache-use": { name: "vllm:kv_cache_usage_perc", over: "avg" },
  };
}

function missingToken(settings: VllmSettings, { model }: ResolvedModel, at: Path): readonly Finding[] {
  if (model.gated !== "yes" || settings.weights.from !== "hub" || settings.weights.token !== undefined) return [];
  const message = `${model.id} is gated: the hub answers only to a token whose owner accepted its terms`;
  const fix = "Name the Secret that holds the token: `token: { secret: hf-token, key: token }` under `weights`.";
  return [errorAt([...at, "weights"], "token-missing", message, fix)];
}

/** What settings say as they stand, and what is the same for every release of this engine. */
function whyOfFixed({ pod, endpoint, flows, pipelineParallel, dataParallel }: VllmPlan): By<Arithmetic> {
  const { source } = vllmUser.source;
  const ports = flows.flatMap((flow, index): readonly (readonly [string, Arithmetic])[] => {
    if (!("port" in flow)) return [];
    const formula = flow.direction === "ingress" ? "the port that the engine listens on" : flow.reason;
    return [[`flows.${index}.port`, { formula, terms: [], result: flow.port }]];
  });
  return {
    pipelineParallel: setting("pipelineParallel", pipelineParallel),
    dataParallel: setting("dataParallel", dataParallel),
    "pod.user.id": fixed("the user of vLLM's image that is not root", pod.user.id, source),
    "pod.user.group": fixed("the group of that user", pod.user.group, source),
    ...Object.fromEntries(
      ["endpoint.port", "endpoint.metrics.port", "pod.container.ports.http"].map((path) => [
        path,
        fixed("the port of vLLM's server", endpoint.port, vllmServer.source.source),
      ]),
    ),
    ...Object.fromEntries(ports),
  };
}

function costWhy({ resources, replicas }: VllmPlan, usdPerHour: number, pool: PoolPlan): Arithmetic {
  return { ...priceOfGpus(resources.gpus, replicas.max, pool), result: usdPerHour, unit: "$/h" };
}
