import type { OpenaiCompatibleSettings, Path } from "../../environment";
import { gpusUsdPerHour, priceOfGpus } from "../cost";
import { errorAt, warningAt, type Finding } from "../findings";
import type { Arithmetic, By, MountPlan, OpenaiCompatiblePlan, PodPlan, Term, VolumePlan } from "../plan";
import { explainRollout, rolloutFor, type ReplicaLevels } from "../room";
import { headroom, levelsOf } from "../sizing";
import { explainTime, planTime, timeFindings, type TimeBudget, type TimeQuestion } from "../time";
import { prefixed, setting } from "../why";
import type { Chosen, Ground, Planned } from "./ground";
import { apiKeyOf, dnsFlow, ingressFlows } from "./parts";
import { loadSignals } from "./signals";

/** A container that we do not know: its settings decide, and what follows from them is checked like any other's. */
export function chooseOpenaiCompatible(
  settings: OpenaiCompatibleSettings,
  on: Omit<Ground, "version" | "image">,
): Chosen<OpenaiCompatiblePlan> {
  const at: Path = ["releases", on.release];
  const needed = podsNeeded(settings, on);
  const levels = levelsOf(settings.replicas, needed);
  const found = capacityFindings(settings, on, needed, levels, at);
  return {
    release: on.release,
    planned: (surge) => planned({ settings, on, levels, surge }, found),
  };
}

interface Decided {
  readonly settings: OpenaiCompatibleSettings;
  readonly on: Omit<Ground, "version" | "image">;
  readonly levels: ReplicaLevels;
  readonly surge: boolean;
}

interface Needed {
  readonly expected: number;
  readonly most: number;
}

/** Pods that the load of the routes needs; null where no load or no capacity is known. */
function podsNeeded({ capacity }: OpenaiCompatibleSettings, { load = null }: Decided["on"]): Needed | null {
  if (capacity === undefined || load === null) return null;
  const expected = Math.max(1, Math.ceil((load.requestsPerSecond * (1 + headroom)) / capacity));
  return { expected, most: Math.max(expected, Math.ceil(load.peakRequestsPerSecond / capacity)) };
}

function capacityFindings(
  { capacity }: OpenaiCompatibleSettings,
  { load = null }: Decided["on"],
  needed: Needed | null,
  { max }: ReplicaLevels,
  at: Path,
): readonly Finding[] {
  if (load === null) return [];
  const asked = `the routes ${load.routes.join(", ")} ask ${perSecond(load.peakRequestsPerSecond)} at the worst moment`;
  if (capacity === undefined || needed === null) {
    const message = `${asked}, and nobody has said what one pod of this container serves`;
    return [warningAt(at, "capacity-unknown", message, "Measure it, and write `capacity`, such as `capacity: 4/s`.")];
  }
  if (max >= needed.most) return [];
  const message = `${asked}; at ${perSecond(capacity)} a pod that needs ${needed.most} pods, and there are ${max} at most`;
  return [
    errorAt([...at, "replicas"], "load-not-met", message, `Write \`replicas: ${needed.most}\`, or leave it out.`),
  ];
}

function perSecond(rate: number): string {
  return `${Number(rate.toPrecision(3))} requests/s`;
}

function planned(decided: Decided, found: readonly Finding[]): Planned<OpenaiCompatiblePlan> {
  const { on } = decided;
  const question = timeQuestion(decided);
  const seconds = planTime(question);
  const plan = assemble(decided, seconds);
  const spot = on.pool.rented?.purchase[0] === "spot";
  return {
    plan,
    findings: [...found, ...timeFindings(on.release, question, seconds, { spot })],
    get why() {
      return whyOf(plan, decided, question, seconds);
    },
  };
}

function timeQuestion({ settings, on: { pool }, levels: { max }, surge }: Decided): TimeQuestion {
  const { start, drains, longestRequest } = settings;
  const source = "the setting `start`";
  return {
    weights: { gigabytes: 0, from: "page-cache", networkMbps: null },
    image: { gigabytes: null, pull: "layers" },
    node:
      pool.provisioningSeconds === 0
        ? { kind: "existing" }
        : { kind: "cloud", measured: { value: pool.provisioningSeconds, source: "the setting `provisioning`" } },
    engine: { kind: "declared", drains },
    measuredLoad: { value: 0, source },
    measuredEngineStart: { value: start, source },
    longestRequest,
    replicas: max,
    rollout: rolloutFor(max, surge),
  };
}

function assemble({ settings, on, levels, surge }: Decided, seconds: TimeBudget): OpenaiCompatiblePlan {
  const { port, probes, resources, metrics, apiKey } = settings;
  const metricsPort = metrics?.port ?? port;
  return {
    kind: "openai-compatible",
    name: on.release,
    pool: on.pool.name,
    model: settings.servedModel,
    version: settings.version,
    runs: { kind: "deployment" },
    replicas: levels,
    rollout: rolloutFor(levels.max, surge),
    resources: { cpu: resources.cpu, memoryGiB: resources.memory, diskGiB: resources.disk, gpus: resources.gpus },
    pod: pod(settings),
    seconds,
    placement: on.pool.placement,
    endpoint: {
      service: on.release,
      protocol: "openai",
      port,
      probes: { ready: probes.ready, live: probes.live ?? probes.ready },
      metrics: metrics === undefined ? null : { port: metricsPort, path: metrics.path },
      signals: loadSignals(on.environment, on.release, {
        ...(metrics?.waiting === undefined ? {} : { waiting: { name: metrics.waiting, over: "sum" } }),
        ...(metrics?.running === undefined ? {} : { running: { name: metrics.running, over: "sum" } }),
      }),
      servedModel: settings.servedModel,
    },
    apiKey: apiKey === undefined ? null : { variable: apiKey.variable, key: apiKeyOf(apiKey.key) },
    flows: [...ingressFlows(on.environment, port, metricsPort), dnsFlow],
    usdPerHour: gpusUsdPerHour(resources.gpus * levels.max, on.pool),
  };
}

