import { findGpu } from "../catalog/gpus";
import { vllmBehaviour, vllmServer, vllmUser } from "../catalog/engines";
import { vllmImage, vllmImageDigest } from "../catalog/images";
import { resolveModel, type ResolvedModel } from "../catalog/model-names";
import type { DescribedModel, Measurement, Path, VllmSettings } from "../environment";
import { choose, type Choice } from "./vllm-choice";
import { cachePath, planWeights, vllmArgs, vllmVariables } from "./vllm-container";
import { errorAt, warningAt, type Finding } from "./findings";
import { gpusUsdPerHour, priceOfGpus } from "./cost";
import type { ReleaseLoad } from "./load";
import { explainHost, explainMemory } from "./memory";
import { namespaceName, parts } from "./names";
import type { Arithmetic, By, Flow, PoolPlan, VllmPlan, WeightsPlan } from "./plan";
import { explainRollout, rolloutFor } from "./room";
import { explainSize } from "./explain-size";
import { explainTime, planTime, timeFindings, type TimeBudget, type TimeQuestion } from "./time";
import { fixed, prefixed, setting } from "./why";

/** What a vLLM release stands on. */
export interface VllmGround {
  readonly environment: string;
  readonly release: string;
  readonly pool: PoolPlan;
  /** vLLM's version, one of the catalogue's. */
  readonly version: string;
  /** Overrides the public image of that version. */
  readonly image?: string | undefined;
  /** Models that the environment describes beside those of the catalogue. */
  readonly models?: By<DescribedModel>;
  /** What engines said about themselves when they started. */
  readonly measured?: readonly Measurement[];
  /** What routes ask of the release; null where none says. */
  readonly load?: ReleaseLoad | null;
  /** The pool is proven to have room for one pod more than `replicas`. */
  readonly surge: boolean;
}

export interface VllmPlanned {
  readonly plan?: VllmPlan;
  readonly findings: readonly Finding[];
  /** The arithmetic of the plan's numbers, by path inside it. Made when it is read: not every plan is taken. */
  readonly why: By<Arithmetic>;
}

/** A release whose layout is chosen; whether it may surge is known when all of its pool are. */
export interface VllmChosen {
  readonly settings: VllmSettings;
  readonly on: Omit<VllmGround, "surge">;
  readonly choice?: Choice | undefined;
  readonly findings: readonly Finding[];
}

/** Plans one vLLM release on one pool: everything about it that is a number or a choice. */
export function planVllm(settings: VllmSettings, on: VllmGround): VllmPlanned {
  return planChosen(chooseVllm(settings, on), on.surge);
}

/** The part of a release's plan that takes time. */
export function chooseVllm(settings: VllmSettings, on: Omit<VllmGround, "surge">): VllmChosen {
  const at: Path = ["releases", on.release];
  const model = modelNamed(settings.model, on.models ?? {});
  const gpu = findGpu(on.pool.accelerator);
  if (gpu === undefined) throw new RangeError(`not in the catalogue: ${on.pool.accelerator}`);

  const { load = null, measured = [] } = on;
  const { pool, version } = on;
  const { choice, findings: chosen } = choose({ settings, model, gpu, pool, version, load, measured, at });
  return { settings, on, choice, findings: [...chosen, ...missingToken(settings, model, at)] };
}

