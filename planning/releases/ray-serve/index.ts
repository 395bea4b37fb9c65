import { kubeRay, rayImage, rayMetric, rayServer, rayVllmVersions } from "../../../catalog/ray";
import type { Path, RayServeSettings, VllmSettings } from "../../../environment";
import { errorAt, warningAt, type Finding } from "../../findings";
import { namespaceName, parts } from "../../names";
import type { Arithmetic, By, Flow, GpuPoolPlan, VllmPlan } from "../../plan";
import { runningShare } from "../../scaling";
import type { Chosen, Ground, Planned } from "../ground";
import { requireOperator } from "../operators";
import { ingressFlows } from "../parts";
import { loadSignals } from "../signals";
import { chooseVllm, vllmSignals } from "../vllm";
import { engineArguments } from "./engine-arguments";
import { headPod, headResources, rayParts, rayVariables, workerResources, workerVolumes } from "./pods";
import type { RayRuns, RayServePlan } from "./plan";
import { whyOfRay } from "./why";

/** Plans vLLM inside Ray Serve: the same engine on the same GPUs, started and watched by Ray in place of Kubernetes. */
export function chooseRayServe(settings: RayServeSettings, on: Ground<GpuPoolPlan>): Chosen<RayServePlan> {
  const inside: VllmSettings = { ...settings, engine: "vllm", apiKey: "generated" };
  const vllm = vllmInside(on.version);
  const image = on.image ?? `${rayImage.repository}:${on.version}`;
  // A worker that is told to stop aborts what it has: Ray's own process ends at once.
  const chosen = chooseVllm(inside, { ...on, version: vllm, image }, { drains: false });
  const found = findings(settings, on);
  return {
    release: on.release,
    planned: (surge) => rayed(chosen.planned(surge), settings, on, found),
  };
}

/** @throws RangeError for a version of Ray that the catalogue does not have */
function vllmInside(version: string): string {
  const known = Object.entries(rayVllmVersions).find(([ray]) => ray === version);
  if (known === undefined) throw new RangeError(`not in the catalogue: Ray ${version}`);
  return known[1].vllm;
}

function findings(settings: RayServeSettings, on: Ground): readonly Finding[] {
  const at: Path = ["releases", on.release];
  const image: readonly Finding[] =
    on.image === undefined
      ? [
          errorAt(
            ["images", "ray-serve"],
            "image-unknown",
            `${on.release} runs in Ray Serve, and nobody has said in which image: the catalogue has no digest of ${rayImage.repository}`,
            "Write `images: { ray-serve: registry/repository:tag@sha256:… }`, one that has Ray Serve's LLM part.",
          ),
        ]
      : [];
  const bounds = typeof settings.replicas === "object" && settings.replicas.min < settings.replicas.max;
  const api: readonly Finding[] =
    bounds && on.cluster?.apiServer === undefined
      ? [
          errorAt(
            [...at, "replicas"],
            "api-server-unknown",
            `${on.release} is scaled by Ray's own autoscaler, which no network policy lets reach the API server: nobody has said where that is`,
            `Write \`apiServer: { networks: [10.0.0.0/28], port: 6443 }\` for the cluster ${on.pool.cluster}, or one number of replicas.`,
          ),
        ]
      : [];
  return [...image, ...api, ...requireOperator(on, "kuberay", [...at, "engine"], `${on.release} runs in Ray Serve`)];
}

function rayed(
  one: Planned<VllmPlan>,
  settings: RayServeSettings,
  on: Ground,
  found: readonly Finding[],
): Planned<RayServePlan> {
  // Ray's worker waits in place of the engine: what vLLM's version cannot do is not missed.
  const others = one.findings.filter(({ id }) => id !== "engine-aborts-requests");
  if (one.plan === undefined) return { findings: [...others, ...found], why: {} };
  const plan = rayPlan(one.plan, settings, on);
  return {
    ...(one.replica === undefined ? {} : { replica: one.replica }),
    plan,
    findings: [...others, ...found, ...upgradeFindings(plan, ["releases", on.release])],
    get why(): By<Arithmetic> {
      return whyOfRay(plan, one.why);
    },
  };
}

