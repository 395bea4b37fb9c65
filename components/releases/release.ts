import { createHash } from "node:crypto";
import { Deployment, type DeploymentArgs } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import {
  output,
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { kubeRay } from "../../catalog/ray";
import type { GroupRuns, RayRuns, Rollout, Workload } from "../../planning";
import {
  Component,
  LeaderWorkerSet,
  labels,
  PodMonitor,
  RayService,
  ResourceClaimTemplate,
  ScaledObject,
  selectorLabels,
  transformed,
  type Identity,
  type LeaderWorkerSetArgs,
  type RayServiceArgs,
  type Pool,
  type SecretRef,
  type Transform,
} from "../base";
import { claimOf, claimTemplateSpec } from "./device-claim";
import { answeringLabels, groupSpec } from "./leader-worker-set";
import { networkRules } from "./network";
import { filesName, fileVolumes, releasePod } from "./pod";
import { Prefetch } from "./prefetch";
import { rayServiceSpec } from "./ray-serve/ray-service";
import { podMonitorSpec, scaledObjectSpec } from "./scaling";

export interface ReleaseArgs<Plan extends Workload = Workload> {
  readonly environment: string;
  readonly plan: Plan;
  readonly pool: Pool;
  readonly namespace: Input<string>;
  /** The key that the engine asks of its clients, where its plan says that it asks for one. */
  readonly apiKey?: SecretRef;
  /** Name of the PriorityClass of its pods; theirs is the cluster's default where there is none. */
  readonly priorityClass?: Input<string>;
  /** Changes to single resources, for what the plan does not decide. */
  readonly transform?: {
    readonly deployment?: Transform<DeploymentArgs>;
    readonly leaderWorkerSet?: Transform<LeaderWorkerSetArgs>;
    readonly rayService?: Transform<RayServiceArgs>;
  };
}

/** What releases are made of, whatever engine serves: the pods, the Service in front of them, and what protects both. */
export abstract class Release<Plan extends Workload = Workload> extends Component {
  /** Name of the Service in front of its pods. */
  readonly serviceName: Output<string>;
  readonly #args: ReleaseArgs<Plan>;
  readonly #identity: Identity;

  protected constructor(
    kind: `releases:${string}`,
    name: string,
    args: ReleaseArgs<Plan>,
    options?: ComponentResourceOptions,
  ) {
    super(kind, name, options);
    this.#args = args;
    const { environment, plan } = args;
    this.#identity = { environment, part: "release", instance: plan.name, version: plan.version };

    const account = this.#serviceAccount();
    const network = this.#networkPolicy();
    const files = this.#files();
    const service = this.#service();
    this.serviceName = service?.metadata.name ?? output(plan.endpoint.service);
    const pods = this.#pods([account, network, ...files, ...this.#deviceClaim(), ...this.#prefetch()]);
    this.#disruptionBudget();
    this.#monitor();
    this.#autoscaler(pods);

    this.registerOutputs({ service: this.serviceName });
  }

  #serviceAccount(): ServiceAccount {
    return new ServiceAccount(
      this.child("account"),
      { metadata: this.#metadata(), automountServiceAccountToken: false },
      this.own(),
    );
  }

  #networkPolicy(): NetworkPolicy {
    const podSelector = { matchLabels: selectorLabels(this.#identity) };
    const spec = { podSelector, ...networkRules(this.#args.plan.flows, podSelector) };
    return new NetworkPolicy(this.child("network"), { metadata: this.#metadata(), spec }, this.own());
  }

  /** What has to be in a volume before pods are replaced: until then the old ones serve. */
  #prefetch(): readonly Resource[] {
    const { environment, namespace, pool, plan } = this.#args;
    if (plan.prefetch === undefined) return [];
    const args = { environment, release: plan.name, plan: plan.prefetch, pool, namespace };
    return [new Prefetch(this.child("prefetch"), args, { parent: this }).job];
  }

  /** The texts that the program writes for the pod, one ConfigMap a volume. */
  #files(): readonly ConfigMap[] {
    const { plan } = this.#args;
    return fileVolumes(plan.pod.volumes).map(([volume, data]) => {
      const metadata = { ...this.#metadata(), name: filesName(plan.name, volume) };
      return new ConfigMap(this.child(volume), { metadata, data }, this.own());
    });
  }

  /**
   * Not awaited: Pulumi would give a Service ten minutes to find ready pods, which an engine may need longer to
   * become. The Deployment is awaited, for as long as its rollout may take.
   */
  #service(): Service | undefined {
    const { runs, endpoint } = this.#args.plan;
    // KubeRay makes it, and lets it choose the cluster that serves.
    if (runs.kind === "ray-service") return undefined;
    const { port } = endpoint;
    const ports = [{ name: "http", port, targetPort: "http", protocol: "TCP" }];
    const selector = { ...selectorLabels(this.#identity), ...answeringLabels(runs) };
    const spec = { type: "ClusterIP", selector, ports };
    const metadata = { ...this.#metadata(), annotations: { "pulumi.com/skipAwait": "true" } };
    return new Service(this.child("service"), { metadata, spec }, this.own());
  }

  /** Pods start with their network policy in place, and Pulumi waits as long as the whole rollout may take. */
  #pods(dependsOn: Resource[]): Resource {
    const { plan } = this.#args;
    const timeout = `${plan.seconds.rolloutTimeout}s`;
    const options = this.own({
      dependsOn,
      customTimeouts: { create: timeout, update: timeout },
      // How many there are is the autoscaler's: an update would set it back.
      ...(plan.scaling === undefined ? {} : { ignoreChanges: ["spec.replicas"] }),
    });
    switch (plan.runs.kind) {
      case "deployment":
        return this.#deployment(options);
      case "leader-worker-set":
        return this.#leaderWorkerSet(plan.runs, options);
      case "ray-service":
        return this.#rayService(plan.runs, options);
    }
  }

  /** Pulumi knows no such kind: the annotation says what it waits for, all groups with all their pods. */
  #leaderWorkerSet(runs: GroupRuns, options: CustomResourceOptions): LeaderWorkerSet {
    const { plan, transform } = this.#args;
    const { metadata, wiring } = this.#podParts();
    const args: LeaderWorkerSetArgs = {
      metadata: { ...this.#metadata(), annotations: { "pulumi.com/waitFor": "condition=Available" } },
      spec: groupSpec(plan, runs, metadata, wiring),
    };
    return new LeaderWorkerSet(this.child("group"), transformed(args, transform?.leaderWorkerSet), options);
  }

  /** Pulumi knows no such kind: it waits until Serve answers on the cluster that KubeRay made. */
  #rayService(runs: RayRuns, options: CustomResourceOptions): RayService {
    const { plan, transform } = this.#args;
    const { metadata, wiring } = this.#podParts();
    const annotations = {
      "pulumi.com/waitFor": "condition=Ready",
      [kubeRay.initializingTimeoutAnnotation]: `${runs.initializingSeconds}s`,
    };
    const args: RayServiceArgs = {
      metadata: { ...this.#metadata(), annotations },
      spec: rayServiceSpec(plan, runs, metadata, wiring),
    };
    return new RayService(this.child("ray"), transformed(args, transform?.rayService), options);
  }

  #deployment(options: CustomResourceOptions): Deployment {
    const { plan, transform } = this.#args;
    const { metadata, wiring } = this.#podParts();
    const spec = {
      replicas: plan.replicas.min,
      strategy: deploymentStrategy(plan.rollout),
      progressDeadlineSeconds: plan.seconds.progressDeadline,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(this.#identity) },
      template: { metadata, spec: releasePod(plan, wiring) },
    };
    return new Deployment(
      this.child("deployment"),
      transformed({ metadata: this.#metadata(), spec }, transform?.deployment),
      options,
    );
  }

  /** Pods do not see that a file changed: the digest of all of them makes new pods. */
  #podParts() {
    const { plan, pool, apiKey, priorityClass } = this.#args;
    const files = fileVolumes(plan.pod.volumes);
    const digest = createHash("sha256").update(JSON.stringify(files)).digest("hex");
    const annotations = files.length === 0 ? {} : { annotations: { "modelyard.dev/files": digest } };
    return {
      metadata: { labels: labels(this.#identity), ...annotations },
      wiring: { placement: pool.placement, identity: this.#identity, apiKey, priorityClass },
    };
  }

  /**
   * One pod at a time, and so one replica at a time even where a replica is several pods: without one of them the others
   * are not ready either, and while they are not no other pod may be evicted but they.
   */
  #disruptionBudget(): PodDisruptionBudget {
    const selector = { matchLabels: selectorLabels(this.#identity) };
    const spec = { ...allButOne(this.#args.plan), unhealthyPodEvictionPolicy: "AlwaysAllow", selector };
    return new PodDisruptionBudget(this.child("disruption"), { metadata: this.#metadata(), spec }, this.own());
  }

  /** The devices that every pod claims, where they are not counted. */
  #deviceClaim(): readonly Resource[] {
    const { plan, pool } = this.#args;
    const claim = claimOf(pool.placement, plan.resources.gpus);
    if (claim === undefined) return [];
    const spec = claimTemplateSpec(claim, plan.resources.gpus);
    return [new ResourceClaimTemplate(this.child("devices"), { metadata: this.#metadata(), spec }, this.own())];
  }

  #monitor(): void {
    const { monitor, runs } = this.#args.plan;
    if (monitor === undefined) return;
    const metadata = { ...this.#metadata(), labels: { ...monitor.labels, ...labels(this.#identity) } };
    const spec = podMonitorSpec(monitor, { ...selectorLabels(this.#identity), ...answeringLabels(runs) });
    new PodMonitor(this.child("monitor"), { metadata, spec }, this.own());
  }

  /** Only once the pods are there: until then there is nothing to move. */
  #autoscaler(target: Resource): void {
    const { plan } = this.#args;
    if (plan.scaling === undefined) return;
    const spec = scaledObjectSpec(plan, plan.scaling);
    const options = this.own({ dependsOn: [target] });
    new ScaledObject(this.child("scaling"), { metadata: this.#metadata(), spec }, options);
  }

  #metadata() {
    return { name: this.#args.plan.name, namespace: this.#args.namespace, labels: labels(this.#identity) };
  }
}

/**
 * Of pods whose owner has no scale, as a RayCluster, Kubernetes counts only how many have to stay, and evicts none of
 * them by any other rule: the head and the fewest workers but one.
 */
function allButOne({ runs, replicas }: Workload) {
  return runs.kind === "ray-service" ? { minAvailable: replicas.min } : { maxUnavailable: 1 };
}

function deploymentStrategy(rollout: Rollout) {
  if (rollout.kind === "recreate") return { type: "Recreate" };
  return {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: rollout.maxSurge, maxUnavailable: rollout.maxUnavailable },
  };
}