/** The plan of a release whose layout is chosen. */
export function planChosen({ settings, on: ground, choice, findings }: VllmChosen, surge: boolean): VllmPlanned {
  if (choice === undefined) return { findings, why: {} };

  const on = { ...ground, surge };
  const at: Path = ["releases", on.release];
  const question = timeQuestion(settings, on, choice);
  const seconds = planTime(question);
  const plan = assemble({ settings, on, choice, seconds });
  const spot = on.pool.rented?.purchase[0] === "spot";
  return {
    plan,
    findings: [...findings, ...notScaled(plan, at), ...timeFindings(on.release, question, seconds, { spot })],
    get why() {
      return whyOf(plan, { settings, on, choice, seconds }, question);
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

function timeQuestion(settings: VllmSettings, on: VllmGround, { replica, size, host }: Choice): TimeQuestion {
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
    rollout: rolloutFor(max, on.surge),
  };
}

interface Pieces {
  readonly settings: VllmSettings;
  readonly on: VllmGround;
  readonly choice: Choice;
  readonly seconds: TimeBudget;
}

function assemble({ settings, on, choice, seconds }: Pieces): VllmPlan {
  const { port, healthPath, metricsPath } = vllmServer;
  const { replica, published, size, host, speed, split, dataType, runnersUp } = choice;
  const weights = planWeights(settings);
  const { levels } = size;
  return {
    kind: "vllm",
    name: on.release,
    pool: on.pool.name,
    model: settings.model,
    modelSource: replica.model.source,
    context: settings.context,
    image: on.image ?? publicImage(on.version),
    version: on.version,
    replicas: levels,
    rollout: rolloutFor(levels.max, on.surge),
    tensorParallel: replica.parallel.tensor,
    pipelineParallel: replica.parallel.pipeline,
    dataParallel: replica.parallel.data,
    expertParallel: replica.parallel.expert,
    dataType,
    quantization: replica.weights,
    args: vllmArgs({ release: on.release, settings, replica, published, dataType, drainSeconds: seconds.drain, port }),
    variables: vllmVariables(weights),
    weights,
    shmGiB: host.shmGiB,
    cacheGiB: host.cacheGiB,
    cachePath,
    tmpGiB: host.tmpGiB,
    resources: { cpu: host.cpu, memoryGiB: host.memoryGiB, diskGiB: host.diskGiB, gpus: host.gpus },
    user: { id: vllmUser.user, group: vllmUser.group },
    seconds,
    placement: on.pool.placement,
    endpoint: { service: on.release, port, healthPath, metricsPath, servedModel: on.release },
    flows: flows(on.environment, port, weights),
    memory: split,
    speed,
    runnersUp,
    apiKey: settings.apiKey === "generated" ? { from: "generated" } : { from: "secret", ...settings.apiKey },
    usdPerHour: gpusUsdPerHour(host.gpus * levels.max, on.pool),
  };
}

function whyOf(plan: VllmPlan, { settings, on, choice, seconds }: Pieces, time: TimeQuestion): By<Arithmetic> {
  const load = on.load ?? null;
  return {
    ...whyOfFixed(plan),
    ...choice.why,
    ...prefixed("rollout", explainRollout(plan.replicas.max, on.surge ? "certain" : "none")),
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

/** The tag is for people, the digest decides; where the catalogue knows no digest the tag alone is left. */
function publicImage(version: string): string {
  const digest = vllmImageDigest(version);
  const tagged = `${vllmImage.repository}:${vllmImage.tag(version)}`;
  return digest === undefined ? tagged : `${tagged}@${digest.digest}`;
}

/** The gateway sends requests, the metrics collector reads metrics, the pod looks names up and may fetch its weights. */
function flows(environment: string, port: number, weights: WeightsPlan): readonly Flow[] {
  const namespace = namespaceName(environment, "platform");
  const inward = [parts.gateway, parts.observability].map((part): Flow => ({
    direction: "ingress",
    from: { namespace, part },
    port,
  }));
  const hub: Flow = {
    direction: "egress",
    to: "internet",
    port: 443,
    reason: "weights are downloaded from the Hugging Face hub",
  };
  return [...inward, { direction: "egress", to: "dns" }, ...(weights.from === "hub" ? [hub] : [])];
}

function missingToken(settings: VllmSettings, { model }: ResolvedModel, at: Path): readonly Finding[] {
  if (model.gated !== "yes" || settings.weights.from !== "hub" || settings.weights.token !== undefined) return [];
  const message = `${model.id} is gated: the hub answers only to a token whose owner accepted its terms`;
  const fix = "Name the Secret that holds the token: `token: { secret: hf-token, key: token }` under `weights`.";
  return [errorAt([...at, "weights"], "token-missing", message, fix)];
}

/** What settings say as they stand, and what is the same for every release of this engine. */
function whyOfFixed({ user, endpoint, flows, pipelineParallel, dataParallel }: VllmPlan): By<Arithmetic> {
  const { source } = vllmUser.source;
  const ports = flows.flatMap((flow, index): readonly (readonly [string, Arithmetic])[] => {
    if (!("port" in flow)) return [];
    const formula = flow.direction === "ingress" ? "the port that the engine listens on" : flow.reason;
    return [[`flows.${index}.port`, { formula, terms: [], result: flow.port }]];
  });
  return {
    pipelineParallel: setting("pipelineParallel", pipelineParallel),
    dataParallel: setting("dataParallel", dataParallel),
    "user.id": fixed("the user of vLLM's image that is not root", user.id, source),
    "user.group": fixed("the group of that user", user.group, source),
    "endpoint.port": fixed("the port of vLLM's server", endpoint.port, vllmServer.source.source),
    ...Object.fromEntries(ports),
  };
}

function costWhy({ resources, replicas }: VllmPlan, usdPerHour: number, pool: PoolPlan): Arithmetic {
  return { ...priceOfGpus(resources.gpus, replicas.max, pool), result: usdPerHour, unit: "$/h" };
}