function rayPlan(plan: VllmPlan, settings: RayServeSettings, on: Ground): RayServePlan {
  const { servePort: port, metricsPort, healthPath, metricsPath } = rayServer;
  const vllm = plan.version;
  const { container, volumes } = plan.pod;
  return {
    ...plan,
    kind: "ray-serve",
    version: on.version,
    vllm,
    runs: rayRuns(plan, settings),
    resources: workerResources(plan.resources),
    pod: {
      ...plan.pod,
      user: { id: rayServer.user, group: rayServer.group },
      container: {
        ...container,
        name: "ray-worker",
        args: [],
        variables: { ...container.variables, ...rayVariables },
        ports: { serve: port, metrics: metricsPort },
      },
      volumes: workerVolumes(volumes),
    },
    endpoint: {
      ...plan.endpoint,
      port,
      probes: { ready: healthPath, live: healthPath },
      metrics: { port: metricsPort, path: metricsPath },
      signals: loadSignals(on.environment, on.release, raySignals(vllm)),
    },
    apiKey: null,
    flows: flows(plan, settings, on),
  };
}

function raySignals(version: string): Parameters<typeof loadSignals>[2] {
  const { waiting, running, "cache-use": cacheUse } = vllmSignals(version);
  const named = <Metric extends { readonly name: string }>(metric: Metric) => ({
    ...metric,
    name: rayMetric(metric.name),
  });
  return { waiting: named(waiting), running: named(running), "cache-use": named(cacheUse) };
}

function rayRuns(plan: VllmPlan, { maxSequences }: RayServeSettings): RayRuns {
  const { replicas, seconds, weights, name, version } = plan;
  const { min, max } = replicas;
  return {
    kind: "ray-service",
    head: { resources: headResources, pod: headPod(plan.pod.container.image) },
    objectStoreGiB: rayParts.objectStoreGiB,
    serve: {
      routePrefix: "/",
      model: { id: name, source: weights.model },
      engine: engineArguments(version, plan.pod.container.args),
      replicas: { min, max },
      ongoingRequests: maxSequences,
      targetRequests: Math.max(1, Math.floor(maxSequences * runningShare)),
      shutdownSeconds: seconds.longestRequest,
    },
    autoscaled: min < max,
    // A second cluster has as many workers as the first: one more pod is room enough for one replica alone.
    upgrade: max === 1 && plan.rollout.kind === "rolling" && plan.rollout.maxSurge > 0 ? "NewCluster" : "None",
    initializingSeconds: seconds.progressDeadline,
  };
}

function flows(plan: VllmPlan, { dashboard, operatorNamespace }: RayServeSettings, on: Ground): readonly Flow[] {
  const { servePort, metricsPort, dashboardPort } = rayServer;
  const own = ingressFlows(on.environment, plan.endpoint.port).length;
  const operator = { namespace: operatorNamespace, labels: kubeRay.operatorLabels };
  const gateway = { namespace: namespaceName(on.environment, "platform"), part: parts.gateway };
  return [
    ...ingressFlows(on.environment, servePort, metricsPort),
    ...[dashboardPort, servePort].map((port): Flow => ({ direction: "ingress", from: operator, port })),
    ...(dashboard ? [{ direction: "ingress", from: gateway, port: dashboardPort } as const] : []),
    { direction: "both", with: "release" },
    ...plan.flows.slice(own),
    ...autoscalerFlow(plan, on),
  ];
}

/** The autoscaler beside the head tells the API server how many workers there should be. */
function autoscalerFlow({ replicas: { min, max } }: VllmPlan, { cluster }: Ground): readonly Flow[] {
  const api = cluster?.apiServer;
  if (min === max || api === undefined) return [];
  const reason = "Ray's autoscaler changes the number of workers";
  return [{ direction: "egress", to: "networks", networks: api.networks, port: api.port, reason }];
}

function upgradeFindings({ name, runs, replicas }: RayServePlan, at: Path): readonly Finding[] {
  if (runs.upgrade === "NewCluster") return [];
  const message = `a change of ${name} that makes other pods waits until somebody deletes its cluster: KubeRay makes a second one with ${replicas.max} ${replicas.max === 1 ? "worker" : "workers"} beside the first, and there is no proof that the pool has room for it`;
  const fix =
    "Change it blue-green: a release `like` this one, on standby. What Serve itself runs (model, lengths, batches) changes in place all the same.";
  return [warningAt(at, "ray-upgrade-waits", message, fix)];
}