function pod({
  image,
  command,
  args,
  variables,
  secretVariables,
  user,
  port,
  metrics,
  ...own
}: OpenaiCompatibleSettings): PodPlan {
  const { sharedMemory } = own.resources;
  const volumes: [string, VolumePlan, MountPlan][] = [
    ...(sharedMemory === undefined
      ? []
      : [volume("shm", { kind: "memory", sizeGiB: sharedMemory }, "/dev/shm", false)]),
    ...own.scratch.map(({ path, size }, index) =>
      volume(`scratch-${index}`, { kind: "scratch", sizeGiB: size }, path, false),
    ),
    ...own.volumes.map(({ claim, path }, index) =>
      volume(`volume-${index}`, { kind: "claim", claim, readOnly: true }, path, true),
    ),
  ];
  return {
    user: { id: user.id, group: user.group ?? user.id },
    container: {
      name: "engine",
      image,
      ...(command === undefined ? {} : { command }),
      args,
      variables,
      secretVariables,
      ports: { http: port, ...(metrics?.port === undefined || metrics.port === port ? {} : { metrics: metrics.port }) },
      mounts: volumes.map(([, , mount]) => mount),
    },
    setUp: [],
    volumes: Object.fromEntries(volumes.map(([name, plan]) => [name, plan])),
  };
}

function volume(name: string, plan: VolumePlan, path: string, readOnly: boolean): [string, VolumePlan, MountPlan] {
  return [name, plan, { volume: name, path, readOnly }];
}

function whyOf(
  plan: OpenaiCompatiblePlan,
  { settings, on, levels, surge }: Decided,
  question: TimeQuestion,
  seconds: TimeBudget,
): By<Arithmetic> {
  const { resources, pod, endpoint, usdPerHour } = plan;
  const sizes = Object.entries(pod.volumes).flatMap(([name, volume]): [string, Arithmetic][] =>
    "sizeGiB" in volume ? [[`pod.volumes.${name}.sizeGiB`, setting(sizeSetting(name), volume.sizeGiB, "GiB")]] : [],
  );
  const ports = Object.entries(pod.container.ports).map(([name, port]): [string, Arithmetic] => [
    `pod.container.ports.${name}`,
    setting(name === "http" ? "port" : "metrics.port", port),
  ]);
  const flows = plan.flows.flatMap((flow, index): [string, Arithmetic][] =>
    "port" in flow ? [[`flows.${index}.port`, setting("port", flow.port)]] : [],
  );
  return {
    "resources.cpu": setting("resources.cpu", resources.cpu, "CPU"),
    "resources.memoryGiB": setting("resources.memory", resources.memoryGiB, "GiB"),
    "resources.diskGiB": setting("resources.disk", resources.diskGiB, "GiB"),
    "resources.gpus": setting("resources.gpus", resources.gpus),
    "pod.user.id": setting("user.id", pod.user.id),
    "pod.user.group": setting(settings.user.group === undefined ? "user.id" : "user.group", pod.user.group),
    "endpoint.port": setting("port", endpoint.port),
    ...(endpoint.metrics === null ? {} : { "endpoint.metrics.port": setting("metrics.port", endpoint.metrics.port) }),
    ...Object.fromEntries([...sizes, ...ports, ...flows]),
    ...prefixed("replicas", whyOfReplicas(settings, on, levels)),
    ...prefixed("rollout", explainRollout(levels.max, surge ? "certain" : "none")),
    ...prefixed("seconds", explainTime(question, seconds)),
    ...(usdPerHour === null
      ? {}
      : { usdPerHour: { ...priceOfGpus(resources.gpus, levels.max, on.pool), result: usdPerHour, unit: "$/h" } }),
  };
}

function sizeSetting(volume: string): string {
  return volume === "shm" ? "resources.sharedMemory" : `scratch.${volume.replace("scratch-", "")}.size`;
}

function whyOfReplicas(
  { replicas, capacity }: OpenaiCompatibleSettings,
  { load = null }: Decided["on"],
  levels: ReplicaLevels,
): By<Arithmetic> {
  const one = (level: keyof ReplicaLevels): Arithmetic => {
    if (replicas !== "auto") return setting("replicas", levels[level]);
    if (capacity === undefined || load === null)
      return {
        formula: "one, because no route says its load or nobody said what a pod serves",
        terms: [],
        result: levels[level],
      };
    const terms: readonly Term[] = [
      { name: "expected", value: load.requestsPerSecond, unit: "requests/s" },
      { name: "headroom", value: headroom },
      { name: "worst moment", value: load.peakRequestsPerSecond, unit: "requests/s" },
      { name: "of one pod", value: capacity, unit: "requests/s", source: "the setting `capacity`" },
    ];
    return {
      formula: "the larger of expected × (1 + headroom) and worst moment, ÷ what one pod serves, rounded up",
      terms,
      result: levels[level],
    };
  };
  return { min: one("min"), expected: one("expected"), max: one("max") };
}
