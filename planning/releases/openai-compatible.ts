import type { OpenaiCompatibleSettings, Path } from "../../environment";
import { podsUsdPerHour, priceOfPods } from "../cost";
import type { Finding } from "../findings";
import type { Arithmetic, By, MountPlan, OpenaiCompatiblePlan, PodPlan, PodResources, VolumePlan } from "../plan";
import { explainRollout, rolloutFor, type ReplicaLevels } from "../room";
import { explainTime, planTime, timeFindings, type TimeBudget, type TimeQuestion } from "../time";
import { prefixed, setting } from "../why";
import { sizeByCapacity } from "./declared-capacity";
import type { Chosen, Ground, Planned } from "./ground";
import { apiKeyOf, dnsFlow, ingressFlows, machineStart } from "./parts";
import { loadSignals } from "./signals";

const onePod = "one pod of this container";

/** A container that we do not know: its settings decide, and what follows from them is checked like any other's. */
export function chooseOpenaiCompatible(
  settings: OpenaiCompatibleSettings,
  on: Omit<Ground, "version" | "image">,
): Chosen<OpenaiCompatiblePlan> {
  const at: Path = ["releases", on.release];
  const { levels, findings: found } = sizeByCapacity(settings, on.load ?? null, at, onePod);
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
    node: machineStart(pool),
    engine: { kind: "declared", drains },
    measuredLoad: { value: 0, source },
    measuredEngineStart: { value: start, source },
    longestRequest,
    replicas: max,
    rollout: rolloutFor(max, surge),
  };
}

function assemble({ settings, on, levels, surge }: Decided, seconds: TimeBudget): OpenaiCompatiblePlan {
  const { port, probes, metrics, apiKey } = settings;
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
    resources: podResources(settings),
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
    usdPerHour: podsUsdPerHour(podResources(settings), levels.max, on.pool),
  };
}

function podResources({ resources: { cpu, memory, disk, gpus } }: OpenaiCompatibleSettings): PodResources {
  return { cpu, memoryGiB: memory, diskGiB: disk, gpus };
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
    ...prefixed("replicas", sizeByCapacity(settings, on.load ?? null, ["releases", on.release], onePod).why),
    ...prefixed("rollout", explainRollout(levels.max, surge ? "certain" : "none")),
    ...prefixed("seconds", explainTime(question, seconds)),
    ...(usdPerHour === null
      ? {}
      : { usdPerHour: { ...priceOfPods(resources, levels.max, on.pool), result: usdPerHour, unit: "$/h" } }),
  };
}

function sizeSetting(volume: string): string {
  return volume === "shm" ? "resources.sharedMemory" : `scratch.${volume.replace("scratch-", "")}.size`;
}
