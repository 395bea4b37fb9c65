import { findGpu } from "../catalog/gpus";
import { findModel, type Model } from "../catalog/models";
import { vllmServer, vllmUser } from "../catalog/engines";
import { vllmImage, vllmImageDigest } from "../catalog/images";
import type { Path, VllmSettings } from "../environment";
import { choose, type Choice } from "./vllm-choice";
import { cachePath, planWeights, vllmArgs, vllmVariables } from "./vllm-container";
import { podResources } from "./vllm-resources";
import { namespaceName, parts } from "./names";
import { gpusUsdPerHour } from "./cost";
import { errorAt, type Finding } from "./findings";
import type { Arithmetic, By, Flow, PoolPlan, VllmPlan, WeightsPlan } from "./plan";
import { rolloutFor } from "./room";
import { planSeconds } from "./seconds";

/** What a vLLM release stands on. */
export interface VllmGround {
  readonly environment: string;
  readonly release: string;
  readonly pool: PoolPlan;
  /** vLLM's version, one of the catalogue's. */
  readonly version: string;
  /** Overrides the public image of that version. */
  readonly image?: string | undefined;
  /** The pool is proven to have room for one pod more than `replicas`. */
  readonly surge: boolean;
}

export interface VllmPlanned {
  readonly plan?: VllmPlan;
  readonly findings: readonly Finding[];
  /** The arithmetic of the plan's numbers, by path inside it. */
  readonly why: By<Arithmetic>;
}

/** Plans one vLLM release on one pool: everything about it that is a number or a choice. */
export function planVllm(settings: VllmSettings, on: VllmGround): VllmPlanned {
  const at: Path = ["releases", on.release];
  const model = findModel(settings.model);
  const gpu = findGpu(on.pool.accelerator);
  if (model === undefined || gpu === undefined)
    throw new RangeError(`not in the catalogue: ${settings.model} or ${on.pool.accelerator}`);

  const { choice, findings: chosen } = choose({ settings, model, gpu, gpusPerNode: on.pool.gpusPerNode, at });
  const findings = [...chosen, ...missingToken(settings, model, at)];
  if (choice === undefined) return { findings, why: {} };

  const resources = podResources(model, choice.tensorParallel, settings.weights.from);
  const { seconds, why: secondsWhy } = planSeconds({
    weightsGB: resources.weightsGB,
    weightsFrom: settings.weights.from,
    longestRequest: settings.longestRequest,
    replicas: settings.replicas,
    rollout: rolloutFor(settings.replicas, on.surge),
  });
  const plan = assemble({ settings, on, model, choice, resources, seconds });
  const why = {
    ...prefixed("memory", choice.why),
    ...prefixed("resources", resources.why),
    ...prefixed("seconds", secondsWhy),
    usdPerHour: costWhy(plan, on.pool),
  };
  return { plan, findings, why };
}

interface Pieces {
  readonly settings: VllmSettings;
  readonly on: VllmGround;
  readonly model: Model;
  readonly choice: Choice;
  readonly resources: ReturnType<typeof podResources>;
  readonly seconds: VllmPlan["seconds"];
}

function assemble({ settings, on, model, choice, resources, seconds }: Pieces): VllmPlan {
  const { port, healthPath, metricsPath } = vllmServer;
  const weights = planWeights(settings);
  const container = { release: on.release, settings, tensorParallel: choice.tensorParallel, dataType: choice.dataType };
  return {
    kind: "vllm",
    name: on.release,
    pool: on.pool.name,
    model: model.id,
    context: settings.context,
    image: on.image ?? publicImage(on.version),
    version: on.version,
    replicas: { min: settings.replicas, max: settings.replicas },
    rollout: rolloutFor(settings.replicas, on.surge),
    tensorParallel: choice.tensorParallel,
    args: vllmArgs({ ...container, drainSeconds: seconds.drain, port }),
    variables: vllmVariables(weights),
    weights,
    shmGiB: resources.shmGiB,
    cacheGiB: resources.cacheGiB,
    cachePath,
    tmpGiB: resources.tmpGiB,
    resources: resources.pod,
    user: { id: vllmUser.user, group: vllmUser.group },
    seconds,
    placement: on.pool.placement,
    endpoint: { service: on.release, port, healthPath, metricsPath, servedModel: on.release },
    flows: flows(on.environment, port, weights),
    memory: choice.split,
    apiKey: settings.apiKey === "generated" ? { from: "generated" } : { from: "secret", ...settings.apiKey },
    usdPerHour: gpusUsdPerHour(resources.pod.gpus * settings.replicas, on.pool),
  };
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

function missingToken(settings: VllmSettings, model: Model, at: Path): readonly Finding[] {
  if (model.gated !== "yes" || settings.weights.from !== "hub" || settings.weights.token !== undefined) return [];
  const message = `${model.id} is gated: the hub answers only to a token whose owner accepted its terms`;
  const fix = "Name the Secret that holds the token: `token: { secret: hf-token, key: token }` under `weights`.";
  return [errorAt([...at, "weights"], "token-missing", message, fix)];
}

function costWhy(plan: VllmPlan, pool: PoolPlan): Arithmetic {
  const terms = [
    { name: "GPUs per pod", value: plan.resources.gpus },
    { name: "replicas", value: plan.replicas.max },
    { name: "price", value: pool.usdPerGpuHour ?? "unknown", unit: "$/GPU-hour" },
  ];
  return { formula: "GPUs per pod × replicas × price", terms, result: plan.usdPerHour ?? "unknown", unit: "$/h" };
}

function prefixed(prefix: string, why: By<Arithmetic>): By<Arithmetic> {
  return Object.fromEntries(Object.entries(why).map(([path, arithmetic]) => [`${prefix}.${path}`, arithmetic]));
}
