import { vllmMetrics } from "../../catalog/engine-flags";
import { vllmBehaviour, vllmServer, vllmUser } from "../../catalog/engines";
import { vllmImage, vllmImageDigest } from "../../catalog/images";
import { resolveModel } from "../../catalog/model-names";
import type { Model } from "../../catalog/models";
import { kubernetesMinor } from "../../catalog/versions";
import type { DescribedModel, Path, VllmSettings } from "../../environment";
import { gpusUsdPerHour, priceOfGpus } from "../cost";
import { explainSize } from "../explain-size";
import type { Finding } from "../findings";
import { explainHost, explainMemory } from "../memory";
import type { Arithmetic, By, GpuPoolPlan, PoolPlan, SignalId, VllmPlan } from "../plan";
import { gpuOfPool } from "../pool-sharing";
import { explainRollout, rolloutFor } from "../room";
import { explainTime, planTime, timeFindings, type TimeBudget, type TimeQuestion } from "../time";
import { choose, type Choice } from "../vllm-choice";
import { weightsFindings } from "../weights";
import { fixed, prefixed, setting } from "../why";
import { overMachines } from "./group";
import type { Chosen, Ground, Planned } from "./ground";
import { operated } from "./operate";
import { apiKeyOf, dnsFlow, imageReference, ingressFlows, machineStart, modelNamed } from "./parts";
import { variableFindings } from "./arguments/variables";
import { vllmPod } from "./vllm-container";
import { featureFindings, featureFlows } from "./vllm-features";
import { loadSignals, type SignalMetric } from "./signals";
import {
  explainVllmPrefetch,
  hasOwnDraft,
  vllmPrefetch,
  vllmWeights,
  vllmWeightsTime,
  type VllmWeights,
} from "./vllm-weights";

/** Plans one vLLM release on one pool: everything about it that is a number or a choice. */
export function planVllm(
  settings: VllmSettings,
  on: Ground<GpuPoolPlan> & { readonly surge: boolean },
): Planned<VllmPlan> {
  return operated(chooseVllm(settings, on), settings, on).planned(on.surge);
}

/** The part of a release's plan that takes time. */
export function chooseVllm(
  settings: VllmSettings,
  on: Ground<GpuPoolPlan>,
  { drains = vllmBehaviour(on.version)?.shutdownTimeoutFlag ?? true }: { readonly drains?: boolean } = {},
): Chosen<VllmPlan> {
  const at: Path = ["releases", on.release];
  const model = modelNamed(settings.model, on.models ?? {});
  const gpu = gpuOfPool(on.pool);

  const { load = null, measured = [] } = on;
  const { pool, version } = on;
  const smaller = smallerModel(settings, on.models ?? {});
  const { choice, findings: chosen } = choose({ settings, model, gpu, pool, version, load, measured, smaller, at });
  const features = featureFindings({ release: on.release, version, settings, model, smaller, load, at });
  const found = weightsFindings({
    weights: settings.weights,
    at,
    version,
    kubernetes: on.cluster?.kubernetes ?? kubernetesMinor,
    model: model.model,
    ownDraft: hasOwnDraft(settings),
  });
  const findings = [...chosen, ...found, ...features];
  const image = on.image ?? publicImage(version);
  const decided = choice && {
    settings,
    on,
    choice,
    image,
    weights: vllmWeights({ settings, on, choice, image }),
    drains,
  };
  const chosenOne: Chosen<VllmPlan> = {
    release: on.release,
    planned: (surge) => (decided === undefined ? { findings, why: {} } : planned(decided, surge, findings)),
  };
  return overMachines(chosenOne, settings, on);
}

interface Decided {
  readonly settings: VllmSettings;
  readonly on: Ground;
  readonly choice: Choice;
  readonly image: string;
  readonly weights: VllmWeights;
  /** Whether requests are finished after SIGTERM. */
  readonly drains: boolean;
}

