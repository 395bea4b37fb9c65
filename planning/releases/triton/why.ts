import { tritonServer } from "../../../catalog/triton";
import { explainSize } from "../../explain-size";
import { priceOfPods } from "../../cost";
import { explainMemory } from "../../memory";
import type { Arithmetic, By, Term, TritonPlan } from "../../plan";
import { explainRollout } from "../../room";
import { explainTime, type TimeBudget, type TimeQuestion } from "../../time";
import { fixed, prefixed, setting } from "../../why";
import type { Decided } from "./assemble";

export interface Explained {
  readonly surge: boolean;
  readonly seconds: TimeBudget;
  readonly question: TimeQuestion;
  readonly whyOfLevels: By<Arithmetic>;
}

/** The arithmetic of every number of the plan, by path inside it. */
export function explainTriton(
  plan: TritonPlan,
  decided: Decided,
  { surge, seconds, question, whyOfLevels }: Explained,
): By<Arithmetic> {
  const { resources, replicas, usdPerHour } = plan;
  const { pool } = decided.on;
  return {
    ...whyOfPorts(plan),
    ...whyOfDemand(decided),
    ...prefixed("models", Object.fromEntries(numbersOf(plan.models).map(([path, value]) => [path, declared(value)]))),
    ...(decided.language === null ? prefixed("replicas", whyOfLevels) : whyOfLanguage(plan, decided)),
    ...prefixed("rollout", explainRollout(replicas.max, surge ? "certain" : "none")),
    ...prefixed("seconds", explainTime(question, seconds)),
    ...whyOfBuckets(plan),
    ...(usdPerHour === null
      ? {}
      : { usdPerHour: { ...priceOfPods(resources, replicas.max, pool), result: usdPerHour, unit: "$/h" } }),
  };
}

function whyOfLanguage(plan: TritonPlan, { language, on, settings }: Decided): By<Arithmetic> {
  if (language === null) return {};
  const { choice } = language;
  return {
    ...choice.why,
    context: setting("context", language.settings.context, "tokens"),
    pipelineParallel: setting("pipelineParallel", language.settings.pipelineParallel),
    dataParallel: fixed("one engine in a pod", choice.replica.parallel.data, "Triton's backends have one"),
    ...prefixed("memory", explainMemory(choice.replica)),
    ...explainSize(choice.replica, choice.split, plan.replicas, choice.speed, settings.replicas, on.load ?? null),
  };
}

function whyOfDemand({ demand }: Decided): By<Arithmetic> {
  const { resources, shmGiB, tmpGiB, cacheGiB, onGpu, terms } = demand;
  const sum = (of: readonly Term[], result: number, unit: string): Arithmetic => ({
    formula: "the server, and copies of each model × what one takes, rounded up",
    terms: of,
    result,
    unit,
  });
  const gpus = onGpu.flatMap((of, index): Term[] =>
    of.map(({ name, value, unit = "GiB" }) => ({ name: `GPU ${index}: ${name}`, value, unit })),
  );
  return {
    "resources.cpu": sum(terms.cpu, resources.cpu, "CPU"),
    "resources.memoryGiB": sum(terms.memoryGiB, resources.memoryGiB, "GiB"),
    "resources.diskGiB": {
      formula: "cache + /tmp + logs",
      terms: terms.diskGiB,
      result: resources.diskGiB,
      unit: "GiB",
    },
    "resources.gpus": {
      formula: "one more than the highest GPU that a copy names",
      terms: gpus,
      result: resources.gpus,
    },
    "pod.volumes.shm.sizeGiB": setting("sharedMemory", shmGiB, "GiB"),
    "pod.volumes.tmp.sizeGiB": { formula: "the same for every release", terms: [], result: tmpGiB, unit: "GiB" },
    ...(cacheGiB === 0
      ? {}
      : {
          "pod.volumes.cache.sizeGiB": {
            formula: "what the engine downloads and compiles, as in a release of vLLM",
            terms: [],
            result: cacheGiB,
            unit: "GiB",
          },
        }),
  };
}

function whyOfPorts({ pod, endpoint, flows }: TritonPlan): By<Arithmetic> {
  const { source } = tritonServer.source;
  const port = (value: number): Arithmetic => fixed("the port of Triton's server", value, source);
  const reached = flows.flatMap((flow, index): [string, Arithmetic][] => {
    if (!("port" in flow)) return [];
    const why = flow.direction === "ingress" ? port(flow.port) : { formula: flow.reason, terms: [], result: flow.port };
    return [[`flows.${index}.port`, why]];
  });
  return {
    ...Object.fromEntries(reached),
    "pod.user.id": fixed("the user of Triton's image that is not root", pod.user.id, source),
    "pod.user.group": fixed("the group of that user", pod.user.group, source),
    "endpoint.port": port(endpoint.port),
    ...(endpoint.metrics === null ? {} : { "endpoint.metrics.port": port(endpoint.metrics.port) }),
    ...Object.fromEntries(
      Object.entries(pod.container.ports).map(([name, value]) => [`pod.container.ports.${name}`, port(value)]),
    ),
  };
}

/** Files of a bucket belong to whom the pod runs as. */
function whyOfBuckets({ buckets = [], pod }: TritonPlan): By<Arithmetic> {
  const { source } = tritonServer.source;
  return Object.fromEntries(
    buckets.flatMap((_, index): [string, Arithmetic][] => [
      [`buckets.${index}.user.id`, fixed("the user of Triton's image that is not root", pod.user.id, source)],
      [`buckets.${index}.user.group`, fixed("the group of that user", pod.user.group, source)],
    ]),
  );
}

/** Every number inside a value, by its path. */
function numbersOf(value: unknown, path = ""): readonly (readonly [path: string, value: number])[] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, path === "" ? key : `${path}.${key}`));
}

function declared(result: number): Arithmetic {
  return { formula: "as the model is described, or its backend has it", terms: [], result };
}