/** The plan of a release whose layout is chosen. */
function planned(decided: Decided, surge: boolean, findings: readonly Finding[]): Planned<VllmPlan> {
  const { on } = decided;
  const question = timeQuestion(decided, surge);
  const seconds = planTime(question);
  const prefetch = vllmPrefetch(decided, question);
  const plan = { ...assemble({ ...decided, surge, seconds }), ...(prefetch === undefined ? {} : { prefetch }) };
  const { variables } = decided.settings;
  const strange = variableFindings(on.version, variables, plan.pod.container.variables, [
    "releases",
    on.release,
    "variables",
  ]);
  const spot = on.pool.rented?.purchase[0] === "spot";
  return {
    plan,
    replica: decided.choice.replica,
    findings: [...findings, ...strange, ...timeFindings(on.release, question, seconds, { spot })],
    get why() {
      return whyOf(plan, { ...decided, surge, seconds }, question);
    },
  };
}

/** The smaller model that guesses for the model, where one does and it is known. */
function smallerModel({ draft }: VllmSettings, models: By<DescribedModel>): Model | undefined {
  if (draft?.method !== "draft-model") return undefined;
  return Object.hasOwn(models, draft.model) ? models[draft.model] : resolveModel(draft.model)?.model;
}

function timeQuestion(decided: Decided, surge: boolean): TimeQuestion {
  const { settings, on, choice, weights } = decided;
  const { replica, size } = choice;
  const { nodes, longestRequest, enforceEager: eager } = settings;
  const { model, measured } = replica;
  const { max } = size.levels;
  const byLog = (value: number | undefined) =>
    value === undefined || measured === null ? undefined : { value, source: `${measured.source} (${measured.date})` };
  const measuredLoad = byLog(measured?.loadSeconds);
  const measuredEngineStart = byLog(measured?.engineStartSeconds);
  return {
    weights: vllmWeightsTime(decided, weights),
    image: { gigabytes: null, pull: "layers" },
    node: machineStart(on.pool),
    engine: {
      kind: "vllm",
      drains: decided.drains,
      layers: model.layers.full + model.layers.sliding + model.layers.linear,
      eager,
      compileCache: weights.plan.cache !== null,
    },
    ...(measuredEngineStart === undefined ? {} : { measuredEngineStart }),
    ...(measuredLoad === undefined ? {} : { measuredLoad }),
    longestRequest,
    replicas: max,
    podsTogether: nodes,
    rollout: rolloutFor(max, surge),
  };
}

interface Pieces extends Decided {
  readonly surge: boolean;
  readonly seconds: TimeBudget;
}

function assemble({
  settings,
  on,
  choice,
  image,
  weights: { plan: weights, parts, readers },
  surge,
  seconds,
}: Pieces): VllmPlan {
  const { port, healthPath, metricsPath } = vllmServer;
  const { replica, published, size, host, speed, split, dataType, runnersUp } = choice;
  const { levels } = size;
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
      readers,
      parts,
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
    flows: [...ingressFlows(on.environment, port), dnsFlow, ...parts.flows, ...featureFlows(settings)],
    memory: split,
    speed,
    runnersUp,
    usdPerHour: gpusUsdPerHour(host.gpus * levels.max, on.pool),
  };
}

function whyOf(
  plan: VllmPlan,
  { settings, on, choice, image, surge, seconds }: Pieces,
  time: TimeQuestion,
): By<Arithmetic> {
  const load = on.load ?? null;
  return {
    ...whyOfFixed(plan),
    ...choice.why,
    ...prefixed("rollout", explainRollout(plan.replicas.max, surge ? "certain" : "none")),
    ...prefixed("memory", explainMemory(choice.replica)),
    ...explainHost(choice.host),
    ...explainVllmPrefetch({ settings, on, choice, image }, time, plan.prefetch),
    ...prefixed("seconds", explainTime(time, seconds)),
    ...explainSize(choice.replica, choice.split, plan.replicas, plan.speed, settings.replicas, load),
    ...(plan.usdPerHour === null ? {} : { usdPerHour: costWhy(plan, plan.usdPerHour, on.pool) }),
  };
}

function publicImage(version: string): string {
  return imageReference(vllmImage.repository, vllmImage.tag(version), vllmImageDigest(version)?.digest);
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
